"""Tokens of the HTTP API: who gets which, what they open, and when they end."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import Settings

from clients import api_tokens, roles
from clients.api_tokens import NotIssuedError
from clients.choices import Act, Role, TokenScope
from clients.clients import merge_clients
from clients.models import ApiToken, AuditEntry, Client, User, Waba
from clients.people import change_person
from phones.models import PhoneNumber
from portal.logs import redact
from tests.phones.api.asking import Program

pytestmark = pytest.mark.django_db


def test_of_a_token_only_a_digest_is_stored_and_no_log_shows_it(account_manager: User) -> None:
    program = Program(account_manager)

    kept = ApiToken.objects.values().get()
    assert program.secret not in str(kept)
    assert kept["digest"] == hashlib.sha256(program.secret.encode()).hexdigest()
    assert program.secret.startswith(kept["prefix"])
    assert len(program.secret) >= 40
    assert program.secret not in str(list(AuditEntry.objects.values()))
    assert program.secret not in redact(f"asked with {program.secret} just now")


def test_a_token_ends_when_it_expires_is_revoked_or_its_person_leaves(account_manager: User, team_lead: User) -> None:
    expiring, revoked, left = (Program(account_manager) for _ in range(3))
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert expiring.get("pool").status_code == 401
    api_tokens.revoke(revoked.token, actor=account_manager)
    assert revoked.get("pool").status_code == 401
    assert left.get("pool").status_code == 200

    change_person(account_manager, role=Role.ACCOUNT_MANAGER, is_active=False, actor=team_lead)
    assert left.get("pool").status_code == 401
    account_manager.refresh_from_db()
    change_person(account_manager, role=Role.ACCOUNT_MANAGER, is_active=True, actor=team_lead)
    assert left.get("pool").status_code == 401
    assert not ApiToken.objects.live().exists()
    lines = [entry.what for entry in AuditEntry.objects.filter(what__startswith="Revoked the API token")]
    assert len(lines) == 3


def test_what_a_person_loses_their_token_loses_with_the_next_request(
    account_manager: User, other_manager: User, alices_client: Client, alices_number: PhoneNumber
) -> None:
    program = Program(account_manager, TokenScope.WORK)
    assert program.told("numbers", "phone_number_id") == [alices_number.phone_number_id]
    Client.objects.filter(pk=alices_client.pk).update(owner=other_manager)
    assert program.told("numbers", "phone_number_id") == []

    account_manager.groups.clear()
    assert program.get("numbers").status_code == 403


def test_a_token_leaves_a_person_no_more_than_its_scope(
    administrator: User, alices_client: Client, foreign_client: Client
) -> None:
    def acts_of(program: Program) -> set[Act]:
        bearer = api_tokens.opened(program.secret)
        assert bearer is not None
        return {act for act in Act if roles.may(bearer.person, act)}

    reads = {Act.SEE_CLIENTS, Act.SEE_EVERY_CLIENT}
    assert acts_of(Program(administrator)) == reads
    works = {*reads, Act.WORK_ON_CLIENTS, Act.RUN_THE_DESK, Act.MANAGE_THE_POOL}
    assert acts_of(Program(administrator, TokenScope.WORK_ALL)) == works
    assert acts_of(Program(administrator, TokenScope.WORK, alices_client)) == {Act.SEE_CLIENTS, Act.WORK_ON_CLIENTS}


def test_of_a_persons_narrowed_token_only_what_both_see_is_left(
    account_manager: User, alices_client: Client, alices_waba: Waba, foreign_client: Client, foreign_waba: Waba
) -> None:
    program = Program(account_manager, TokenScope.READ, alices_client)
    program.token.narrowed_to.create(client=foreign_client)

    assert program.told("wabas", "waba_id") == [alices_waba.waba_id]


def test_a_token_of_a_client_that_is_merged_sees_the_one_that_stays(
    administrator: User, alices_client: Client, foreign_client: Client, foreign_waba: Waba
) -> None:
    program = Program(administrator, TokenScope.READ, alices_client)
    merge_clients(keep=foreign_client, absorb=[alices_client], actor=administrator)

    assert program.told("clients", "id") == [foreign_client.pk]


def test_who_may_not_have_a_token_gets_none(viewer: User, stranger: User, team_lead: User, administrator: User) -> None:
    service = api_tokens.make_service(name="erp", role=Role.AUDITOR, actor=administrator)
    for person, actor, scope, days in (
        (viewer, team_lead, TokenScope.READ, 30),
        (service, team_lead, TokenScope.READ, 30),
        (service, administrator, TokenScope.WORK, 30),
        (stranger, stranger, TokenScope.READ, 30),
        (viewer, viewer, TokenScope.WORK, 30),
        (viewer, viewer, TokenScope.READ, 367),
    ):
        with pytest.raises(NotIssuedError):
            api_tokens.issue(person=person, actor=actor, name="No", scope=scope, days=days)
    ApiToken.objects.all().delete()
    for _ in range(api_tokens.MOST_OF_ONE):
        Program(viewer)
    with pytest.raises(NotIssuedError):
        Program(viewer)


def test_of_two_services_of_one_name_that_are_made_at_once_one_is(
    administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    api_tokens.make_service(name="erp", role=Role.AUDITOR, actor=administrator)
    with pytest.raises(NotIssuedError):
        api_tokens.make_service(name="ERP", role=Role.AUDITOR, actor=administrator)
    monkeypatch.setattr(QuerySet, "exists", lambda _self: False)  # not there yet when it was looked for
    with pytest.raises(NotIssuedError):
        api_tokens.make_service(name="erp", role=Role.AUDITOR, actor=administrator)


def test_only_administrators_give_a_token_more_requests_than_is_usual(
    team_lead: User, administrator: User, settings: Settings
) -> None:
    settings.API_REQUESTS_A_MINUTE = 300
    with pytest.raises(NotIssuedError, match="More than 300 requests a minute are for administrators to give"):
        Program(team_lead, requests_a_minute=301)
    assert Program(team_lead, requests_a_minute=300).token.requests_a_minute == 300
    assert Program(administrator, requests_a_minute=301).token.requests_a_minute == 301


def test_a_service_has_tokens_and_can_not_sign_in(administrator: User, foreign_number: PhoneNumber) -> None:
    service = api_tokens.make_service(name="erp", role=Role.AUDITOR, actor=administrator)
    given = {"name": "ERP", "scope": TokenScope.READ, "days": 30}
    _, secret = api_tokens.issue(person=service, actor=administrator, **given)  # type: ignore[arg-type] # of several types

    bearer = api_tokens.opened(secret)
    assert bearer is not None
    assert list(PhoneNumber.objects.visible_to(bearer.person)) == [foreign_number]
    assert not service.has_usable_password()
    from clients.passwords.backend import CountedPasswords

    assert CountedPasswords().get_user(service.pk) is None


def test_whose_role_needs_a_second_factor_and_has_none_has_no_working_token(
    account_manager: User, settings: Settings
) -> None:
    program = Program(account_manager)
    assert program.get("pool").status_code == 200
    settings.MFA_REQUIRED_ROLES = [Role.ACCOUNT_MANAGER.value]

    assert program.get("pool").status_code == 401
