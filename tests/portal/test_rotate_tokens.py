"""`manage.py rotate_tokens`: every secret under the newest key, whatever happens on the way."""

import io

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from pytest_django import Settings

from clients.models import Credential
from portal import crypto
from portal.fields import SealedTextField
from portal.management.commands import rotate_tokens
from tests.factories import TOKEN, make_credential

pytestmark = pytest.mark.django_db

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def _old_key(settings: Settings) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]


@pytest.fixture
def tokens() -> list[str]:
    """Seven tokens under the old key."""
    tokens = [f"EAAtokennumber{number:018d}" for number in range(7)]
    for token in tokens:
        make_credential(token)
    return tokens


def rotate(*arguments: str) -> tuple[int, str]:
    """Exit code and everything printed."""
    out = io.StringIO()
    try:
        call_command("rotate_tokens", *arguments, stdout=out, stderr=out)
    except CommandError as error:
        return error.returncode, f"{out.getvalue()}{error}"
    return 0, out.getvalue()


def stored() -> list[str]:
    return [credential.open_token() for credential in Credential.objects.order_by("pk")]


def test_every_secret_is_put_under_the_newest_key(settings: Settings, tokens: list[str]) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]

    assert rotate() == (0, "rotated=7 cleared=0 newest=7 older=0 unreadable=0\n")

    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    assert stored() == tokens


def test_a_check_writes_nothing_and_fails_until_no_row_is_on_an_older_key(
    settings: Settings, tokens: list[str]
) -> None:
    assert rotate("--check") == (0, "newest=7 older=0 unreadable=0\n")
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    before = list(Credential.objects.values_list("token_sealed", flat=True))

    code, said = rotate("--check")

    assert code == 1
    assert "newest=0 older=7 unreadable=0" in said
    assert list(Credential.objects.values_list("token_sealed", flat=True)) == before


def test_a_second_rotation_has_nothing_to_do(settings: Settings, tokens: list[str]) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    rotate()
    before = list(Credential.objects.values_list("token_sealed", flat=True))

    assert rotate() == (0, "rotated=0 cleared=0 newest=7 older=0 unreadable=0\n")
    assert list(Credential.objects.values_list("token_sealed", flat=True)) == before


def test_a_rotation_that_breaks_off_is_taken_up_where_it_stopped(
    settings: Settings, tokens: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotate_tokens, "_BATCH", 2)
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    real_seal = crypto.seal
    sealed: list[str] = []

    def seal(secret: str, *, context: str) -> str:
        if len(sealed) == 5:
            raise KeyboardInterrupt
        sealed.append(secret)
        return real_seal(secret, context=context)

    with monkeypatch.context() as patch:
        patch.setattr(crypto, "seal", seal)
        with pytest.raises(KeyboardInterrupt):
            rotate()
    assert stored() == tokens

    # Two batches of two were through; the third broke off as a whole.
    assert rotate() == (0, "rotated=3 cleared=0 newest=7 older=0 unreadable=0\n")
    assert stored() == tokens


def test_a_token_that_is_replaced_meanwhile_is_not_overwritten(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_credential()
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    real_open = SealedTextField.open_for

    def open_for(self: SealedTextField, row: Credential) -> str:
        """Someone stores another token between our look and our write."""
        secret = real_open(self, row)
        other = Credential.objects.get(pk=row.pk)
        other.store_token("EAAstoredmeanwhile0123456789")
        other.save()
        return secret

    with monkeypatch.context() as patch:
        patch.setattr(SealedTextField, "open_for", open_for)
        rotate()

    assert stored() == ["EAAstoredmeanwhile0123456789"]


def test_what_cannot_be_read_is_named_and_left_as_it_is(settings: Settings, tokens: list[str]) -> None:
    lost = Credential.objects.order_by("pk")[2]
    Credential.objects.filter(pk=lost.pk).update(token_sealed="deadbeef:not-for-any-of-our-keys")
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]

    code, said = rotate()

    assert code == 1
    assert f"can't be read: clients_credential {lost.pk}\n" in said
    assert "newest=6 older=0 unreadable=1" in said
    assert "not-for-any" not in said
    assert rotate("--check")[0] == 1


def test_a_row_bound_secret_in_the_wrong_row_is_found_by_the_check(tokens: list[str]) -> None:
    mine, theirs = Credential.objects.order_by("pk")[:2]
    Credential.objects.filter(pk=mine.pk).update(token_sealed=theirs.token_sealed)

    code, said = rotate("--check")

    assert code == 1
    assert f"can't be read: clients_credential {mine.pk}\n" in said


def test_secrets_under_a_lost_key_are_cleared_only_when_asked(settings: Settings, tokens: list[str]) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    make_credential()
    assert rotate()[0] == 1

    assert rotate("--forget-unreadable") == (0, "rotated=0 cleared=7 newest=1 older=0 unreadable=0\n")

    assert stored() == [""] * 7 + [TOKEN]


def test_rows_without_a_secret_do_not_count() -> None:
    Credential.objects.create(label="Without a token", kind="business")

    assert rotate("--check") == (0, "newest=0 older=0 unreadable=0\n")


def test_no_token_is_ever_printed(settings: Settings, tokens: list[str]) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]

    said = rotate("--check")[1] + rotate()[1]

    for secret in (*tokens, OLD, NEW):
        assert secret not in said
