"""`health_status`: whether Meta lets a number or a WABA send messages, and what holds it back.

A field of both nodes and heavier than the others, so it is asked for alone and in none of their sets.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/support/health-status
"""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.graph.http.usage import Meter
from portal.graph.payloads import Convert, OddError, text, text_or_nothing
from portal.graph.reads.asking import Asking
from portal.graph.reads.fields import FieldSet

_MOST_ENTITIES = 50
_MOST_ENTRIES = 16
# Graph's texts are sentences: longer ones are cut.
_LONGEST_WORDS = 500


@dataclass(frozen=True, slots=True)
class HealthError:
    """Why an entity is blocked, in Meta's words; `code` is None and a text empty where Meta gave none."""

    code: int | None
    description: str
    solution: str


@dataclass(frozen=True, slots=True)
class HealthEntity:
    """One thing that can keep a number from sending: PHONE_NUMBER, WABA, BUSINESS, APP or MESSAGE_TEMPLATE.

    `can_send_message` is AVAILABLE, LIMITED or BLOCKED, or whatever else Meta sent; empty when it sent none. `errors`
    come with BLOCKED, `additional_info` with LIMITED.
    """

    entity_type: str
    entity_id: str
    can_send_message: str
    errors: tuple[HealthError, ...] = ()
    additional_info: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthStatus:
    """Graph's `health_status`. `can_send_message` is that of the worst entity; there may be no entities."""

    can_send_message: str
    entities: tuple[HealthEntity, ...]


@dataclass(frozen=True, slots=True)
class HealthReading:
    """The health of one number or WABA as Graph showed it at one moment; `health` is None when it showed none."""

    node_id: str
    values: Mapping[str, object]
    health: HealthStatus | None


def health_status(raw: object) -> HealthStatus | None:
    """The value of the field. Raises `OddError` for what is no such object; None when it holds nothing."""
    if not isinstance(raw, dict):
        raise OddError
    listed = raw.get("entities")
    found = [each for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict)]
    entities = tuple(_entity(each) for each in found[:_MOST_ENTITIES])
    can_send = text_or_nothing(raw.get("can_send_message"))
    return HealthStatus(can_send, entities) if can_send or entities else None


def _entity(raw: Mapping[str, object]) -> HealthEntity:
    errors, infos = raw.get("errors"), raw.get("additional_info")
    return HealthEntity(
        entity_type=text_or_nothing(raw.get("entity_type")),
        entity_id=text_or_nothing(raw.get("id")),
        can_send_message=text_or_nothing(raw.get("can_send_message")),
        errors=tuple(_error(each) for each in _first(errors) if isinstance(each, dict)),
        additional_info=tuple(words for each in _first(infos) if (words := _words(each))),
    )


def _error(raw: Mapping[str, object]) -> HealthError:
    code = raw.get("error_code")
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) < 10:
        code = int(code)
    return HealthError(
        code=code if isinstance(code, int) and not isinstance(code, bool) and abs(code) < 2**31 else None,
        description=_words(raw.get("error_description")),
        solution=_words(raw.get("possible_solution")),
    )


def _first(raw: object) -> list[object]:
    return (raw if isinstance(raw, list) else [] if raw is None else [raw])[:_MOST_ENTRIES]


def _words(raw: object) -> str:
    try:
        return "" if raw is None else text(raw, 100 * _LONGEST_WORDS)[:_LONGEST_WORDS].strip()
    except OddError:
        return ""


_FIELDS: Mapping[str, Convert] = {"id": text, "health_status": health_status}
NUMBER_HEALTH, WABA_HEALTH = FieldSet("phone_number", core=_FIELDS), FieldSet("waba", core=_FIELDS)


def read_health(raw: object, _asked: frozenset[str]) -> HealthReading:
    """The health in Graph's object for a number or a WABA. Raises `ShapeError`."""
    node_id, values, _odd = NUMBER_HEALTH.read(raw)
    health = values.get("health_status")
    return HealthReading(node_id, values, health if isinstance(health, HealthStatus) else None)


class Health(Asking):
    def number_health(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> HealthReading:
        """What keeps a number from sending: the number itself, its WABA, the business, the app."""
        return self._node(phone_number_id, NUMBER_HEALTH, read_health, token, meter)

    def waba_health(self, waba_id: str, *, token: str, meter: Meter | None = None) -> HealthReading:
        """The same of a WABA, which is what all of its numbers share."""
        return self._node(waba_id, WABA_HEALTH, read_health, token, meter)
