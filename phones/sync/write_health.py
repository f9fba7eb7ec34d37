"""Writes what Graph said of the health of a number or a WABA, its history, and where its numbers stand by that."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from clients import leases
from clients.models import User
from clients.models.answers import NO_ERROR
from phones.choices import ChangeKind, Source
from phones.models import Change, Health, PhoneNumber
from phones.numbers import clocks, health, standing
from phones.sync import pace
from portal import database_clock
from portal.graph import HealthEntity, HealthReading
from portal.rows import row_or_none

EVERY = clocks.HEALTH_EVERY
# Graph answered and left the field out: what was known before stays, and grows old.
NOT_RETURNED = "health_not_returned"


@transaction.atomic
def store(
    row: Health, reading: HealthReading, *, asked_at: datetime.datetime, source: Source, actor: User | None
) -> None:
    """Store `reading` unless the row has a newer one, and recompute the numbers that it is about."""
    current = row_or_none(Health.objects.select_for_update().filter(pk=row.pk))
    next_read_at = database_clock.now() + pace.spread(EVERY)
    if reading.health is None:
        note_failure(row, NO_ERROR | {"error_kind": NOT_RETURNED}, next_read_at=next_read_at)
        return
    if current is None or not database_clock.is_older(current.read_at, asked_at):
        return
    said, entities = reading.health.can_send_message or None, [_as_graph(one) for one in reading.health.entities]
    is_trouble = health.names_trouble(said, entities)
    Health.objects.filter(pk=row.pk).update(
        can_send_message=said,
        entities=entities,
        read_at=asked_at,
        first_read_at=current.first_read_at or current.read_at or asked_at,
        tried_at=asked_at,
        lapses_at=asked_at + clocks.HEALTH_HOLDS_FOR if is_trouble else None,
        next_read_at=next_read_at,
        failures_in_a_row=0,
        **NO_ERROR,
        **leases.LET_GO,
    )
    if current.can_send_message != said and current.read_at is not None:
        _write_history(current, said, at=asked_at, source=source, actor=actor)
    if current.number_id is not None:
        _have_waba_read(current.number_id, entities, at=asked_at)
        standing.recompute([current.number_id])
    else:
        standing.recompute(PhoneNumber.objects.filter(waba=current.waba_id).values_list("pk", flat=True))


def note_failure(row: Health, error_columns: Mapping[str, Any], *, next_read_at: datetime.datetime) -> None:
    """Note why nothing was read, and when it is tried again. What was read before stays, with its age."""
    failures = F("failures_in_a_row") + 1
    Health.objects.filter(pk=row.pk).update(
        **error_columns, next_read_at=next_read_at, failures_in_a_row=failures, **leases.LET_GO
    )


def leave_alone(wabas: Iterable[int], *, until: datetime.datetime) -> None:
    """Read no health on these WABAs (keys) before `until`, neither theirs nor that of their numbers."""
    Health.objects.filter(waba__in=list(wabas)).update(not_before=until)


def _have_waba_read(number: int, entities: list[dict[str, object]], *, at: datetime.datetime) -> None:
    """Give the number's WABA its turn where the number's reading says other things of what all its numbers share."""
    shared = Health.objects.filter(waba__current_numbers=number, read_at__lt=at).first()
    if shared is None:
        return
    said = {(one["entity_type"], one["id"]): one["can_send_message"] for one in shared.entities}
    now_said = {(one["entity_type"], one["id"]): one["can_send_message"] for one in entities}
    if any(now_said[key] != said[key] for key in said.keys() & now_said.keys()):
        Health.objects.filter(pk=shared.pk).update(next_read_at=database_clock.now())


def _write_history(row: Health, said: str | None, *, at: datetime.datetime, source: Source, actor: User | None) -> None:
    Change.objects.create(
        number_id=row.number_id,
        waba_id=row.waba_id if row.number is None else row.number.waba_id,
        kind=ChangeKind.FIELD,
        field="can_send_message",
        old=row.can_send_message,
        new=said,
        source=source,
        actor=actor,
        at=at,
    )


def _as_graph(entity: HealthEntity) -> dict[str, object]:
    """The entity as a row keeps it: by Graph's names, without what Meta left out."""
    errors = [
        {"error_code": one.code, "error_description": one.description, "possible_solution": one.solution}
        for one in entity.errors
    ]
    kept: dict[str, object] = {
        "entity_type": entity.entity_type,
        "id": entity.entity_id,
        "can_send_message": entity.can_send_message,
    }
    return (
        kept
        | ({"errors": errors} if errors else {})
        | ({"additional_info": list(entity.additional_info)} if entity.additional_info else {})
    )
