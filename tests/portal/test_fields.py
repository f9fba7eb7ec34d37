"""The column that holds secrets, through the table that uses it."""

import uuid
from io import StringIO

import pytest
from django.core import serializers
from django.core.management import call_command
from pytest_django import Settings

from clients.models import Credential
from portal.crypto import SecretUnreadableError
from portal.fields import SealedTextField, sealed_fields
from tests.factories import TOKEN, make_credential

pytestmark = pytest.mark.django_db


def test_a_token_comes_back_from_the_database() -> None:
    assert Credential.objects.get(pk=make_credential().pk).open_token() == TOKEN


def test_the_attribute_and_every_plain_way_of_reading_give_ciphertext_only() -> None:
    credential = make_credential()
    dump = StringIO()
    call_command("dumpdata", "clients.credential", stdout=dump)

    for shown in (
        repr(credential),
        str(credential),
        str(credential.token_sealed),
        str(vars(credential)),
        str(Credential.objects.values()),
        serializers.serialize("json", [credential]),
        dump.getvalue(),
    ):
        assert TOKEN not in shown


def test_ciphertext_copied_to_another_row_does_not_open() -> None:
    mine, theirs = make_credential(), make_credential("EAAanothertokenofanotherclient")
    Credential.objects.filter(pk=mine.pk).update(token_sealed=theirs.token_sealed)

    with pytest.raises(SecretUnreadableError):
        Credential.objects.get(pk=mine.pk).open_token()


def test_another_secret_key_of_djangos_leaves_tokens_readable(settings: Settings) -> None:
    credential = make_credential()
    settings.SECRET_KEY = "another-key"

    assert Credential.objects.get(pk=credential.pk).open_token() == TOKEN


def test_an_empty_secret_clears_the_column() -> None:
    credential = make_credential()

    credential.store_token("")

    assert credential.token_sealed == ""
    assert credential.open_token() == ""
    assert credential.hint == "none stored"


def test_a_short_token_gives_no_hint() -> None:
    assert make_credential("short-token-15!").hint == "none stored"


def test_a_row_without_a_uuid_of_its_own_can_hold_no_secret() -> None:
    credential = make_credential()
    credential.secret_uid = None  # type: ignore[assignment] # what a wrong model would have

    with pytest.raises(TypeError, match="secret_uid"):
        credential.store_token(TOKEN)


def test_a_row_can_hold_a_secret_before_it_is_saved() -> None:
    credential = Credential(label="New", kind="business")

    credential.store_token(TOKEN)

    assert isinstance(credential.secret_uid, uuid.UUID)
    assert credential.open_token() == TOKEN


def test_every_column_of_secrets_is_found() -> None:
    found = {(model, field.name) for model, field in sealed_fields()}

    assert (Credential, "token_sealed") in found
    assert all(isinstance(field, SealedTextField) for _model, field in sealed_fields())
