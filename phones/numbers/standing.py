"""Stores where each number stands: stage, next action, whose move, since when, until when, how old.

Computed by `phones.numbers.lifecycle` wherever facts are written, and by `manage.py recompute_stages` for all.
"""

import datetime
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, Q

from clients.models import Waba
from phones.models import Action, EventFact, Health, NumberAge, PhoneNumber
from phones.numbers import age, conditions, outside, reported, rules
from phones.numbers.facts import Background, backgrounds_of, counted, facts_of, plain_facts_of, reports_on
from phones.numbers.lifecycle import Facts, Stage, Standing, standing
from portal import database_clock
from portal.many_rows import save_columns

CHUNK = 500
MOST_UNANSWERED = 5_000
# So long nobody may have looked at what only time has changed; what the clock ended earlier is not looked at again.
_WITHOUT_A_RUN = datetime.timedelta(days=7)


def recompute(pks: Iterable[int] | None = None) -> int:
    """Compute the standing of these numbers (of all by default) and write those that differ; gives how many did."""
    wanted = sorted(set(PhoneNumber.objects.values_list("pk", flat=True) if pks is None else pks))
    return sum(_recompute(wanted[start : start + CHUNK]) for start in range(0, len(wanted), CHUNK))


def recompute_due() -> int:
    """Recompute the numbers whose standing the clock alone has changed: a deadline has passed, a code has lapsed."""
    now = database_clock.now()
    passed = conditions.has_passed(now) & ~Q(stage=Stage.WINDOW_CLOSED.value)
    lapsed = conditions.is_waiting_for_lapsed_code(now) | conditions.is_waiting_to_show_too_long(now)
    due = PhoneNumber.objects.filter(passed | lapsed | _has_lost_a_trouble(now)).values_list("pk", flat=True)
    # Stored before there was the answer, and by older rules: all of them once, after an update.
    unanswered = PhoneNumber.objects.filter(may_send=None).values_list("pk", flat=True)[:MOST_UNANSWERED]
    return recompute({*due, *unanswered}) + _recompute_lapsed_health(now)


def _recompute_lapsed_health(now: datetime.datetime) -> int:
    """Recompute the numbers whose health named a trouble so long ago that it is stated no more."""
    lapsed = list(Health.objects.filter(lapses_at__lte=now).values_list("pk", "number", "waba"))
    if not lapsed:
        return 0
    theirs = Q(pk__in=[number for _, number, _ in lapsed if number]) | Q(
        waba__in=[waba for _, _, waba in lapsed if waba]
    )
    recomputed = recompute(PhoneNumber.objects.filter(theirs).values_list("pk", flat=True))
    Health.objects.filter(pk__in=[pk for pk, _, _ in lapsed], lapses_at__lte=now).update(lapses_at=None)
    return recomputed


def recompute_troubled(wabas: Iterable[int]) -> int:
    """Recompute the numbers of those of `wabas` (keys) that Graph or an event says something of that troubles them.

    Whoever writes a reading of WABAs calls this: that they were read is what ends a trouble.
    """
    states = Q(status__in=outside.WABA_STATUSES) | Q(account_review_status__in=outside.REVIEW_STATUSES)
    troubled = Waba.objects.filter(states | is_reported(), pk__in=list(wabas))
    return recompute_under(troubled.values_list("pk", flat=True))


def is_reported() -> Exists:
    """The condition on a WABA: an event said of it what troubles its numbers. That it was read may end that."""
    return Exists(EventFact.objects.filter(waba=OuterRef("pk"), name__in=outside.TROUBLING))


def recompute_under(wabas: Iterable[int]) -> int:
    """Recompute the numbers that are under these WABAs (keys)."""
    pks = list(wabas)
    return recompute(PhoneNumber.objects.filter(waba__in=pks).values_list("pk", flat=True)) if pks else 0


def _has_lost_a_trouble(now: datetime.datetime) -> Q:
    """The numbers of which the clock has ended a trouble that an event reported of them or of their WABA."""
    facts = EventFact.objects.filter(name__in=outside.ENDED_BY_THE_CLOCK).values_list("waba", "name", "value", "at")
    wabas = {
        waba
        for waba, name, value, at in facts
        if now - _WITHOUT_A_RUN < reported.over_by_the_clock_at(name, value, at) <= now
    }
    return Q(waba__in=wabas)


def columns_of(number: PhoneNumber, facts: Facts, *, now: datetime.datetime) -> dict[str, object]:
    """The columns that say where `number` stands; the time it began is kept while the next action stays the same."""
    found: Standing = standing(facts, now=now)
    same = number.next_action == found.next_action and number.stage == found.stage
    return {
        "stage": found.stage.value,
        "next_action": found.next_action,
        "move": found.move.value,
        "step": found.step.value,
        "stage_since": found.since or (number.stage_since if same else None) or now,
        "registration_deadline": found.deadline,
        "may_send": rules.may_send(facts).value,
    }


# What `columns_of` gives.
_COLUMNS = (
    "stage",
    "next_action",
    "move",
    "step",
    "stage_since",
    "registration_deadline",
    "may_send",
)


def of_new(number: PhoneNumber, *, now: datetime.datetime) -> dict[str, object]:
    """The columns for a number that is not stored yet, and so has no records of ours."""
    return columns_of(number, plain_facts_of(number, background=Background()), now=now)


def _recompute(pks: Sequence[int]) -> int:
    now = database_clock.now()
    actions: dict[int, list[Action]] = {}
    for action in Action.objects.filter(counted(now), number__in=pks):
        actions.setdefault(action.number_id or 0, []).append(action)
    related = ("waba__last_failure", "health", "waba__health")
    numbers = list(PhoneNumber.objects.filter(pk__in=pks).select_related(*related))
    backgrounds, reports = backgrounds_of(numbers), reports_on(numbers)
    turned, aged = [], []
    for number in numbers:
        facts = facts_of(
            number,
            actions.get(number.pk, []),
            background=backgrounds.get(number.pk),
            reports=reports.get(number.pk, ()),
            now=now,
        )
        columns = columns_of(number, facts, now=now)
        oldest = age.oldest_fact_at(number.provenance, str(columns["stage"]))
        if number.oldest_fact_at != oldest or any(getattr(number, name) != value for name, value in columns.items()):
            for name, value in columns.items():
                setattr(number, name, value)
            turned.append(number)
            if number.oldest_fact_at != oldest:
                aged.append(NumberAge(pk=number.pk, oldest_fact_at=oldest))
    # The number first, also where only its age is another one: everybody locks both in this order.
    save_columns(turned, _COLUMNS)
    save_columns(aged, ["oldest_fact_at"])
    return len(turned)
