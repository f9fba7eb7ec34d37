"""From the bytes of a delivery to the updates in it. Pure, and never fails: what can't be read is kept as an outline.

Meta packs up to 1,000 updates in one delivery and sends any of them again for a week without saying so: there is no
event id. Two updates are the same when everything in them is.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
"""

import datetime
import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

from phones.choices import CONTENT_FIELDS, KEPT_AS_THEY_CAME
from phones.events.meanings import is_known
from phones.events.outline import outline_of

OBJECT = "whatsapp_business_account"
_EARLIEST = 1_000_000_000  # 2001: a smaller number is no time of an event
_MILLISECONDS = 100_000_000_000
_AHEAD = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Update:
    """One update of a delivery. `event_time` is None where Meta gave none that can be true."""

    digest: str
    field: str
    value: object
    entry_id: str = ""
    event: str = ""
    event_time: datetime.datetime | None = None
    is_malformed: bool = False


def updates_of(body: bytes, *, received_at: datetime.datetime) -> list[Update]:
    """Every update in a delivery, each once. A part that is not in Meta's form is an update marked as malformed."""
    try:
        delivery = storable(json.loads(body))
    except (ValueError, RecursionError):
        return [_malformed(body.decode("utf-8", "replace"))]
    updates = {update.digest: update for update in _updates(delivery, received_at)}
    return list(updates.values())


def _updates(delivery: object, received_at: datetime.datetime) -> Iterator[Update]:
    if isinstance(delivery, dict) and "entry" not in delivery and "field" in delivery:
        # The test button of the app dashboard sends a bare change.
        yield _update(delivery, "", "", None, received_at)
        return
    entries = delivery.get("entry") if isinstance(delivery, dict) else None
    if not isinstance(entries, list) or not isinstance(delivery, dict):
        yield _malformed(delivery)
        return
    about = str(delivery.get("object", ""))
    for entry in entries:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        if not isinstance(changes, list) or not isinstance(entry, dict):
            yield _malformed(entry)
            continue
        for change in changes:
            yield _update(change, about, _id(entry.get("id")), entry.get("time"), received_at)


def _update(change: object, about: str, entry_id: str, time: object, received_at: datetime.datetime) -> Update:
    if not isinstance(change, dict) or not isinstance(change.get("field"), str):
        return _malformed(change)
    value = change.get("value")
    field = change["field"] if about in {OBJECT, ""} else f"{about}:{change['field']}"
    is_ours = about in {OBJECT, ""} and is_known(change["field"])
    event = value.get("event") if isinstance(value, dict) and is_ours else None
    return Update(
        digest=_digest([about, entry_id, time, change["field"], value]),
        field=field[:100],
        value=_kept(change["field"], value, is_ours=is_ours),
        entry_id=entry_id[:64],
        event=event[:100] if isinstance(event, str) else "",
        event_time=time_of(time, received_at=received_at),
    )


def _kept(field: str, value: object, *, is_ours: bool) -> object:
    """What is stored of an update: all of it where the desk knows what it says, else the names and sizes in it."""
    if field in CONTENT_FIELDS:
        return None
    if not is_ours:
        return outline_of(value)
    known = KEPT_AS_THEY_CAME.get(field)
    if known is None or not isinstance(value, dict):
        return value
    kept = {name: inner for name, inner in value.items() if name in known}
    unknown = outline_of({name: inner for name, inner in value.items() if name not in known})
    return kept | unknown if isinstance(unknown, dict) else kept


def _malformed(part: object) -> Update:
    digest = _digest(["malformed", part])
    return Update(digest=digest, field="", value={"outline": outline_of(part)}, is_malformed=True)


def time_of(given: object, *, received_at: datetime.datetime) -> datetime.datetime | None:
    """When an event happened, from Unix seconds or milliseconds; None for what can't be that time.

    A time ahead of us would keep everything that comes after it from being believed, so it is not taken either.
    """
    if isinstance(given, str) and given.isdecimal() and given.isascii() and len(given) < 20:
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool) or given < _EARLIEST:
        return None
    try:
        seconds = given / 1000 if given > _MILLISECONDS else given
        at = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return at if at <= received_at + _AHEAD else None


def storable(value: object) -> object:
    """`value`, as any database can keep it: no NUL, no half of a surrogate pair, no number beyond numbers."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode() if not _is_plain(value) else value
    if isinstance(value, dict):
        return {str(storable(key)): storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _is_plain(text: str) -> bool:
    return text.isascii() and "\x00" not in text


def _id(given: object) -> str:
    """An id as text; "" for what can be none."""
    return str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""


def _digest(parts: list[object]) -> str:
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
