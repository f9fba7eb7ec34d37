"""Makes each person's digest of a morning: what changed in their book since the last one, the worst first, once.

A digest reaches up to a key of the history behind which nothing can appear any more, and the next one begins there.
"""

import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from clients import roles
from clients.models import User
from phones.alert_choices import DispatchKind, DispatchState
from phones.alerts import clock, mailed_views, people
from phones.alerts.find import MARK_NAME
from phones.changes.change_list import ChangeList
from phones.changes.happenings import HappeningInWords, Happenings
from phones.changes.verdict import Direction
from phones.choices import Tone
from phones.models import Change, ChangeMark, Dispatch, MailSettings
from portal.web.query import ListQuery

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
    after = last.up_to if last else _last_line_before(since)
    query = query_of(after=after or 0, up_to=mark.sure, is_narrowed=people.is_narrowed(person, wants))
    found: Happenings = query.opened(person).filters.happenings
    lines, views = lines_of(found), mailed_views.as_json(mailed_views.views_of(wants))
    says_something = bool(lines or views)
    try:
        with transaction.atomic():
            Dispatch.objects.create(
                person=person,
                kind=DispatchKind.DIGEST,
                key=key,
                state=DispatchState.WAITING if says_something else DispatchState.DROPPED,
                outcome="" if says_something else "Nothing changed.",
                since=since,
                until=now,
                up_to=max(mark.sure, last.up_to or 0) if last else mark.sure,
                query=query.as_json(),
                lines=lines,
                more=max(0, len(found.found) - len(lines)),
                views=views,
                created_at=now,
                due_at=now if says_something else None,
                closed_at=None if says_something else now,
            )
    except IntegrityError:
        return False  # another worker was quicker
    return says_something


def query_of(*, after: int, up_to: int, is_narrowed: bool) -> ListQuery:
    """The changes that were written down between two lines of history; `is_narrowed`: of the reader's own clients."""
    pairs = [("written", f"{after}-{up_to}"), *([("book", "me")] if is_narrowed else [])]
    return ListQuery(ChangeList.name, tuple(pairs))


def _last_line_before(since: datetime.datetime) -> int:
    """The key of the last line of history that lies before a first digest."""
    return Change.objects.filter(at__lt=since).order_by("-at", "-pk").values_list("pk", flat=True).first() or 0


def lines_of(found: Happenings) -> list[dict[str, Any]]:
    """The first happenings as a digest keeps them, for a person who may see less by the time that it is read."""
    return [_as_line(one) for one in found.in_words(found.found[:MOST_LINES])]


def _as_line(one: HappeningInWords) -> dict[str, Any]:
    verdict, place = one.happening.verdict, one.place
    number = one.numbers[0] if len(one.numbers) == 1 and not one.found else None
    tone = {Direction.WORSE: verdict.tone, Direction.BETTER: Tone.OK}.get(verdict.direction, Tone.NONE)
    return {
        "what": one.found or (number.display if number else place.name if place else "A WABA"),
        "number": number.phone_number_id if number else None,
        "waba": place.waba_id if place else None,
        # Whoever may not see all of these any more is not shown the line.
        "wabas": [waba.waba_id for waba in one.wabas],
        "numbers": [each.phone_number_id for each in one.numbers] if number is None else [],
        "client": one.whose if one.clients else "",
        "name": place.name if place and one.found else "",
        "sentence": "; ".join(one.sentences) + (" (over)" if one.happening.is_over else ""),
        "tone": str(tone.value),
        "at": one.happening.at.isoformat(),
    }
