"""Offering numbers of the pool: which may be, to one link at a time, whoever asks at once."""

from __future__ import annotations

import datetime
import itertools
import threading
from collections.abc import Callable

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connections
from django.utils import timezone

from clients import links
from clients.choices import Role
from clients.models import Client, SignupLink, User
from phones.choices import CODE_VERIFICATION_STATUS, ActionKind
from phones.models import Action, PreverifiedNumber
from phones.pool import reserve as reserving
from phones.pool.clocks import VALIDITY, is_verified
from phones.pool.facts import facts_of
from phones.pool.reserve import NotAvailableError
from tests.factories import make_client, make_person
from tests.phones.pool.pooling import make_link, make_row

DAY = datetime.timedelta(days=1)


@pytest.fixture
def link(alices_client: Client, administrator: User) -> SignupLink:
    return links.make_signup_link(client=alices_client, actor=administrator)


def notes(row: PreverifiedNumber) -> list[str]:
    """What is written down of its reservations, newest first."""
    of_pool = LogEntry.objects.filter(content_type__model="preverifiednumber", object_id=str(row.pk))
    return [note.change_message for note in of_pool.order_by("-pk")]


def test_verified_free_numbers_of_the_pool_are_available(db: None) -> None:
    now = timezone.now()
    good = [
        make_row(),
        make_row(verification_expiry_time=now + DAY),
        make_row(verification_expiry_time=None),
        make_row(verification_expiry_time=None, code_verification_time=None),
    ]
    make_row(code_verification_status="NOT_VERIFIED")
    make_row(code_verification_status="EXPIRED")
    make_row(code_verification_status=None)
    make_row(verification_expiry_time=now - DAY)
    make_row(verification_expiry_time=None, code_verification_time=now - 91 * DAY)
    make_row(missing_since=now)
    make_row(deleted_at=now)
    make_row(claimed_at=now)

    assert list(reserving.available()) == good


def test_what_is_available_is_what_the_clocks_call_verified(db: None) -> None:
    now = timezone.now()
    moments = [None, *(now + span for length in (DAY * 0, VALIDITY) for span in (-length - DAY, DAY - length))]
    words = [*CODE_VERIFICATION_STATUS, None, "SOMETHING_NEW"]
    rows = [
        make_row(code_verification_status=word, code_verification_time=verified_at, verification_expiry_time=expires_at)
        for word, verified_at, expires_at in itertools.product(words, moments, moments)
    ]
    verified = [row for row in rows if is_verified(facts_of(row), now=timezone.now())]
    assert list(reserving.available()) == verified
    assert 0 < len(verified) < len(rows)


def test_a_number_that_is_about_to_be_deleted_is_not_available(db: None) -> None:
    row = make_row()
    Action.objects.create(preverified_number=row, kind=ActionKind.DELETE, created_at=timezone.now())
    assert not reserving.available().exists()


def test_a_reserved_number_is_offered_by_its_link_and_to_no_other(link: SignupLink, administrator: User) -> None:
    row = make_row()
    reserving.reserve(number=row, link=link)

    assert row.reserved_for == link
    assert reserving.offered_by(link) == row
    assert not reserving.available().exists()
    other = make_link(make_client(), administrator)
    with pytest.raises(NotAvailableError, match="offered to a client already"):
        reserving.reserve(number=row, link=other)
    assert reserving.offered_by(other) is None
    assert notes(row) == [f"Reserved for signup link {link.pk}."]


def test_a_link_offers_one_number(link: SignupLink) -> None:
    reserving.reserve(number=make_row(), link=link)
    with pytest.raises(NotAvailableError, match="offers a number already"):
        reserving.reserve(number=make_row(), link=link)


def test_a_closed_link_gets_no_number(link: SignupLink, administrator: User) -> None:
    links.revoke(link=link, actor=administrator)
    with pytest.raises(NotAvailableError, match="closed"):
        reserving.reserve(number=make_row(), link=link)


def test_a_lapsed_number_is_no_longer_offered_by_its_link(link: SignupLink) -> None:
    row = make_row(verification_expiry_time=timezone.now() + DAY)
    reserving.reserve(number=row, link=link)
    with time_machine.travel(timezone.now() + 2 * DAY):
        assert reserving.offered_by(link) is None


def test_a_freed_number_is_available_again(link: SignupLink, administrator: User) -> None:
    row = make_row()
    reserving.reserve(number=row, link=link)
    reserving.release(number=row, actor=administrator)
    reserving.release(number=row, actor=administrator)
    assert row.reserved_for is None
    assert list(reserving.available()) == [row]
    assert reserving.offered_by(link) is None
    assert notes(row) == ["Freed from its signup link.", f"Reserved for signup link {link.pk}."]


def test_a_link_is_made_with_its_number_or_not_at_all(alices_client: Client, administrator: User) -> None:
    row = make_row()
    made = reserving.make_link(client=alices_client, actor=administrator, number=row)
    assert reserving.offered_by(made) == row
    with pytest.raises(NotAvailableError):
        reserving.make_link(client=alices_client, actor=administrator, number=row)
    assert SignupLink.objects.get() == made


def test_revoking_a_link_frees_its_number_at_the_next_tick(link: SignupLink, administrator: User) -> None:
    row = make_row()
    reserving.reserve(number=row, link=link)
    assert reserving.release_closed() == 0
    links.revoke(link=link, actor=administrator)
    assert reserving.release_closed() == 1
    assert list(reserving.available()) == [row]


def at_once(*tasks: Callable[[], None]) -> list[str]:
    """Run all at the same moment; the names of the errors they raised."""
    start, errors = threading.Barrier(len(tasks)), []

    def run(task: Callable[[], None]) -> None:
        start.wait(10)
        try:
            task()
        except NotAvailableError as error:
            errors.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[task]) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return errors


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_one_number_at_once_one_gets_it() -> None:
    actor = make_person("tess", Role.TEAM_LEAD)
    row = make_row()
    wanting = [links.make_signup_link(client=make_client(), actor=actor) for _ in range(5)]

    def wants(link: SignupLink) -> Callable[[], None]:
        return lambda: reserving.reserve(number=PreverifiedNumber.objects.get(pk=row.pk), link=link)

    errors = at_once(*map(wants, wanting))

    row.refresh_from_db()
    assert row.reserved_for in wanting
    assert errors == ["NotAvailableError"] * 4
    assert [reserving.offered_by(link) for link in wanting].count(row) == 1
