"""Gathers from the tables what the pure rules judge: a number's facts, our own records of it, its earlier requests."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from phones.actions import guards, pins
from phones.choices import ActionKind, ActionState, PinState
from phones.models import Action, PhoneNumber, Pin
from phones.numbers.facts import backgrounds_of, counted, facts_of, reports_on
from phones.numbers.lifecycle import Facts
from portal import database_clock

# Requests that reached Meta, or may have.
_COUNTED = (ActionState.SENT, ActionState.SUCCEEDED, ActionState.FAILED, ActionState.UNKNOWN)
# Refusals that followed on a PIN of ours, and so count as guesses.
_GUESSES = frozenset({"pin_mismatch", "pin_too_fast", "pin_guesses_exceeded"})


def records_of(number: PhoneNumber) -> list[Action]:
    """What was done to a number lately or is still open, newest first: all that its situation is made of."""
    return list(Action.objects.filter(counted(database_clock.now()), number=number).order_by("-pk"))


def situation_of(number: PhoneNumber, kind: ActionKind, *, pin_given: bool = True) -> guards.Situation:
    """What an action of this kind on `number` is judged by."""
    return situation_from(number, kind, records_of(number), pin_given=pin_given, kept=pins.known(number))


def situations_of(numbers: Collection[PhoneNumber], kind: ActionKind) -> dict[int, tuple[guards.Situation, bool]]:
    """The same for many numbers with their WABAs and healths, by key, where no PIN was typed; and if an action is open.

    Costs the same few statements however many they are.
    """
    now, pks = database_clock.now(), [number.pk for number in numbers]
    records: dict[int | None, list[Action]] = defaultdict(list)
    for action in Action.objects.filter(counted(now), number__in=pks).order_by("-pk"):
        records[action.number_id].append(action)
    confirmed = Pin.objects.filter(number__in=pks, state=PinState.CONFIRMED).order_by("pk")
    kept = {pin.number_id: pin for pin in confirmed}
    backgrounds, reports = backgrounds_of(numbers), reports_on(numbers)
    found = {}
    for number in numbers:
        theirs = records[number.pk]
        facts = facts_of(
            number,
            theirs,
            background=backgrounds.get(number.pk),
            reports=reports.get(number.pk, ()),
            now=now,
        )
        situation = situation_from(number, kind, theirs, pin_given=False, kept=kept.get(number.pk), facts=facts)
        found[number.pk] = situation, any(one.closed_at is None for one in theirs)
    return found


def situation_from(
    number: PhoneNumber,
    kind: ActionKind,
    records: Sequence[Action],
    *,
    pin_given: bool = True,
    kept: Pin | None,
    facts: Facts | None = None,
) -> guards.Situation:
    """The same, from the number's actions (newest first), its known PIN and its facts, which the caller has at hand."""
    rows = [
        (one.sent_at, one.error_kind, one.retry_at)
        for one in records
        if one.kind == kind and one.state in _COUNTED and one.sent_at is not None
    ]
    return guards.Situation(
        facts=facts or facts_of(number, records),
        is_pin_enabled=number.is_pin_enabled,
        is_official=number.is_official_business_account,
        sent=tuple(sent_at for sent_at, _, _ in rows),
        wrong_pins=tuple(sent_at for sent_at, error, _ in rows if error in _GUESSES),
        pin_given=pin_given or kept is not None,
        blocked_until=max((retry_at for _, _, retry_at in rows if retry_at is not None), default=None),
    )
