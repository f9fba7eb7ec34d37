"""Where a person is signed in: begun, seen, listed and ended. The list itself is allauth's `usersessions`."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from clients.models import User
from clients.signing_in.browsers import browser_name
from portal.web.client_address import client_address

BEGAN, SEEN = "signed_in_at", "seen_at"
# A session that is used is written down no more often than this: seconds.
SEEN_EVERY = 60


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser in which the person is signed in, as a page shows it."""

    pk: int
    browser: str
    address: str
    since: datetime
    seen: datetime
    is_this: bool


def begin(request: HttpRequest) -> None:
    """Note when the session began; it ends SESSION_HOURS later."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def renew(request: HttpRequest) -> None:
    """Give the session a new id, so that whoever has the one from before has nothing."""
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def is_over(request: HttpRequest) -> bool:
    """Whether the session has lasted for SESSION_HOURS. One that nobody uses ends by itself, in its table."""
    began = request.session.get(BEGAN)
    return began is not None and time.time() - began > settings.SESSION_HOURS * 3600


def note_seen(request: HttpRequest) -> None:
    """Write down that the person uses the session, once a minute: it then lasts for another SESSION_IDLE_MINUTES."""
    if BEGAN not in request.session:
        begin(request)
    elif time.time() - request.session.get(SEEN, 0) < SEEN_EVERY:
        return
    request.session[SEEN] = int(time.time())
    key = request.session.session_key
    address = client_address(request)
    now = {"last_seen_at": timezone.now(), "ip": str(address) if address else "127.0.0.1"}
    if key and not UserSession.objects.filter(session_key=key).update(**now):
        agent = request.META.get("HTTP_USER_AGENT", "").replace("\0", "")[:200]
        UserSession.objects.create(session_key=key, user_id=request.user.pk, user_agent=agent, **now)


def open_sessions(request: HttpRequest, person: User) -> list[OpenSession]:
    """Where `person` is signed in, this browser first, then by when it was last used."""
    found = [
        OpenSession(
            pk=row.pk,
            browser=browser_name(row.user_agent),
            address=row.ip,
            since=row.created_at,
            seen=row.last_seen_at,
            is_this=row.session_key == request.session.session_key,
        )
        for row in _alive(person)
    ]
    return sorted(found, key=lambda one: (not one.is_this, -one.seen.timestamp()))


def end_one(person: User, pk: int) -> bool:
    """End one session of the person's; False when they have no such one."""
    rows = UserSession.objects.filter(user=person, pk=pk)
    found = list(rows)
    _end(found)
    return bool(found)


def end_others(request: HttpRequest, person: User) -> int:
    """End all sessions of the person's but this one; gives how many there were."""
    others = [row for row in _alive(person) if row.session_key != request.session.session_key]
    _end(others)
    return len(others)


def end_all(person: User) -> int:
    """End all sessions of the person's; gives how many there were."""
    rows = _alive(person)
    _end(rows)
    return len(rows)


def prune() -> None:
    """Delete what the list keeps of sessions that have ended."""
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def _alive(person: User) -> list[UserSession]:
    """The rows whose sessions still hold, by time and by the person's password. The others are deleted.

    After a change of SECRET_KEY those hold too that were signed with a former one.
    """
    rows = list(UserSession.objects.filter(user=person))
    stored = Session.objects.filter(session_key__in=[row.session_key for row in rows], expire_date__gt=timezone.now())
    marks = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
    valid = {
        session.session_key
        for session in stored
        if any(constant_time_compare(session.get_decoded().get(HASH_SESSION_KEY, ""), mark) for mark in marks)
    }
    if dead := [row.pk for row in rows if row.session_key not in valid]:
        UserSession.objects.filter(pk__in=dead).delete()
    return [row for row in rows if row.session_key in valid]


def _end(rows: Iterable[UserSession]) -> None:
    keys = [row.session_key for row in rows]
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
