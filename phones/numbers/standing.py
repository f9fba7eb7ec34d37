"""Stores where each number stands: stage, next action, whose move, since when, until when.

Computed by `phones.numbers.lifecycle` wherever facts are written, and by `manage.py recompute_stages` for all.
"""

import datetime
from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.utils import timezone

from phones.choices import ActionKind
from phones.models import Action, PhoneNumber
from phones.numbers import clocks, conditions
from phones.numbers.facts import facts_of, plain_facts_of
from phones.numbers.lifecycle import Stage, Standing, standing

CHUNK = 500


def recompute(pks: Iterable[int] | None = None) -> int:
    """Compute the standing of these numbers (of all by default) and write those that differ; gives how many did."""
    wanted = sorted(set(PhoneNumber.objects.values_list("pk", flat=True) if pks is None else pks))
    return sum(_recompute(wanted[start : start + CHUNK]) for start in range(0, len(wanted), CHUNK))


def recompute_due() -> int:
    """Recompute the numbers whose standing the clock alone has changed: a deadline has passed, a code has lapsed."""
    now = timezone.now()
    with_clock = [Stage.READY, Stage.NEEDS_CODE, Stage.NAME_BLOCKS, Stage.REGISTERED]
    passed = conditions.has_passed(now) & Q(stage__in=with_clock)
    due = PhoneNumber.objects.filter(passed | conditions.is_waiting_for_lapsed_code(now))
    return recompute(due.values_list("pk", flat=True)[:5000])


def columns_of(number: PhoneNumber, found: Standing, *, now: datetime.datetime) -> dict[str, object]:
    """The columns that say `found` of `number`; the time it began is kept while the next action stays the same."""
    same = number.next_action == found.next_action and number.stage == found.stage
    return {
        "stage": found.stage.value,
        "next_action": found.next_action,
        "move": found.move.value,
        "step": found.step.value,
        "stage_since": found.since or (number.stage_since if same else None) or now,
        "registration_deadline": found.deadline,
    }


def of_new(number: PhoneNumber, *, now: datetime.datetime) -> dict[str, object]:
    """The columns for a number that is not stored yet, and so has no records of ours."""
    return columns_of(number, standing(plain_facts_of(number), now=now), now=now)


def _recompute(pks: Sequence[int]) -> int:
    now = timezone.now()
    actions: dict[int, list[Action]] = {}
    recent = Q(closed_at=None) | Q(sent_at__gt=now - clocks.RECORDS_COUNT_FOR)
    kinds = [ActionKind.REGISTER, ActionKind.DEREGISTER, ActionKind.REQUEST_CODE]
    for action in Action.objects.filter(recent, number__in=pks, kind__in=kinds):
        actions.setdefault(action.number_id or 0, []).append(action)
    written = 0
    for number in PhoneNumber.objects.filter(pk__in=pks).select_related("waba__last_failure"):
        facts = facts_of(number, actions.get(number.pk, []), now=now)
        columns = columns_of(number, standing(facts, now=now), now=now)
        if any(getattr(number, name) != value for name, value in columns.items()):
            PhoneNumber.objects.filter(pk=number.pk).update(**columns)
            written += 1
    return written
