"""Storing and replacing tokens, the environment's among them, and that it is recorded."""

import uuid
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from clients import credentials
from clients.choices import CredentialKind, CredentialState
from clients.models import Credential, SyncFailure, User
from tests.factories import TOKEN, make_credential

pytestmark = pytest.mark.django_db

NEW_TOKEN = "EAAnewtokennewtokennewtoken9999"


def audited(row: Credential) -> list[str]:
    """What the admin log says of `row`, the oldest first."""
    entries = LogEntry.objects.filter(content_type__model=row._meta.model_name, object_id=row.pk)
    return [entry.change_message for entry in entries.order_by("pk")]


def test_a_new_token_is_stored_encrypted_and_counts_as_untried(administrator: User) -> None:
    failure = SyncFailure.objects.create(kind="token_dead", at=timezone.now())
    credential = make_credential(
        state=CredentialState.DEAD, last_failure=failure, not_before=timezone.now(), failures_in_a_row=4
    )
    before = timezone.now()

    credentials.store_credential_token(credential=credential, token=f" {NEW_TOKEN}\n", actor=administrator)

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

    credentials.store_credential_token(credential=credential, token=NEW_TOKEN, actor=administrator)

    credential.refresh_from_db()
    assert (credential.lease_token, credential.lease_until) == (None, None)


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "ünlaut-token", "x" * 5000, "null\0byte"])
def test_what_cannot_be_a_token_is_refused_without_repeating_it(token: str) -> None:
    credential = make_credential()

    with pytest.raises(credentials.TokenNotUsableError) as refusal:
        credentials.store_credential_token(credential=credential, token=token, actor=None)

    assert not token.strip() or token not in str(refusal.value)
    credential.refresh_from_db()
    assert credential.open_token() == TOKEN


# --- The environment's credential -------------------------------------------------------------------------------------


@pytest.fixture
def environment(settings: Settings) -> Settings:
    settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN = "123456", TOKEN
    return settings


def test_the_environments_token_becomes_a_credential(environment: Settings) -> None:
    credential = credentials.environment_credential()

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
    first = credentials.environment_credential()

    with django_assert_num_queries(1):
        second = credentials.environment_credential()

    assert first is not None
    assert second is not None
    assert first.token_sealed == second.token_sealed


def test_a_changed_token_replaces_the_old_one_and_is_untried(environment: Settings) -> None:
    credentials.environment_credential()
    Credential.objects.update(state=CredentialState.DEAD)
    environment.META_SYSTEM_USER_TOKEN = NEW_TOKEN

    credentials.environment_credential()

    credential = Credential.objects.get()
    assert credential.open_token() == NEW_TOKEN
    assert credential.state == CredentialState.UNTRIED


def test_a_changed_business_is_listed_from_now_on(environment: Settings) -> None:
    credentials.environment_credential()
    environment.META_BUSINESS_ID = "654321"

    credentials.environment_credential()

    assert Credential.objects.get().business_id == "654321"


def test_a_token_that_can_no_longer_be_read_is_stored_anew(environment: Settings) -> None:
    credentials.environment_credential()
    environment.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    credentials.environment_credential()

    assert Credential.objects.get().open_token() == TOKEN


@pytest.mark.parametrize(("business_id", "token"), [("", ""), ("123456", ""), ("", TOKEN)])
def test_without_both_settings_there_is_no_credential_and_a_stored_one_stays(
    environment: Settings, business_id: str, token: str
) -> None:
    credentials.environment_credential()
    environment.META_BUSINESS_ID, environment.META_SYSTEM_USER_TOKEN = business_id, token

    assert credentials.environment_credential() is None
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

    assert credentials.environment_credential() == Credential.objects.get()


def test_there_is_never_a_second_credential_from_the_environment() -> None:
    make_credential(from_environment=True)

    with pytest.raises(IntegrityError):
        make_credential(from_environment=True)
