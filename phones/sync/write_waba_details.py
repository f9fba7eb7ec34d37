"""Writes what Graph said of the details of a WABA, each fact with its age, with its history and its next turn."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction

from clients import refused_fields
from clients.models import SyncFailure
from phones.choices import ChangeKind, Source
from phones.models import Change, WabaDetails
from phones.sync import details, pace
from phones.sync.write_profiles import MAY_PASS, REST, SOONER, Told
from phones.sync.write_traits import interval
from portal import database_clock
from portal.graph import DetailsReading, FieldRefusal
from portal.graph.reads.waba_details import OWNER, WABA_DETAILS, WABA_FUNDING

# Part → Graph's fields in it → the name of the fact. What is the owner's is named so: the WABA has its own.
FACTS = {
    "waba": {name: name for name in WABA_DETAILS.extra},
    "funding": {name: name for name in WABA_FUNDING.extra},
    "people": {"assigned_users": "assigned_users"},
    "solutions": {"solutions": "solutions"},
    "owner": {
        "verification_status": "owner_verification_status",
        "two_factor_type": "owner_two_factor_type",
        "whatsapp_business_manager_messaging_limit": "owner_messaging_limit",
    },
}
_NODE_TYPES = {"waba": WABA_DETAILS.node_type, "funding": WABA_FUNDING.node_type, "owner": OWNER.node_type}
# Meta leaves this out where there is none: nothing pays for the WABA.
_CLEARED_BY_ABSENCE = frozenset({"primary_funding_id"})


def fact_of(node_type: str, field: str) -> str:
    """The fact that a field of Graph's is kept as here; empty for what is read elsewhere."""
    return next((FACTS[part].get(field, "") for part, known in _NODE_TYPES.items() if known == node_type), "")


@transaction.atomic
def store(
    row: WabaDetails, told: Sequence[Told], *, refused: Collection[FieldRefusal], source: Source = Source.SYNC
) -> None:
    """Store the parts that came and why others did not, in one transaction with the WABA's next turn."""
    current = WabaDetails.objects.select_for_update().get(pk=row.pk)
    lines: list[Change] = []
    for one in told:
        if _is_known_since(current, one):
            continue
        if isinstance(one.reading, DetailsReading):
            lines += _keep(current, one.part, one.reading, at=one.at, source=source)
        elif one.error is not None:
            failure = details.why(SyncFailure.of(one.error, at=one.at))
            current.parts[one.part] = {**current.parts.get(one.part, {}), **failure}
    _give_next_turn(current, told)
    current.save()
    Change.objects.bulk_create(lines)
    answered = [
        (_NODE_TYPES[one.part], one.reading.requested) for one in told if one.reading and one.part in _NODE_TYPES
    ]
    refused_fields.note(refused, answered)


@transaction.atomic
def note_failure(row: WabaDetails, part: str, failure: SyncFailure) -> None:
    """Keep why nothing could be asked; the part is the one that the page names."""
    current = WabaDetails.objects.select_for_update().get(pk=row.pk)
    current.parts[part] = {**current.parts.get(part, {}), **details.why(failure)}
    current.save(update_fields=["parts"])


def _is_known_since(row: WabaDetails, one: Told) -> bool:
    """Whether the part was read after it was asked for here: neither this answer nor its failure is news then."""
    read_at = row.parts.get(one.part, {}).get("at")
    return read_at is not None and not database_clock.is_older(datetime.datetime.fromisoformat(read_at), one.at)


def _keep(
    row: WabaDetails, part: str, reading: DetailsReading, *, at: datetime.datetime, source: Source
) -> list[Change]:
    """Put what a reading says in place of what was known; the lines of history about it."""
    lines = []
    for name, fact in FACTS[part].items():
        if name not in reading.requested or name in reading.odd:
            continue
        value = reading.values.get(name, "" if name in _CLEARED_BY_ABSENCE else None)
        if value is None:
            continue
        known = row.facts.get(fact)
        if known is not None and known["value"] != value:
            old, new = _in_history(known["value"]), _in_history(value)
            line = Change(waba_id=row.pk, kind=ChangeKind.FIELD, field=fact, old=old, new=new, source=source, at=at)
            lines.append(line)
        row.facts[fact] = {"value": value, "at": at.isoformat(), "by": source.value}
    refused = [fact for name, fact in FACTS[part].items() if name not in reading.requested]
    row.parts[part] = {"at": at.isoformat(), "by": source.value, **({"refused": refused} if refused else {})}
    return lines


def _in_history(value: Any) -> Any:
    """A list of objects by their names, with what can change of each; anything else as it is."""
    if not isinstance(value, list):
        return value
    return [_entry_in_history(one) if isinstance(one, dict) else str(one) for one in value]


def _entry_in_history(entry: dict[str, Any]) -> str:
    name, more = str(entry.get("name") or entry.get("id")), entry.get("status") or ", ".join(entry.get("tasks", ()))
    return f"{name} ({more})" if more else name


def _give_next_turn(row: WabaDetails, told: Sequence[Told]) -> None:
    now, errors = database_clock.now(), [(one.part, one.error) for one in told if one.error is not None]
    rests = {part: until for part, until in row.rests.items() if datetime.datetime.fromisoformat(until) > now}
    for one in told:
        rests.pop(one.part, None)
    for part, error in errors:
        if error.kind == "not_visible" or error.kind not in pace.PASSING | details.OF_ALL:
            rests[part] = (now + REST).isoformat()
    may_pass = any(error.kind in MAY_PASS for _, error in errors)
    row.rests, row.tried_at = rests, now
    row.next_read_at = now + pace.spread(interval()) / (SOONER if may_pass else 1)
