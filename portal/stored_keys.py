"""Under which keys the stored secrets are, told by their prefix: nothing is decrypted, so that health can ask."""

import time
from collections.abc import Iterator

from django.conf import settings
from django.core.checks import Error
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models.functions import Substr

from portal.crypto import key_id
from portal.fields import sealed_fields

PUT_KEY_BACK = (
    "Put the key they were stored under back into TOKEN_ENCRYPTION_KEYS, behind the new one. If it is lost for good, "
    "`manage.py rotate_tokens --forget-unreadable` clears them, and the tokens have to be stored again."
)
_LENGTH = len(key_id(""))
_LOOKED_FOR = 60  # seconds that an answer holds: it costs a look at every stored secret
_known: dict[frozenset[str], tuple[float, bool]] = {}


def is_one_lost() -> bool:
    """Whether secrets are stored under a key that is not configured, as of the last minute. Raises DatabaseError."""
    configured, now = _configured(), time.monotonic()
    looked_at, found = _known.get(configured, (now - _LOOKED_FOR, False))
    if now - looked_at >= _LOOKED_FOR:
        found = bool(in_use() - configured)
        _known[configured] = now, found
    return found


def in_use() -> set[str]:
    """The ids of all keys that secrets are stored under. Raises DatabaseError."""
    ids: set[str] = set()
    for model, field in sealed_fields():
        rows = model._base_manager.exclude(**{field.attname: ""}).order_by()
        ids.update(rows.values_list(Substr(field.attname, 1, _LENGTH), flat=True).distinct())
    return ids


def refusal() -> Iterator[Error]:
    """An error when every stored secret is under keys that are gone: the portal would reach Meta for nobody.

    Where some open, the others are told by `/readyz` and by their clients' pages, and the rest of the work goes on.
    """
    try:
        used = in_use()
    except DatabaseError:
        return
    finally:
        connection.close()  # opened before this process starts threads or forks
    if used and not used & _configured():
        yield Error(
            "None of the stored secrets can be read under TOKEN_ENCRYPTION_KEYS: they were stored under other keys "
            f"({', '.join(sorted(used))}).",
            hint=PUT_KEY_BACK,
            id="numberdesk.E008",
        )


def _configured() -> frozenset[str]:
    return frozenset(key_id(key) for key in settings.TOKEN_ENCRYPTION_KEYS)
