"""What Meta says of a number's or a WABA's health, as a page shows it: who is blocked, why, since which reading."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from clients.explanations import Explanation, explain
from clients.models import Waba
from phones.choices import HEALTH_ENTITIES, Status
from phones.models import Health, PhoneNumber
from phones.numbers import health, rules
from phones.numbers.health import Reason
from phones.numbers.words import describe_health
from phones.sync.write_health import NOT_RETURNED


@dataclass(frozen=True, slots=True)
class HealthLine:
    """What Meta last said of one thing that can keep messages from being sent, as of `at`, and how we read it."""

    label: str
    raw: str
    status: Status
    reasons: tuple[Reason, ...]
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class HealthSheet:
    """The health on a page. `why_not` is set while the latest reading failed: the lines are older then.

    `is_asked`: Meta is asked for it by itself. `was_left_out`: it answered without it.
    """

    lines: list[HealthLine]
    is_asked: bool
    why_not: Explanation | None = None
    was_left_out: bool = False
    tried_at: datetime | None = None


def health_of(number: PhoneNumber, places: Collection[Waba]) -> HealthSheet:
    """The health of a number: what its own reading and its WABA's say, of each thing the newer.

    `places` are the WABAs that the reader may see it on: what was read of another is not theirs to see. What was read
    of the number while it was in service means nothing once it is not.
    """
    is_asked = rules.seems_in_service(number) and not rules.is_out_of_sight(number)
    own = _stored(number) if is_asked else None
    shared = _stored(number.waba) if number.waba_id in {waba.pk for waba in places} else None
    return _sheet(own, own, shared, is_asked=is_asked)


def health_of_waba(waba: Waba) -> HealthSheet:
    own = _stored(waba)
    return _sheet(own, own, is_asked=own is not None)


def _stored(subject: PhoneNumber | Waba) -> Health | None:
    found: Health | None = getattr(subject, "health", None)
    return found


def _sheet(own: Health | None, *readings: Health | None, is_asked: bool) -> HealthSheet:
    lines = [
        HealthLine(
            label=HEALTH_ENTITIES.get(one.entity_type, one.entity_type) or "As a whole",
            raw=one.can_send_message,
            status=describe_health(one.can_send_message),
            reasons=one.reasons,
            at=one.read_at,
            source=f"health of the {one.subject}",
        )
        for one in health.verdicts_of(*readings)
    ]
    # While the WABA can't be read its numbers are not asked either.
    failed = next((one for one in (own, *readings) if one is not None and one.error_kind), own)
    kind = failed.error_kind if failed is not None else ""
    if failed is None or not kind or kind == NOT_RETURNED:
        return HealthSheet(lines, is_asked, None, kind == NOT_RETURNED, failed.tried_at if failed else None)
    why_not = explain(kind, failed.code, failed.subcode, failed.http_status)
    return HealthSheet(lines, is_asked, why_not, tried_at=failed.tried_at)
