"""Gathers from the tables what the clocks and rules judge: a pool number's facts, and what was done to it before."""

import datetime
from collections.abc import Collection, Iterable, Sequence

from phones.actions.guards import Refusal
from phones.choices import ActionKind, ActionState
from phones.models import Action, PreverifiedNumber
from phones.numbers.clocks import CODE_LIFE
from phones.numbers.rules import reported_registered
from phones.pool import clocks, rules
from phones.pool.clocks import PoolFacts, PoolStanding
from portal import database_clock

# Requests that reached Meta, or may have.
_COUNTED = (ActionState.SENT, ActionState.SUCCEEDED, ActionState.FAILED, ActionState.UNKNOWN)


def standings_of(rows: Sequence[PreverifiedNumber]) -> dict[int, PoolStanding]:
    """Where each of `rows` stands now, by key. `number` is read with them. Two statements however many they are."""
    now = database_clock.now()
    pks = [row.pk for row in rows]
    waiting = set(
        Action.objects.filter(preverified_number__in=pks, closed_at=None).values_list("preverified_number", flat=True)
    )
    codes = _codes_sent(pks, now)
    return {
        row.pk: clocks.standing(facts_of(row, codes.get(row.pk), has_open_action=row.pk in waiting), now=now)
        for row in rows
    }


def standing_of(row: PreverifiedNumber) -> PoolStanding:
    return standings_of([row])[row.pk]


def facts_of(
    row: PreverifiedNumber, code_sent_at: datetime.datetime | None = None, *, has_open_action: bool = False
) -> PoolFacts:
    """A number's own facts, and of our records what the caller has at hand."""
    number = row.number
    return PoolFacts(
        first_seen_at=row.first_seen_at,
        added_at=row.added_at,
        code_verification_status=row.code_verification_status,
        code_verification_time=row.code_verification_time,
        verification_expiry_time=row.verification_expiry_time,
        missing_since=row.missing_since,
        deleted_at=row.deleted_at,
        is_reserved=row.reserved_for_id is not None,
        claimed_at=row.claimed_at,
        is_registered=reported_registered(number) if number is not None else None,
        register_by=number.registration_deadline if number is not None else None,
        code_sent_at=code_sent_at,
        has_open_action=has_open_action,
    )


def refusal_of(row: PreverifiedNumber, kind: ActionKind) -> Refusal | None:
    """Why this can't be done to the number now; None when it can. An open action is not looked at."""
    return refusals_of(row, [kind])[kind]


def refusals_of(row: PreverifiedNumber, kinds: Collection[ActionKind]) -> dict[ActionKind, Refusal | None]:
    """The same for several kinds. One statement."""
    sent = Action.objects.filter(preverified_number=row, kind__in=kinds, state__in=_COUNTED, sent_at__isnull=False)
    recent = list(sent.order_by("-pk").values_list("kind", "sent_at", "retry_at")[: 50 * len(kinds)])
    return {
        kind: rules.refusal(
            kind,
            facts_of(row),
            sent=[sent_at for its_kind, sent_at, _ in recent if its_kind == kind and sent_at is not None],
            blocked_until=max((again for its_kind, _, again in recent if its_kind == kind and again), default=None),
            now=database_clock.now(),
        )
        for kind in kinds
    }


def _codes_sent(pks: Iterable[int], now: datetime.datetime) -> dict[int, datetime.datetime]:
    """When a code that is still good was sent, by number: it works for ten minutes, and once."""
    done = Action.objects.filter(
        preverified_number__in=pks,
        kind__in=[ActionKind.REQUEST_CODE, ActionKind.VERIFY_CODE],
        state=ActionState.SUCCEEDED,
        sent_at__gt=now - CODE_LIFE,
    )
    rows = done.order_by("pk").values_list("preverified_number", "kind", "sent_at")
    latest = {pk: (kind, sent_at) for pk, kind, sent_at in rows}
    return {
        pk: sent_at for pk, (kind, sent_at) in latest.items() if sent_at is not None and kind == ActionKind.REQUEST_CODE
    }
