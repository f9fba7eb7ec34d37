"""Reads the details of a number for who asks for them, each part by a call of its own, and keeps what Graph said."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clients.access import PAGE_SECONDS, NoTokenError, graph_client, meter, token_now
from clients.models import SyncFailure
from phones.choices import Source
from phones.models import NumberDetails, PhoneNumber
from phones.numbers import traits
from phones.sync import profile_turns, waits, write_traits
from portal import database_clock
from portal.graph import DetailsReading, GraphClient, GraphError

PARTS: dict[str, Callable[[GraphClient], Callable[..., DetailsReading]]] = {
    "node": lambda client: client.number_details,
    "settings": lambda client: client.number_settings,
    "username": lambda client: client.username,
    "suggestions": lambda client: client.username_suggestions,
}
# Read only when somebody asks.
ON_DEMAND: dict[str, Callable[[GraphClient], Callable[..., DetailsReading]]] = {
    "blocked": lambda client: client.blocked_users,
    "compliance": lambda client: client.business_compliance,
}
_EVERY = PARTS | ON_DEMAND
# What no other part can be asked for either; a field or an edge that is missing is one part's alone.
OF_ALL = frozenset(
    {
        *("throttled", "token_dead", "app_refused", "app_secret_wrong", "address_not_allowed"),
        *("unreachable", "deadline_exceeded", "not_visible"),
    }
)


def parts_for(number: PhoneNumber) -> list[str]:
    """All that there may be to read of a number for who asks: the law of India is about numbers there alone."""
    is_indian = number.digits.startswith("91")
    return [name for name in _EVERY if name != "compliance" or is_indian]


def read_details(
    *, number: PhoneNumber, parts: Collection[str] = tuple(PARTS), is_asked: bool = True
) -> list[SyncFailure]:
    """Read these parts and store what came; the failures (unsaved) of those that could not be read.

    After a failure that is about more than one part the others are not asked, and keep what they have. `is_asked`: a
    person waits for it, so Meta is asked though it wants us to wait.
    """
    client, asked, failures, started_at = graph_client(), meter(PAGE_SECONDS), [], database_clock.now()
    source = Source.ACTION if is_asked else Source.SYNC
    try:
        token = token_now(number.waba.credential, number.waba, at=started_at, for_person=is_asked)
    except NoTokenError as error:
        failure = error.failure(at=started_at)
        for name in parts:
            keep(number, {name: (why(failure), started_at)})
        return [failure]
    for name in parts:
        asked_at = database_clock.now()
        try:
            reading = _EVERY[name](client)(number.phone_number_id, token=token, meter=asked)
        except GraphError as error:
            waits.begin(number.waba, error)
            failures.append(failure := SyncFailure.of(error, at=asked_at))
            keep(number, {name: (why(failure), asked_at)})
            if failure.kind in OF_ALL:
                break
        else:
            waits.end_for_success(number.waba, asked_at=asked_at)
            keep(number, {name: (said_by(reading, at=asked_at, source=source), asked_at)})
            profile_turns.end_rests(number, [name])
    return failures


def why(failure: SyncFailure) -> dict[str, Any]:
    """What is kept of a part that could not be read."""
    columns = failure.error_columns
    names = ("error_kind", "code", "subcode", "http_status")
    return {"failure": {**{name: columns[name] for name in names}, "at": database_clock.now().isoformat()}}


def said_by(reading: DetailsReading, *, at: datetime, source: Source) -> dict[str, Any]:
    """What is kept of a part that was read; `odd` names what Graph sent in another type than is due."""
    odd = {"odd": sorted(reading.odd)} if reading.odd else {}
    return {"values": reading.values, "at": at.isoformat(), "by": source.value, **odd}


@transaction.atomic
def keep(number: PhoneNumber, said: Mapping[str, tuple[dict[str, Any], datetime]]) -> None:
    """Write parts, each with when it was asked for: a reading in place of what was there, a failure beside it.

    A newer reading stays as it is.
    """
    write_traits.lock(number)
    row, _ = NumberDetails.objects.select_for_update().get_or_create(number=number)
    states: dict[str, str | None] = {}
    for part, (told, asked_at) in said.items():
        before = row.parts.get(part, {})
        known_at = datetime.fromisoformat(before["at"]) if "at" in before else None
        if not database_clock.is_older(known_at, asked_at):
            continue
        row.parts[part] = told if "values" in told else {**before, **told}
        if "values" in told and part in _STATES:
            name, decided_by, state_of = _STATES[part]
            is_odd = not decided_by.isdisjoint(told.get("odd", ()))
            states[name] = None if is_odd else state_of(told["values"])
    row.save(update_fields=["parts"])
    write_traits.keep(number, **states)


# Part → the column that lists show, the fields that decide it, and how.
_STATES: dict[str, tuple[str, frozenset[str], Callable[[Mapping[str, Any]], str | None]]] = {
    "username": ("username_state", frozenset({"username", "status"}), traits.username_state),
    "settings": ("calling_state", frozenset({"calling"}), traits.calling_state),
}
