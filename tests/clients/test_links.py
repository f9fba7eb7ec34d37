"""Links that clients open: their secret, their end, and who made and revoked them."""

import datetime
import re

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from clients import links
from clients.choices import AttemptState, LinkState
from clients.models import Client, SignupAttempt, SignupLink, StatusLink, User
from portal.crypto import SecretUnreadableError
from tests.factories import make_client, make_signup_link

pytestmark = pytest.mark.django_db


def test_a_signup_link_is_open_for_thirty_days_and_tells_who_made_it(
    account_manager: User, alices_client: Client
) -> None:
    before = timezone.now()

    link = links.make_signup_link(client=alices_client, actor=account_manager, display_name="  Alpha   Bakery ")

    assert link.state == LinkState.OPEN
    assert link.expires_at - before >= datetime.timedelta(days=30)
    assert (link.client, link.created_by, link.display_name) == (alices_client, account_manager, "Alpha Bakery")
    assert LogEntry.objects.get().user == account_manager
    links.insist_open(link)


def test_a_signup_link_comes_with_an_attempt_that_says_sent(account_manager: User, alices_client: Client) -> None:
    link = links.make_signup_link(client=alices_client, actor=account_manager)

    attempt = SignupAttempt.objects.get()
    assert (attempt.link, attempt.state, attempt.browser_digest) == (link, AttemptState.SENT, "")


def test_a_display_name_that_is_too_long_makes_no_link(account_manager: User, alices_client: Client) -> None:
    with pytest.raises(links.DisplayNameTooLongError, match="100"):
        links.make_signup_link(client=alices_client, actor=account_manager, display_name="x" * 101)

    assert not SignupLink.objects.exists()


def test_every_link_has_a_secret_of_its_own_that_is_stored_nowhere_as_it_is(
    account_manager: User, alices_client: Client
) -> None:
    first = links.make_status_link(client=alices_client, actor=account_manager)
    second = links.make_status_link(client=alices_client, actor=account_manager)

    secret = links.token_of(first)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", secret)
    assert secret != links.token_of(second)
    stored = StatusLink.objects.filter(pk=first.pk).values().get()
    assert secret not in str(stored)
    assert secret not in f"{first!r} {first} {first.__dict__}"


def test_a_secret_does_not_open_for_another_row() -> None:
    first, second = make_signup_link(), make_signup_link()
    second.token_sealed = first.token_sealed

    with pytest.raises(SecretUnreadableError):
        links.token_of(second)


def test_a_link_is_found_by_its_secret_and_by_nothing_else(account_manager: User) -> None:
    link = links.make_signup_link(client=make_client(), actor=account_manager)
    secret = links.token_of(link)

    assert links.find(SignupLink, secret) == link
    assert links.find(StatusLink, secret) is None
    for other in ("", secret[:-1], secret + "=", secret.swapcase(), link.token_digest, "\0", "\ud800", "%", "ü" * 9999):
        assert links.find(SignupLink, other) is None


def test_a_link_that_has_expired_says_so(account_manager: User) -> None:
    link = links.make_status_link(client=make_client(), actor=account_manager, lifetime=datetime.timedelta(hours=1))

    with time_machine.travel(timezone.now() + datetime.timedelta(hours=1)), pytest.raises(links.LinkClosedError) as end:
        links.insist_open(link)

    assert end.value.state == LinkState.EXPIRED
    assert "expired" in str(end.value)


def test_a_revoked_link_is_closed_at_once_and_the_record_tells_by_whom(
    account_manager: User, covering_manager: User
) -> None:
    link = links.make_signup_link(client=make_client(), actor=account_manager)

    links.revoke(link=link, actor=covering_manager)
    links.revoke(link=SignupLink.objects.get(), actor=account_manager)

    with pytest.raises(links.LinkClosedError) as end:
        links.insist_open(SignupLink.objects.get())
    assert end.value.state == LinkState.REVOKED
    assert [entry.user for entry in LogEntry.objects.filter(change_message="Revoked.")] == [covering_manager]


def test_revoking_a_link_again_keeps_the_time_of_the_first(account_manager: User) -> None:
    link = make_signup_link()
    links.revoke(link=link, actor=account_manager)
    first = SignupLink.objects.get().revoked_at

    links.revoke(link=make_signup_link(), actor=account_manager)
    links.revoke(link=link, actor=account_manager)

    assert SignupLink.objects.get(pk=link.pk).revoked_at == first


def test_opening_is_noted_without_touching_the_rest() -> None:
    link = make_signup_link()
    SignupLink.objects.update(revoked_at=timezone.now())

    links.note_opened(link)

    stored = SignupLink.objects.get()
    assert stored.opened_at is not None
    assert stored.revoked_at is not None
