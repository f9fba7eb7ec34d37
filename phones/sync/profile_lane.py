"""The profile lane beside the sync: reads the profile and the details of each number, and of each WABA, once a day.

Up to five calls a number or a WABA, the numbers that wait longest first. It has turns, leases and waits of its own and
takes half of what scheduled reading leaves of a WABA's quota, so that nothing here touches the sync. Graph is asked by
a few threads, the database by the thread that calls, and no transaction is open meanwhile.
"""

from __future__ import annotations

import datetime
import time
import uuid
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
from django.db import DatabaseError

from clients.access import graph_client, meter
from phones.models import ProfileTurn, WabaDetails
from phones.sync import (
    details,
    pace,
    profile_turns,
    waba_details,
    write_profiles,
    write_traits,
    write_waba_details,
)
from phones.sync.first_calls import OutOfCalls
from phones.sync.profile_turns import HeldWaba
from phones.sync.token_parts import TokenParts
from phones.sync.write_profiles import PROFILE, Told
from portal import database_clock, stopping, tracing
from portal.graph import GraphClient, GraphError, Meter

log = structlog.get_logger(__name__)

# Numbers that are read side by side; so many calls at most are made with a token that Meta refuses.
THREADS = 8
SUGGESTIONS = "suggestions"
PARTS = (PROFILE, *details.PARTS)


@dataclass(slots=True)
class _Answer:
    """What came of asking for the parts of one number, or of the WABA itself."""

    held: HeldWaba
    turn: ProfileTurn | WabaDetails
    meter: Meter
    told: list[Told] = field(default_factory=list)

    @property
    def error(self) -> GraphError | None:
        """What stood in the way of all parts."""
        last = self.told[-1].error if self.told else None
        return last if last is not None and last.kind in details.OF_ALL else None


def gather() -> bool:
    """Whether anything is due. Also forgets what is too old to be stated."""
    write_traits.forget_old()
    return bool(write_traits.interval()) and profile_turns.gather()


def is_due() -> bool:
    """Whether a number waits for its turn, on a WABA about which Meta may be asked."""
    return bool(write_traits.interval()) and profile_turns.is_due()


def work(*, seconds: float, client: GraphClient | None = None) -> int:
    """Read what is due until nothing is, or until `seconds` have passed; gives how many turns brought all parts."""
    stop_at, holder, asks = time.monotonic() + seconds, uuid.uuid4(), client or graph_client()
    out_of_calls, parts, read, wabas = OutOfCalls(), TokenParts(), 0, list[HeldWaba]()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="profiles") as pool:
        while not stopping.turn_is_over(stop_at):
            if len(wabas) < THREADS:
                wabas += profile_turns.take(holder, THREADS - len(wabas))
            batch = [(held, turn) for held in wabas for turn in _next_of(held, len(wabas))]
            if not batch and not wabas:
                break
            profile_turns.renew(holder)
            profile_turns.put_off([turn for _, turn in batch])
            work_of = [(held, turn, parts.left_out(held.waba.credential_id)) for held, turn in batch]
            over = set[int]()
            for answer in pool.map(tracing.carried(lambda one: _ask(asks, *one)), work_of):
                read += _record(answer, holder, parts)
                over |= _over_after(answer, out_of_calls)
            wabas = _those_left(wabas, over, holder)
    for held in wabas:
        profile_turns.give_back(held, holder)
    return read


def _next_of(held: HeldWaba, wabas: int) -> list[ProfileTurn | WabaDetails]:
    """The share of this WABA in the next round, taken off its turns."""
    share = max(THREADS // wabas, 1)
    turns, held.turns = held.turns[:share], held.turns[share:]
    return turns


def _ask(client: GraphClient, held: HeldWaba, turn: ProfileTurn | WabaDetails, left_out: Collection[str]) -> _Answer:
    """Ask Graph for the parts of one turn; raises nothing of Graph's. Runs in a thread: no database here."""
    now = database_clock.now()
    answer = _Answer(held, turn, meter(profile_turns.ROUND_SECONDS))
    if isinstance(turn, WabaDetails):
        without = {*left_out, *waba_details.resting(turn, at=now)}
        answer.told = waba_details.ask(client, turn, token=held.token, asked=answer.meter, left_out=without)
        return answer
    for part in PARTS:
        if part in left_out or _rests(turn, part, now) or (part == SUGGESTIONS and not _lacks_username(answer)):
            continue
        asked_at = database_clock.now()
        call = client.business_profile if part == PROFILE else details.PARTS[part](client)
        try:
            reading = call(turn.number.phone_number_id, token=held.token, meter=answer.meter)
        except GraphError as error:
            answer.told.append(Told(part, asked_at, error=error))
            if error.kind in details.OF_ALL:
                break
        else:
            answer.told.append(Told(part, asked_at, reading))
    return answer


def _rests(turn: ProfileTurn, part: str, now: datetime.datetime) -> bool:
    until = turn.rests.get(part)
    return until is not None and datetime.datetime.fromisoformat(until) > now


def _lacks_username(answer: _Answer) -> bool:
    """Whether Meta has just said that the number has no username: only then are suggestions of use."""
    said = [one.reading for one in answer.told if one.part == "username" and one.reading is not None]
    return bool(said) and not said[0].values.get("username")


def _record(answer: _Answer, holder: uuid.UUID, parts: TokenParts) -> bool:
    """Store an answer if `holder` still holds the WABA; whether all parts came. What can't be stored ends nothing."""
    held, turn = answer.held, answer.turn
    if not profile_turns.is_held(held.quota.pk, holder):
        return False
    try:
        if isinstance(turn, WabaDetails):
            write_waba_details.store(turn, answer.told, refused=answer.meter.refused)
        else:
            write_profiles.store(turn, answer.told, refused=answer.meter.refused)
        parts.note(held.waba.credential_id, answer.told)
    except DatabaseError:
        log.exception("What Graph said in the profile lane could not be stored.", waba=held.quota.pk, row=turn.pk)
        return False
    return bool(answer.told) and all(one.error is None for one in answer.told)


def _over_after(answer: _Answer, out_of_calls: OutOfCalls) -> set[int]:
    """The WABAs (keys) with which this turn is over after `answer`; they are left alone for a while."""
    held, error, now = answer.held, answer.error, database_clock.now()
    waba, has_room = held.waba, profile_turns.has_room(held, answer.meter)
    spent = out_of_calls.hears(error, credential=waba.credential_id or 0, waba=waba.pk)
    if error is not None and (spent or pace.is_of_the_token(error)):
        over = set(profile_turns.of_token(waba))
    elif error is not None and error.kind != "not_visible":
        over = {waba.pk}
    else:
        over = set() if has_room else {waba.pk}
    if over:
        turn = (
            None
            if error is None
            else pace.after_failure(error, failures_in_a_row=1, now=now, interval=pace.LONGEST_WAIT)
        )
        waits = [until for until in (turn and turn.not_before, turn and turn.credential_not_before) if until]
        profile_turns.leave_alone(over, until=max(waits, default=now + pace.BUSY_INTERVAL))
    return over


def _those_left(wabas: list[HeldWaba], over: Collection[int], holder: uuid.UUID) -> list[HeldWaba]:
    """The held WABAs that have more to read; the others are let go of."""
    left = []
    for held in wabas:
        if held.quota.pk in over:
            profile_turns.give_back(held, holder)
        elif not held.turns:
            profile_turns.finish(held, holder)
        else:
            left.append(held)
    return left
