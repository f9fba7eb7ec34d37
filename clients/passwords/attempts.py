"""Counts passwords that are tried, refuses those that come too soon, and keeps the record.

A try is written down as wrong before it is looked at: a hundred at once are counted like a hundred in a row.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Count, F, Max
from django.utils import timezone
from django.utils.crypto import salted_hmac

from clients.audit import listening
from clients.choices import AskedFor, PasswordOutcome
from clients.models import PasswordAttempt, User
from clients.passwords import delays
from clients.passwords.delays import Tries
from clients.passwords.places import Place

log = structlog.get_logger(__name__)

KEPT = timedelta(days=90)
_EVERYBODY = "everybody"
_APART = {
    AskedFor.SIGN_IN_CODE: ".code",
    AskedFor.AGAIN_CODE: ".code",
    AskedFor.NEW_AUTHENTICATOR: ".code",
    AskedFor.RESET: ".reset",
}
_LOCK = 0x6E64_7077  # any number that nothing else in the database locks


class TriedTooOftenError(Exception):
    """The password was not looked at. `limit` says why: "name", "address", "everybody" or "busy"."""

    def __init__(self, limit: str, wait: timedelta) -> None:
        super().__init__(f"Tried too often, by the limit for {limit}.")
        self.limit = limit
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Typed:
    """A password that was typed for a name, without the password. `person` is None when nobody has the name."""

    name: str
    person: User | None
    asked_for: AskedFor
    place: Place

    @property
    def digest(self) -> str:
        """The name as it is counted by. Keyed, because people type their password into the field for the name.

        Codes, and asking for a new password, are counted apart from passwords: a right password is no right code.
        """
        folded = unicodedata.normalize("NFKC", self.name).strip().casefold()
        apart = _APART.get(self.asked_for, "")
        return salted_hmac(f"clients.passwords.attempts{apart}", folded, algorithm="sha256").hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Which limit refuses, until when, and what its row in the record is found by."""

    limit: str
    until: datetime
    name_digest: str
    place: str
    since: datetime


def admit(typed: Typed) -> PasswordAttempt:
    """The row of this try, as a wrong one until `was_right`. Raises TriedTooOftenError when it comes too soon."""
    now = timezone.now()
    with transaction.atomic():
        _wait_for_who_counts()
        refusal = _refusal(typed, now)
        if refusal is None:
            return _write(typed, now, PasswordOutcome.WRONG, typed.digest, typed.place.name)
        _note_refused(typed, refusal, now)
    log.warning("A password was not looked at.", limit=refusal.limit, until=refusal.until, **_about(typed))
    raise TriedTooOftenError(refusal.limit, refusal.until - now)


def was_right(attempt: PasswordAttempt, typed: Typed) -> None:
    """Write down that the password of this try was right: what was tried from this place before no longer counts."""
    PasswordAttempt.objects.filter(pk=attempt.pk).update(outcome=PasswordOutcome.RIGHT)
    log.info("A password was right.", **_about(typed))
    listening.password_was_right(typed.person, typed.asked_for)


def was_wrong(typed: Typed) -> None:
    """Log that the password was wrong; the row says so already."""
    log.warning("A password was wrong.", **_about(typed))
    listening.password_was_wrong(typed.person, typed.asked_for, typed.digest)


def prune() -> None:
    """Delete what is older than the record goes back."""
    PasswordAttempt.objects.filter(at__lt=timezone.now() - KEPT).delete()


def _wait_for_who_counts() -> None:
    """Nobody else counts before this transaction ends. SQLite's transactions begin one at a time as it is."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _refusal(typed: Typed, now: datetime) -> _Refusal | None:
    """The limit that keeps this try waiting, the widest first; None when it may be looked at."""
    place = typed.place
    if place.is_from_anywhere:
        everybody = _wrong_of(delays.EVERYBODY.window, now)
        until = delays.until(delays.EVERYBODY, everybody)
        if until and everybody.last_at and now < until:
            return _Refusal("everybody", until, "", _EVERYBODY, everybody.last_at)
        address = _wrong_of(delays.ADDRESS.window, now, place=place.name)
        until = delays.until(delays.ADDRESS, address)
        if until and address.last_at and now < until:
            return _Refusal("address", until, "", place.name, address.last_at)
    from_here, first_refused = _from_here(typed, now)
    everywhere = _wrong_of(delays.NAME.window, now, name_digest=typed.digest) if place.is_from_anywhere else None
    waiting_since = Tries(from_here.wrong, from_here.last_at or first_refused)
    until = delays.until_of_name(waiting_since, everywhere or Tries(0, None), now=now)
    if until and now < until:
        return _Refusal("name", until, typed.digest, place.name, waiting_since.last_at or now)
    return None


def _wrong_of(window: timedelta, now: datetime, **narrowed: str) -> Tries:
    """Wrong passwords from anywhere within `window`."""
    rows = PasswordAttempt.objects.filter(
        at__gt=now - window, outcome=PasswordOutcome.WRONG, is_from_anywhere=True, **narrowed
    )
    found = rows.aggregate(wrong=Count("pk"), last_at=Max("at"))
    return Tries(found["wrong"], found["last_at"])


def _from_here(typed: Typed, now: datetime) -> tuple[Tries, datetime | None]:
    """Wrong passwords for the name from this place since the last right one; when one was first refused lately."""
    since = now - delays.NAME_FROM_ONE_PLACE.window
    rows = PasswordAttempt.objects.filter(name_digest=typed.digest, place=typed.place.name, at__gt=since)
    wrong: list[datetime] = []
    refused: list[datetime] = []
    for outcome, at in rows.order_by("at", "pk").values_list("outcome", "at"):
        if outcome == PasswordOutcome.RIGHT:
            wrong = []
        elif outcome == PasswordOutcome.WRONG:
            wrong.append(at)
        elif at > now - delays.NAME.window:
            refused.append(at)
    return Tries(len(wrong), wrong[-1] if wrong else None), refused[0] if refused else None


def _note_refused(typed: Typed, refusal: _Refusal, now: datetime) -> None:
    """Write down that the try was refused: one row a wait, however often somebody tries."""
    rows = PasswordAttempt.objects.filter(
        name_digest=refusal.name_digest, place=refusal.place, outcome=PasswordOutcome.REFUSED, at__gte=refusal.since
    )
    row = rows.order_by("-at").first()
    if row is None:
        _write(typed, now, PasswordOutcome.REFUSED, refusal.name_digest, refusal.place)
        listening.password_was_not_looked_at(typed.person, typed.asked_for, typed.digest, refusal.limit)
    else:
        PasswordAttempt.objects.filter(pk=row.pk).update(times=F("times") + 1)


def _write(typed: Typed, now: datetime, outcome: PasswordOutcome, name_digest: str, place: str) -> PasswordAttempt:
    return PasswordAttempt.objects.create(
        at=now,
        person=typed.person if name_digest else None,
        name_digest=name_digest,
        asked_for=typed.asked_for,
        outcome=outcome,
        place=place,
        is_from_anywhere=typed.place.is_from_anywhere,
        address=typed.place.address,
        user_agent=typed.place.user_agent,
    )


def _about(typed: Typed) -> dict[str, object]:
    return {
        "asked_for": typed.asked_for.value,
        "person": typed.person and typed.person.username,
        "unknown_name": None if typed.person else typed.digest,
        "place": typed.place.name,
    }
