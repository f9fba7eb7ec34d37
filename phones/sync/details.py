"""Reads the details of a number for who asks for them, each part by a call of its own, and keeps what Graph said."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from clients.access import PAGE_SECONDS, NoTokenError, graph_client, meter, token_now
from clients.models import SyncFailure
from phones.models import NumberDetails, PhoneNumber
from phones.sync import waits
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
_OF_ALL = frozenset(
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
    try:
        token = token_now(number.waba.credential, number.waba, at=started_at, for_person=is_asked)
    except NoTokenError as error:
        failure = error.failure(at=started_at)
        for name in parts:
            _keep(number, name, {"failure": _why(failure)}, asked_at=started_at)
        return [failure]
    for name in parts:
        asked_at = database_clock.now()
        try:
            reading = _EVERY[name](client)(number.phone_number_id, token=token, meter=asked)
        except GraphError as error:
            waits.begin(number.waba, error)
            failures.append(failure := SyncFailure.of(error, at=asked_at))
            _keep(number, name, {"failure": _why(failure)}, asked_at=asked_at)
            if failure.kind in _OF_ALL:
                break
        else:
            waits.end_for_success(number.waba, asked_at=asked_at)
            said = {"values": reading.values, "at": asked_at.isoformat()}
            _keep(number, name, said, asked_at=asked_at)
    return failures


def _why(failure: SyncFailure) -> dict[str, Any]:
    columns = failure.error_columns
    names = ("error_kind", "code", "subcode", "http_status")
    return {**{name: columns[name] for name in names}, "at": database_clock.now().isoformat()}


@transaction.atomic
def _keep(number: PhoneNumber, part: str, said: dict[str, Any], *, asked_at: datetime) -> None:
    """Write one part: a reading in place of what was there, a failure beside it. A newer reading stays as it is."""
    row, _ = NumberDetails.objects.select_for_update().get_or_create(number=number)
    before = row.parts.get(part, {})
    known_at = datetime.fromisoformat(before["at"]) if "at" in before else None
    if not database_clock.is_older(known_at, asked_at):
        return
    row.parts[part] = said if "values" in said else {**before, **said}
    row.save(update_fields=["parts"])
