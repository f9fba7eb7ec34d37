"""What a person opened through the look-up lately. Kept in their session, so it ends with their login."""

from collections.abc import Mapping
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from clients.models import User
from phones.views.find import kinds
from phones.views.find.found import Found

MOST = 8
_KEY = "found_lately"


def recent_keys(session: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of kind and key, the latest first."""
    return [(kind, key) for kind, key in session.get(_KEY, ()) if kind in kinds.KINDS]


def recent_things(user: User, session: Mapping[str, Any]) -> list[Found]:
    """What is still there and still theirs to see, in one statement."""
    return kinds.look_up(user, recent_keys(session))


def remember(user: User, session: SessionBase, *, kind: str, key: str) -> bool:
    """Put the thing first among the recent ones. False, and nothing is kept, where `user` sees no such thing."""
    if not kinds.is_key(kind, key) or not kinds.look_up(user, [(kind, key)]):
        return False
    kept = [pair for pair in recent_keys(session) if pair != (kind, key)]
    session[_KEY] = [(kind, key), *kept][:MOST]
    return True
