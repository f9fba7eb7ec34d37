"""Reads the business profile of a number for who asks for it, and writes what Graph said with its history."""

import datetime
from collections.abc import Mapping

from django.db import transaction

from clients import refused_fields
from clients.access import PAGE_SECONDS, NoTokenError, graph_client, meter, token_now
from clients.models import SyncFailure, User
from clients.models.answers import NO_ERROR
from phones.choices import ChangeKind, Source
from phones.models import BusinessProfile, Change, PhoneNumber
from phones.numbers import traits
from phones.numbers.profile import FIELDS
from phones.sync import profile_turns, waits, write_traits
from portal import database_clock
from portal.graph import GraphError, ProfileReading


def read_profile(*, number: PhoneNumber, user: User | None = None) -> SyncFailure | None:
    """Read the profile and store what it says; the failure (unsaved) when it could not be read, which the row keeps.

    A person's question is asked even while Meta wants us to wait, or refuses the token.
    """
    asked_at = database_clock.now()
    try:
        token = token_now(number.waba.credential, number.waba, at=asked_at, for_person=user is not None)
        asked = meter(PAGE_SECONDS)
        reading = graph_client().business_profile(number.phone_number_id, token=token, meter=asked)
    except GraphError as error:
        waits.begin(number.waba, error)
        return note_failure(number, SyncFailure.of(error, at=asked_at), asked_at)
    except NoTokenError as error:
        return note_failure(number, error.failure(at=asked_at), asked_at)
    waits.end_for_success(number.waba, asked_at=asked_at)
    profile_turns.end_rests(number, ["profile"])
    with transaction.atomic():
        write_traits.lock(number)
        store(number, reading, asked_at=asked_at, user=user)
        refused_fields.note(asked.refused, [("business_profile", reading.requested)])
    return None


def values_of(profile: BusinessProfile) -> dict[str, str | list[str]]:
    """What a profile says, by Graph's field name."""
    return {name: getattr(profile, name) for name in FIELDS}


def store(
    number: PhoneNumber, reading: ProfileReading, *, asked_at: datetime.datetime, user: User | None = None
) -> None:
    """Store `reading` unless there is a newer one. Called under the lock of the number."""
    row, _ = BusinessProfile.objects.get_or_create(number=number)
    if not database_clock.is_older(row.read_at, asked_at):
        return
    before, was_read = values_of(row), row.read_at is not None
    for name in reading.requested & {*FIELDS}:
        if name not in reading.odd:
            setattr(row, name, reading.values.get(name, [] if name == "websites" else ""))
    if "profile_picture_url" in reading.requested and "profile_picture_url" not in reading.odd:
        row.has_picture = bool(reading.values.get("profile_picture_url"))
    source = Source.SYNC if user is None else Source.ACTION
    row.read_at, row.read_by, row.tried_at = asked_at, source, asked_at
    for name, value in NO_ERROR.items():
        setattr(row, name, value)
    row.save()
    picture = {traits.PICTURE: row.has_picture}
    state = traits.profile_state({**values_of(row), **picture}, reading.requested - reading.odd.keys())
    write_traits.keep(number, profile_state=state)
    if was_read:
        _write_history(number, before, values_of(row), at=asked_at, source=source, user=user)


def _write_history(
    number: PhoneNumber,
    before: Mapping[str, object],
    after: Mapping[str, object],
    *,
    at: datetime.datetime,
    source: Source,
    user: User | None,
) -> None:
    lines = [
        Change(
            number=number,
            waba_id=number.waba_id,
            kind=ChangeKind.FIELD,
            field=name,
            old=before[name],
            new=after[name],
            source=source,
            actor=user,
            at=at,
        )
        for name in FIELDS
        if before[name] != after[name]
    ]
    Change.objects.bulk_create(lines)


def note_failure(number: PhoneNumber, failure: SyncFailure, tried_at: datetime.datetime) -> SyncFailure:
    """Keep why nothing came, unless the profile was read since."""
    BusinessProfile.objects.get_or_create(number=number)
    not_since = BusinessProfile.objects.filter(database_clock.older("read_at", tried_at), number=number)
    not_since.update(**failure.error_columns, tried_at=tried_at)
    return failure
