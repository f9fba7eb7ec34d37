"""Whether something may be done to a pool number now, and why not. Pure: no ORM, no HTTP, no clock of its own.

Meta's rules are in graph-api.md, sections 4.1 and 5. How many codes Meta sends is not published; the desk stops at a
number below the ten in 72 hours that people report.
"""

from collections.abc import Sequence
from datetime import datetime

from phones.actions.guards import Refusal
from phones.choices import ActionKind
from phones.numbers.clocks import CODE_WINDOW, code_pause_until
from phones.pool import clocks
from phones.pool.clocks import PoolFacts

MOST_CODES = 8
# Who may do these is a team lead or an administrator: they reach beyond our own desk, or can't be taken back.
FOR_LEADS = frozenset({ActionKind.SHARE, ActionKind.UNSHARE, ActionKind.DELETE})

_CODES = frozenset({ActionKind.REQUEST_CODE, ActionKind.VERIFY_CODE})


def refusal(
    kind: ActionKind,
    facts: PoolFacts,
    *,
    now: datetime,
    sent: Sequence[datetime] = (),
    blocked_until: datetime | None = None,
) -> Refusal | None:
    """Why an action of this kind may not be sent at `now`; None when it may.

    `sent` are the times at which the same was sent before; `blocked_until` is what Meta then said to wait for.
    """
    if facts.claimed_at is not None:
        return Refusal("A client has claimed this number: it is no longer in the pool. See the number’s own page.")
    if facts.deleted_at is not None or facts.missing_since is not None:
        return Refusal("This number is no longer in the pool: nothing can be done to it from here.")
    if kind in _CODES and not clocks.may_get_code(facts, now=now):
        return _no_code_needed(facts)
    if kind == ActionKind.DELETE and facts.is_reserved:
        return Refusal("A signup link offers this number to a client: free it first, then delete it.")
    if blocked_until is not None and blocked_until > now:
        return Refusal("Meta has blocked this for the number for a while.", until=blocked_until)
    return _too_often(sent, now) if kind == ActionKind.REQUEST_CODE else None


def _no_code_needed(facts: PoolFacts) -> Refusal:
    sentence = "The number is verified: Meta takes a new code only in the last 45 days of its verification."
    return Refusal(sentence, until=clocks.renewable_from(facts))


def _too_often(sent: Sequence[datetime], now: datetime) -> Refusal | None:
    recent = sorted(at for at in sent if at > now - CODE_WINDOW)
    if until := code_pause_until(recent, now=now):
        return Refusal("A code was requested a moment ago: give it a minute to arrive.", until=until)
    if len(recent) >= MOST_CODES:
        sentence = f"{len(recent)} codes were requested within 72 hours. The desk stops here, before Meta locks it."
        return Refusal(sentence, until=recent[0] + CODE_WINDOW)
    return None
