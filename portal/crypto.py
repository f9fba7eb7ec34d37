"""Encryption of secrets at rest: Fernet under `TOKEN_ENCRYPTION_KEYS`, bound to the row that owns the secret.

A stored secret reads `<key id>:<Fernet token>`. The key id says which key a row is on without decrypting it, and the
token holds the secret together with a context (table, column and row), so that ciphertext copied to another row does
not open there. Knows no models.
"""

import hashlib
import json

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from portal.logs import note_secret


class SecretUnreadableError(Exception):
    """The secret can't be opened: its key is not among TOKEN_ENCRYPTION_KEYS, or it belongs to another row."""


def key_id(key: str) -> str:
    """Eight hexadecimal digits that name a key without giving it away."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def newest_key_id() -> str:
    return key_id(settings.TOKEN_ENCRYPTION_KEYS[0])


def seal(secret: str, *, context: str) -> str:
    """`secret` encrypted under the newest key, readable only with the same `context`."""
    note_secret(secret)
    newest = settings.TOKEN_ENCRYPTION_KEYS[0]
    token = Fernet(newest).encrypt(json.dumps([context, secret]).encode()).decode()
    return f"{key_id(newest)}:{token}"


def unseal(sealed: str, *, context: str) -> str:
    """The secret in `sealed`.

    Raises SecretUnreadableError when no configured key opens it or when it was sealed for another context.
    """
    wanted, _, token = sealed.partition(":")
    for key in settings.TOKEN_ENCRYPTION_KEYS:
        if key_id(key) != wanted:
            continue
        try:
            bound_to, secret = json.loads(Fernet(key).decrypt(token.encode()))
        except InvalidToken:
            break
        if bound_to != context:
            raise SecretUnreadableError("This secret was stored for another row.")
        note_secret(str(secret))
        return str(secret)
    raise SecretUnreadableError(
        "This secret was stored under a key that is no longer in TOKEN_ENCRYPTION_KEYS. Put the key back, or store "
        "the secret again."
    )


def sealed_under(sealed: str) -> str:
    return sealed.partition(":")[0]
