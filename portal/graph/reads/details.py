"""What Meta says of a number beside its state: seldom changed, asked for when somebody wants to know.

Fields of the node that some versions do not have, and the edges `settings` and `username`. Of settings only what is
shown is kept: an answer may hold names of servers and keys.
Sources: https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/whatsapp-business-phone-number
https://developers.facebook.com/documentation/business-messaging/whatsapp/calling/call-settings
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from portal.graph.calls import Call
from portal.graph.http.usage import Meter
from portal.graph.payloads import Convert, OddError, ShapeError, convert, text, truth
from portal.graph.reads.asking import Asking
from portal.graph.reads.fields import FieldSet

_MOST_ENTRIES = 40
_LONGEST = 512


def _long_text(raw: object) -> str:
    return text(raw, _LONGEST)


def _either(raw: object) -> str | bool:
    """A truth value, or the text that stands for one in other versions."""
    return raw if isinstance(raw, bool) else text(raw)


def _object(parts: Mapping[str, Convert]) -> Convert:
    """What reads an object of these parts; None when none of them came."""

    def read(raw: object) -> dict[str, object] | None:
        if not isinstance(raw, dict):
            raise OddError
        return convert(raw, parts)[0] or None

    return read


def _listed(item: Convert) -> Convert:
    """What reads a list, without the entries that are of another type."""

    def read(raw: object) -> list[object] | None:
        if not isinstance(raw, list):
            raise OddError
        found = [convert({"item": each}, {"item": item})[0].get("item") for each in raw[:_MOST_ENTRIES]]
        return [each for each in found if each is not None] or None

    return read


_COMMAND = _object({"command_name": text, "command_description": _long_text})
NUMBER_DETAILS = FieldSet(
    "number_details",
    core={"id": text},
    extra={
        "quality_score": _object({"score": text, "date": text, "reasons": _listed(_long_text)}),
        "search_visibility": text,
        "official_business_account": _object({"oba_status": text, "status_message": _long_text}),
        "conversational_automation": _object(
            {
                "enable_welcome_message": truth,
                "prompts": _listed(_long_text),
                "commands": _listed(_COMMAND),
            }
        ),
        "country_dial_code": text,
        "host_platform": text,
    },
    graph_type=r"WhatsApp(?!BusinessAccount$|BusinessPreVerified)\w+",
)
_HOURS = _object(
    {
        "status": text,
        "timezone_id": text,
        "weekly_operating_hours": _listed(_object({"day_of_week": text, "open_time": text, "close_time": text})),
        "holiday_schedule": _listed(_object({"date": text, "start_time": text, "end_time": text})),
    }
)
_SETTINGS: Mapping[str, Convert] = {
    "calling": _object(
        {"status": text, "call_icon_visibility": text, "callback_permission_status": text, "call_hours": _HOURS}
    ),
    "storage_configuration": _object({"status": text, "data_localization_region": text, "retention_minutes": text}),
    "user_identity_change": _object({"enable_identity_key_check": _either, "enabled": _either}),
    "payload_encryption": _object({"status": text}),
}
_COMPLIANCE: Mapping[str, Convert] = {"entity_name": _long_text, "entity_type": text, "is_registered": truth}
_MOST_BLOCKED = 100
_USERNAME: Mapping[str, Convert] = {"username": text, "status": text}


@dataclass(frozen=True, slots=True)
class DetailsReading:
    """Some of the details of one number: by Graph's field name, only what came with a value that can be used."""

    values: Mapping[str, object]
    requested: frozenset[str] = frozenset()
    """The fields asked for, where they were named one by one."""
    odd: Mapping[str, str] = field(default_factory=dict)


def read_details(raw: object, asked: frozenset[str]) -> DetailsReading:
    """The details in Graph's object for a number. Raises `ShapeError`."""
    _id, values, odd = NUMBER_DETAILS.read(raw)
    return DetailsReading(values, asked, odd)


def _reader_of(table: Mapping[str, Convert]) -> Callable[[object], DetailsReading]:
    def read(body: object) -> DetailsReading:
        if not isinstance(body, dict):
            raise ShapeError("an object was expected")
        values, odd = convert(body, table)
        return DetailsReading(values, odd=odd)

    return read


def _read_suggestions(body: object) -> DetailsReading:
    """The names in a list of objects that each have a list of them. Raises `ShapeError`."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list):
        raise ShapeError("a list of suggestions was expected")
    read = _listed(text)
    lists = [each.get("username_suggestions") for each in data if isinstance(each, dict)]
    names = [name for one in lists if isinstance(one, list) for name in cast("list[str]", read(one) or [])]
    return DetailsReading({"username_suggestions": names[:_MOST_ENTRIES]})


def _read_blocked(body: object) -> DetailsReading:
    """How many people are on the first page, and whether there are more. Who they are is not kept."""
    data, paging = (body.get("data"), body.get("paging")) if isinstance(body, dict) else (None, None)
    if not isinstance(data, list):
        raise ShapeError("a list of blocked people was expected")
    is_more = len(data) >= _MOST_BLOCKED or (isinstance(paging, dict) and bool(paging.get("next")))
    return DetailsReading({"block_users": {"count": len(data), "is_more": is_more}})


def _read_compliance(body: object) -> DetailsReading:
    """What the business has told, and of people only whether they are named. Raises `ShapeError`."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list) or len(data) > 1 or not all(isinstance(each, dict) for each in data):
        raise ShapeError("a list of one was expected")
    if not data:
        return DetailsReading({})
    named = {f"has_{name}": bool(data[0].get(name)) for name in ("grievance_officer_details", "customer_care_details")}
    return DetailsReading({"business_compliance_info": {**convert(data[0], _COMPLIANCE)[0], **named}})


class Details(Asking):
    def number_details(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> DetailsReading:
        """Quality with its reasons, search, official account, automation, as far as the node knows these fields."""
        return self._node(phone_number_id, NUMBER_DETAILS, read_details, token, meter)

    def number_settings(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> DetailsReading:
        """Calling, storage, identity check and encryption of a number."""
        return self._edge(phone_number_id, "settings", _SETTINGS, token, meter)

    def username(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> DetailsReading:
        """The business username of a number and its `status`; nothing where it has none."""
        return self._edge(phone_number_id, "username", _USERNAME, token, meter)

    def blocked_users(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> DetailsReading:
        """How many people the number has blocked, as `block_users` with `count` and `is_more`.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/block-users
        """
        path, most = self.transport.path_to(phone_number_id, "block_users"), str(_MOST_BLOCKED)
        call = Call(path, object_id=phone_number_id, parameters=(("limit", most),))
        return self.transport.get(call, token=token, meter=meter or Meter(), read=_read_blocked)

    def business_compliance(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> DetailsReading:
        """What a business in India has told for its customers, as `business_compliance_info`; nothing without that."""
        call = Call(self.transport.path_to(phone_number_id, "business_compliance_info"), object_id=phone_number_id)
        return self.transport.get(call, token=token, meter=meter or Meter(), read=_read_compliance)

    def username_suggestions(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> DetailsReading:
        """The usernames that Meta keeps for the business behind a number, as `username_suggestions`."""
        path = self.transport.path_to(phone_number_id, "username_suggestions")
        call = Call(path, object_id=phone_number_id)
        return self.transport.get(call, token=token, meter=meter or Meter(), read=_read_suggestions)

    def _edge(
        self, phone_number_id: str, edge: str, table: Mapping[str, Convert], token: str, meter: Meter | None
    ) -> DetailsReading:
        call = Call(self.transport.path_to(phone_number_id, edge), object_id=phone_number_id)
        return self.transport.get(call, token=token, meter=meter or Meter(), read=_reader_of(table))
