"""The business profile of a number: what people see who tap on its name in WhatsApp.

An edge of the number that lists one object without an id.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/business-profiles
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from portal.graph.calls import Call
from portal.graph.http.usage import Meter
from portal.graph.payloads import OddError, ShapeError, convert, text
from portal.graph.reads.asking import Asking
from portal.graph.reads.fields import FieldSet

_LONGEST_TEXT = 2_048
_MOST_WEBSITES = 10


def _long_text(raw: object) -> str:
    return text(raw, _LONGEST_TEXT)


def _websites(raw: object) -> list[str]:
    """The addresses, without empty ones."""
    if not isinstance(raw, list) or len(raw) > _MOST_WEBSITES:
        raise OddError
    return [_long_text(each) for each in raw if each]


BUSINESS_PROFILE = FieldSet(
    "business_profile",
    core={
        "about": _long_text,
        "address": _long_text,
        "description": _long_text,
        "email": text,
        "websites": _websites,
        "vertical": text,
        "profile_picture_url": _long_text,
    },
)


@dataclass(frozen=True, slots=True)
class ProfileReading:
    """The business profile of one number as Graph showed it at one moment."""

    values: Mapping[str, object]
    """By Graph's field name, only what came with a value: texts, and a list of texts (`websites`)."""
    requested: frozenset[str]
    """The fields asked for. One that is here and not in `values` is empty at Meta, which leaves empty ones out."""
    odd: Mapping[str, str] = field(default_factory=dict)


def read_profile(body: object, requested: frozenset[str]) -> ProfileReading:
    """The profile in Graph's list of one. Raises `ShapeError`. A number without a profile has an empty list."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list) or len(data) > 1 or not all(isinstance(each, dict) for each in data):
        raise ShapeError("a list of one business profile was expected")
    values, odd = convert(data[0] if data else {}, BUSINESS_PROFILE.core)
    return ProfileReading(values, requested, odd)


class Profiles(Asking):
    def business_profile(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> ProfileReading:
        """What WhatsApp shows of the business behind a number."""
        path, used = self.transport.path_to(phone_number_id, "whatsapp_business_profile"), meter or Meter()

        def ask(asked: tuple[str, ...]) -> ProfileReading:
            call = Call(path, object_id=phone_number_id, fields=asked)
            read = partial(read_profile, requested=frozenset(asked))
            return self.transport.get(call, token=token, meter=used, read=read)

        return self._with_known_fields(BUSINESS_PROFILE, phone_number_id, used, set(), ask)
