"""Makes each person's digest of a morning: what changed in their book since the last one, the worst first, once.

A digest reaches up to a key of the history behind which nothing can appear any more, and the next one begins there.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from clients import roles
from clients.models import User
from phones.alert_choices import DispatchKind, DispatchState
from phones.alerts import clock, people
from phones.alerts.find import MARK_NAME
from phones.changes.happenings import HappeningInWords, Happenings, happenings
from phones.changes.verdict import Direction
from phones.choices import Tone
from phones.models import ChangeMark, Dispatch, MailSettings

MOST_LINES = 60
# What the first digest of a person is about.
FIRST_SPAN = datetime.timedelta(hours=24)


def make_digests(now: datetime.datetime | None = None) -> int:
    """Make the digests that are due by now; gives how many are to be sent."""
    now = now or timezone.now()
    mark = ChangeMark.objects.filter(name=MARK_NAME).first()
    if mark is None:
        return 0
    due: dict[str, list[tuple[User, MailSettings]]] = {}
    for person in people.everybody():
        wants = people.settings_of(person)
        day = clock.digest_due(now=now, zone=people.zone_for(person), at=wants.digest_at, days=wants.digest_days)
        if day is not None:
            due.setdefault(f"digest:{day:%Y-%m-%d}", []).append((person, wants))
    made = 0
    for key, those in due.items():
        got = set(Dispatch.objects.filter(kind=DispatchKind.DIGEST, key=key).values_list("person", flat=True))
        for person, wants in those:
            if person.pk not in got and roles.role_of(person) is not None:
                made += _make(person, wants, key, mark, now)
    return made


def _make(person: User, wants: MailSettings, key: str, mark: ChangeMark, now: datetime.datetime) -> bool:
    last = Dispatch.objects.filter(person=person, kind=DispatchKind.DIGEST).order_by("-pk").first()
    since = last.until if last and last.until else now - FIRST_SPAN
    found = happenings(
        person,
        since=None if last else since,
        after=last.up_to if last else None,
        up_to=mark.sure,
        book_of=person if people.is_narrowed(person, wants) else None,
    )
    lines = lines_of(found)
    try:
        with transaction.atomic():
            Dispatch.objects.create(
                person=person,
                kind=DispatchKind.DIGEST,
                key=key,
                state=DispatchState.WAITING if lines else DispatchState.DROPPED,
                outcome="" if lines else "Nothing changed.",
                since=since,
                until=now,
                up_to=max(mark.sure, last.up_to or 0) if last else mark.sure,
                lines=lines,
                more=max(0, len(found.found) - len(lines)),
                created_at=now,
                due_at=now if lines else None,
                closed_at=None if lines else now,
            )
    except IntegrityError:
        return False  # another worker was quicker
    return bool(lines)


def lines_of(found: Happenings) -> list[dict[str, Any]]:
    """The first happenings as a digest keeps them, for a person who may see less by the time that it is read."""
    return [_as_line(one) for one in found.in_words(found.found[:MOST_LINES])]


def _as_line(one: HappeningInWords) -> dict[str, Any]:
    verdict, place = one.happening.verdict, one.place
    number = one.numbers[0] if len(one.numbers) == 1 else None
    if number is not None:
        what = number.display
    elif one.numbers:
        what = f"{len(one.numbers):,} numbers"
    else:
        what = place.name if place else "A WABA"
    tone = {Direction.WORSE: verdict.tone, Direction.BETTER: Tone.OK}.get(verdict.direction, Tone.NONE)
    return {
        "what": what,
        "number": number.phone_number_id if number else None,
        "waba": place.waba_id if place else None,
        "client": place.client if place else "",
        "name": place.name if place and one.numbers and number is None else "",
        "sentence": "; ".join(_unique(line.sentence for line in one.lines))
        + (" (over)" if one.happening.is_over else ""),
        "tone": str(tone.value),
        "at": one.happening.at.isoformat(),
    }


def _unique(sentences: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(sentences))
