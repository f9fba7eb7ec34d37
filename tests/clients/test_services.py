"""What people change about clients, WABAs and credentials, and that it is recorded."""

import uuid
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from clients import links, services
from clients.choices import CredentialKind, CredentialState
from clients.models import Client, Credential, Portfolio, SyncFailure, SyncRun, User, Waba
from phones.models import Onboarding
from tests.factories import TOKEN, make_client, make_credential, make_person, make_portfolio, make_waba

pytestmark = pytest.mark.django_db

NEW_TOKEN = "EAAnewtokennewtokennewtoken9999"


def audited(row: Client | Waba | Credential) -> list[str]:
    """What the admin log says of `row`, the oldest first."""
    entries = LogEntry.objects.filter(content_type__model=row._meta.model_name, object_id=row.pk)
    return [entry.change_message for entry in entries.order_by("pk")]


# --- Clients ----------------------------------------------------------------------------------------------------------


def test_assigning_changes_owner_and_cover_and_says_who_did_it(
    administrator: User, account_manager: User, covering_manager: User
) -> None:
    client = make_client()

    services.assign(client=client, owner=account_manager, cover=covering_manager, actor=administrator)

    client.refresh_from_db()
    assert (client.owner, client.cover) == (account_manager, covering_manager)
    assert audited(client) == ["Owner: nobody → alice. Cover: nobody → carol."]
    assert LogEntry.objects.get().user == administrator


def test_assigning_the_same_people_again_records_nothing(administrator: User, alices_client: Client) -> None:
    services.assign(client=alices_client, owner=alices_client.owner, cover=alices_client.cover, actor=administrator)

    assert audited(alices_client) == []


def test_a_client_can_be_taken_from_everyone(administrator: User, alices_client: Client) -> None:
    services.assign(client=alices_client, owner=None, cover=None, actor=administrator)

    assert list(Client.objects.unassigned()) == [alices_client]


def test_only_people_with_a_role_are_assigned(administrator: User, stranger: User) -> None:
    client = make_client()

    with pytest.raises(services.NotAssignableError, match="sam has no role"):
        services.assign(client=client, owner=stranger, cover=None, actor=administrator)

    client.refresh_from_db()
    assert client.owner is None


def test_nobody_covers_for_themselves(administrator: User, account_manager: User) -> None:
    with pytest.raises(services.NotAssignableError):
        services.assign(client=make_client(), owner=account_manager, cover=account_manager, actor=administrator)


def test_an_owner_who_lost_their_role_does_not_stand_in_the_way_of_a_new_cover(
    administrator: User, alices_client: Client, other_manager: User
) -> None:
    owner = alices_client.owner
    assert owner is not None
    owner.groups.clear()

    services.assign(client=alices_client, owner=User.objects.get(pk=owner.pk), cover=other_manager, actor=administrator)

    alices_client.refresh_from_db()
    assert alices_client.cover == other_manager


def test_renaming_tidies_blanks_and_records_both_names(administrator: User) -> None:
    client = make_client("Old")

    services.rename_client(client=client, name="  New \n name ", actor=administrator)

    client.refresh_from_db()
    assert client.name == "New name"
    assert audited(client) == ["Name: Old → New name."]


@pytest.mark.parametrize("name", ["", "  ", "x" * 513])
def test_a_client_keeps_its_name_when_the_new_one_is_empty_or_too_long(name: str) -> None:
    client = make_client("Old")

    with pytest.raises(services.NameNotUsableError):
        services.rename_client(client=client, name=name, actor=None)

    client.refresh_from_db()
    assert client.name == "Old"


def test_merging_moves_wabas_portfolios_and_runs_and_deletes_the_emptied_clients(administrator: User) -> None:
    keep, other, third = make_client("Keep"), make_client("Other"), make_client("Third")
    waba, portfolio = make_waba(other, waba_id="77"), make_portfolio(third, "88")
    run = SyncRun.objects.create(scope="client", trigger="person", client=other)

    services.merge_clients(keep=keep, absorb=[other, third], actor=administrator)

    for row in (waba, portfolio, run):
        row.refresh_from_db()
        assert row.client == keep
    assert list(Client.objects.all()) == [keep]
    assert audited(keep) == [
        f"Took over Other ({other.pk}) with WABAs 77; portfolios none.",
        f"Took over Third ({third.pk}) with WABAs none; portfolios 88.",
    ]
    assert LogEntry.objects.filter(action_flag=DELETION).count() == 2


def test_a_merged_client_keeps_its_own_owner(alices_client: Client, foreign_client: Client) -> None:
    services.merge_clients(keep=alices_client, absorb=[foreign_client], actor=None)

    alices_client.refresh_from_db()
    assert alices_client.owner is not None
    assert alices_client.owner.username == "alice"


def test_a_client_is_not_merged_with_itself_or_with_nothing() -> None:
    client = make_client()
    for absorb in ([], [client]):
        with pytest.raises(services.MergeError):
            services.merge_clients(keep=client, absorb=absorb, actor=None)
    assert Client.objects.filter(pk=client.pk).exists()


def test_a_merge_with_a_client_that_is_gone_changes_nothing() -> None:
    keep, there, gone = make_client(), make_client(), make_client()
    waba = make_waba(there)
    Client.objects.filter(pk=gone.pk).delete()

    with pytest.raises(services.MergeError):
        services.merge_clients(keep=keep, absorb=[there, gone], actor=None)

    waba.refresh_from_db()
    assert waba.client == there


def test_a_moved_waba_leaves_its_portfolio_where_it_is(administrator: User) -> None:
    before, after = make_client("Before"), make_client("After")
    waba, portfolio = make_waba(before), make_portfolio(before)

    services.move_waba(waba=waba, to=after, actor=administrator)

    waba.refresh_from_db()
    portfolio.refresh_from_db()
    assert (waba.client, portfolio.client) == (after, before)
    assert audited(waba) == ["Client: Before → After."]


def test_what_the_command_line_does_has_no_person_in_the_admin_log() -> None:
    services.rename_client(client=make_client(), name="New", actor=None)

    assert not LogEntry.objects.exists()


# --- Credentials ------------------------------------------------------------------------------------------------------


def test_a_new_token_is_stored_encrypted_and_counts_as_untried(administrator: User) -> None:
    failure = SyncFailure.objects.create(kind="token_dead", at=timezone.now())
    credential = make_credential(
        state=CredentialState.DEAD, last_failure=failure, not_before=timezone.now(), failures_in_a_row=4
    )
    before = timezone.now()

    services.store_credential_token(credential=credential, token=f" {NEW_TOKEN}\n", actor=administrator)

    credential.refresh_from_db()
    assert credential.open_token() == NEW_TOKEN
    assert NEW_TOKEN not in credential.token_sealed
    assert credential.token_last_four == "9999"
    assert credential.state == CredentialState.UNTRIED
    assert credential.last_failure is None
    assert credential.not_before is None
    assert credential.failures_in_a_row == 0
    assert credential.next_sync_at >= before
    assert audited(credential) == ["Stored a new token (…9999)."]


def test_a_worker_that_still_acts_with_the_old_token_loses_its_hold(administrator: User) -> None:
    credential = make_credential(lease_token=uuid.uuid4(), lease_until=timezone.now())

    services.store_credential_token(credential=credential, token=NEW_TOKEN, actor=administrator)

    credential.refresh_from_db()
    assert (credential.lease_token, credential.lease_until) == (None, None)


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "ünlaut-token", "x" * 5000, "null\0byte"])
def test_what_cannot_be_a_token_is_refused_without_repeating_it(token: str) -> None:
    credential = make_credential()

    with pytest.raises(services.TokenNotUsableError) as refusal:
        services.store_credential_token(credential=credential, token=token, actor=None)

    assert not token.strip() or token not in str(refusal.value)
    credential.refresh_from_db()
    assert credential.open_token() == TOKEN


# --- The environment's credential -------------------------------------------------------------------------------------


@pytest.fixture
def environment(settings: Settings) -> Settings:
    settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN = "123456", TOKEN
    return settings


def test_the_environments_token_becomes_a_credential(environment: Settings) -> None:
    credential = services.environment_credential()

    assert credential is not None
    credential.refresh_from_db()
    assert credential.open_token() == TOKEN
    assert credential.business_id == "123456"
    assert credential.kind == CredentialKind.SYSTEM_USER
    assert credential.label == "System user (environment)"
    assert credential.from_environment


def test_an_unchanged_environment_writes_nothing(
    environment: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = services.environment_credential()

    with django_assert_num_queries(1):
        second = services.environment_credential()

    assert first is not None
    assert second is not None
    assert first.token_sealed == second.token_sealed


def test_a_changed_token_replaces_the_old_one_and_is_untried(environment: Settings) -> None:
    services.environment_credential()
    Credential.objects.update(state=CredentialState.DEAD)
    environment.META_SYSTEM_USER_TOKEN = NEW_TOKEN

    services.environment_credential()

    credential = Credential.objects.get()
    assert credential.open_token() == NEW_TOKEN
    assert credential.state == CredentialState.UNTRIED


def test_a_changed_business_is_listed_from_now_on(environment: Settings) -> None:
    services.environment_credential()
    environment.META_BUSINESS_ID = "654321"

    services.environment_credential()

    assert Credential.objects.get().business_id == "654321"


def test_a_token_that_can_no_longer_be_read_is_stored_anew(environment: Settings) -> None:
    services.environment_credential()
    environment.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    services.environment_credential()

    assert Credential.objects.get().open_token() == TOKEN


@pytest.mark.parametrize(("business_id", "token"), [("", ""), ("123456", ""), ("", TOKEN)])
def test_without_both_settings_there_is_no_credential_and_a_stored_one_stays(
    environment: Settings, business_id: str, token: str
) -> None:
    services.environment_credential()
    environment.META_BUSINESS_ID, environment.META_SYSTEM_USER_TOKEN = business_id, token

    assert services.environment_credential() is None
    assert Credential.objects.get().open_token() == TOKEN


def test_a_process_that_comes_second_takes_the_credential_that_the_first_one_made(
    environment: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_save = Credential.save
    made_by_the_first: list[Credential] = []

    def save(self: Credential, *args: Any, **kwargs: Any) -> None:
        """The first process is done just when the second one, having found no row, wants to save its own."""
        if not made_by_the_first:
            made_by_the_first.append(self)
            raise IntegrityError
        real_save(self, *args, **kwargs)

    monkeypatch.setattr(Credential, "save", save)

    assert services.environment_credential() == Credential.objects.get()


def test_there_is_never_a_second_credential_from_the_environment() -> None:
    make_credential(from_environment=True)

    with pytest.raises(IntegrityError):
        make_credential(from_environment=True)


# --- People who use it ------------------------------------------------------------------------------------------------


def test_the_admin_log_keeps_what_was_done_to_a_row_that_is_gone() -> None:
    actor = make_person("ada")
    keep, gone = make_client("Keep"), make_client("Gone")

    services.merge_clients(keep=keep, absorb=[gone], actor=actor)

    flags = set(LogEntry.objects.values_list("object_repr", "action_flag"))
    assert flags == {("Gone", DELETION), ("Keep", CHANGE)}
    assert not Portfolio.objects.exists()


def test_a_merge_loses_no_link_and_no_onboarding_and_revokes_status_links(administrator: User) -> None:
    keep, other = make_client(), make_client()
    link = links.make_signup_link(client=other, actor=administrator)
    status = links.make_status_link(client=other, actor=administrator)
    onboarding = Onboarding.objects.create(client=other, created_at=timezone.now())

    services.merge_clients(keep=keep, absorb=[other], actor=administrator)

    for row in (link, status, onboarding):
        row.refresh_from_db()
        assert row.client == keep
    assert link.attempts.count() == 1
    assert link.revoked_at is None
    assert status.revoked_at is not None
