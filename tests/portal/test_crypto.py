"""Secrets at rest: what opens them, what does not, and what they give away."""

import contextlib

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from portal import crypto
from portal.crypto import SecretUnreadableError

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]


@given(secret=st.text(min_size=1), context=st.text())
def test_a_sealed_secret_opens_for_its_own_context(secret: str, context: str) -> None:
    assert crypto.unseal(crypto.seal(secret, context=context), context=context) == secret


def test_a_sealed_secret_does_not_open_for_another_row() -> None:
    sealed = crypto.seal("the secret", context="clients.credential.token_sealed:1")

    with pytest.raises(SecretUnreadableError, match="another row"):
        crypto.unseal(sealed, context="clients.credential.token_sealed:2")


def test_the_ciphertext_shows_neither_secret_nor_context_and_never_repeats() -> None:
    first, second = (crypto.seal("the secret", context="the row") for _ in range(2))

    assert first != second
    for text in ("the secret", "the row"):
        assert text not in first


def test_a_secret_opens_as_long_as_its_key_is_among_the_keys(settings: Settings) -> None:
    sealed = crypto.seal("the secret", context="row")
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]

    assert crypto.unseal(sealed, context="row") == "the secret"
    assert crypto.sealed_under(sealed) == crypto.key_id(OLD)


def test_new_secrets_are_written_under_the_first_key(settings: Settings) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]

    assert crypto.sealed_under(crypto.seal("the secret", context="row")) == crypto.newest_key_id() == crypto.key_id(NEW)


def test_without_its_key_a_secret_is_refused_in_words_that_hold_no_secret(settings: Settings) -> None:
    sealed = crypto.seal("EAAsecret", context="row")
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]

    with pytest.raises(SecretUnreadableError, match="TOKEN_ENCRYPTION_KEYS") as refusal:
        crypto.unseal(sealed, context="row")
    for text in ("EAAsecret", sealed, OLD, NEW):
        assert text not in str(refusal.value)


@given(damage=st.integers(min_value=0, max_value=10_000), letter=st.sampled_from("Aa0-_:é \0"))
def test_a_damaged_ciphertext_is_refused_and_nothing_worse(damage: int, letter: str) -> None:
    sealed = crypto.seal("the secret", context="row")
    position = damage % len(sealed)
    broken = sealed[:position] + letter + sealed[position + 1 :]
    if broken == sealed:
        return
    with contextlib.suppress(SecretUnreadableError):
        # The last letter of the encoding holds bits that mean nothing, so a changed one may still open.
        assert crypto.unseal(broken, context="row") == "the secret"


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        ":",
        "nothing",
        "deadbeef:",
        pytest.param(f"{crypto.key_id(OLD)}:", id="only a key's name"),
        "plain text token",
    ],
)
def test_what_is_no_ciphertext_is_refused(sealed: str) -> None:
    with pytest.raises(SecretUnreadableError):
        crypto.unseal(sealed, context="row")


def test_the_name_of_a_key_is_no_part_of_it() -> None:
    assert crypto.key_id(OLD) not in OLD
    assert len(crypto.key_id(OLD)) == 8
