"""What the calls that change something at Meta carry, and what their answers must say.

Refuses what is wrong on its face, so that it costs no request of a number's few. No HTTP, no judgement about errors.
A PIN and a code are secrets: they are in no representation and in no message here.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration
"""

import re
from dataclasses import dataclass, field

from portal.graph.payloads import ShapeError, identity

Body = tuple[tuple[str, str | bool], ...]

_SIX_DIGITS = re.compile(r"[0-9]{6}")
_REGION = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:_[A-Za-z]{2,4})?")
_CALLING_CODE = re.compile(r"[1-9][0-9]{0,3}")
_NATIONAL_NUMBER = re.compile(r"[0-9]{3,15}")
_ID = re.compile(r"[0-9]{1,32}")
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a node: the edge it is put to (empty for the node itself), and what is sent there."""

    edge: str
    body: Body = field(default=(), repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must not come back in any text, should Meta quote it."""


DEREGISTER = Change("deregister")


def register(pin: str, data_localization_region: str | None) -> Change:
    """Registration for Cloud API. Raises `ValueError`."""
    body: Body = (("messaging_product", "whatsapp"), ("pin", _pin(pin)))
    if data_localization_region is not None:
        if not _REGION.fullmatch(data_localization_region):
            raise ValueError("A data localization region is two capital letters.")
        body += (("data_localization_region", data_localization_region),)
    return Change("register", body, secrets=(pin,))


def set_pin(pin: str) -> Change:
    """A new PIN. Raises `ValueError`."""
    return Change("", (("pin", _pin(pin)),), secrets=(pin,))


def request_code(code_method: str, language: str) -> Change:
    """A code by SMS or by call. Raises `ValueError`."""
    if code_method not in ("SMS", "VOICE"):
        raise ValueError("A code comes by SMS or by VOICE.")
    if not _LANGUAGE.fullmatch(language):
        raise ValueError("A language looks like en_US or en.")
    return Change("request_code", (("code_method", code_method), ("language", language)))


def verify_code(code: str) -> Change:
    """Proof of ownership by the code that was sent. Raises `ValueError`."""
    if not _SIX_DIGITS.fullmatch(code):
        raise ValueError("A code is six digits, without its hyphen.")
    return Change("verify_code", (("code", code),), secrets=(code, f"{code[:3]}-{code[3:]}"))


def display_name(new_display_name: str) -> Change:
    """A request for another display name. Raises `ValueError`."""
    return Change("", (("new_display_name", _name(new_display_name)),))


def add_number(
    cc: str, phone_number: str, verified_name: str, *, migrate_phone_number: bool, preverified_id: str | None
) -> Change:
    """A number for a WABA. Raises `ValueError`."""
    if not _CALLING_CODE.fullmatch(cc):
        raise ValueError("A calling code is one to four digits and does not begin with 0.")
    if not _NATIONAL_NUMBER.fullmatch(phone_number):
        raise ValueError("A phone number is digits only, without its calling code.")
    body: Body = (("cc", cc), ("phone_number", phone_number), ("verified_name", _name(verified_name)))
    if migrate_phone_number:
        body += (("migrate_phone_number", True),)
    if preverified_id is not None:
        if not _ID.fullmatch(preverified_id):
            raise ValueError("A Graph id is made of digits.")
        body += (("preverified_id", preverified_id),)
    return Change("phone_numbers", body)


def read_success(body: object) -> None:
    """Nothing when the answer says that it is done; `ShapeError` otherwise.

    Source: the guides show `{"success": true}`; older answers and samples carry the text "true".
    """
    said = body.get("success") if isinstance(body, dict) else body
    if said is not True and said != "true":
        raise ShapeError("the answer does not say that it is done")


def read_new_id(body: object) -> str:
    """The id of what was made. Raises `ShapeError`."""
    return identity(body.get("id") if isinstance(body, dict) else None)


def _pin(pin: str) -> str:
    if not _SIX_DIGITS.fullmatch(pin):
        raise ValueError("A PIN is six digits.")
    return pin


def _name(name: str) -> str:
    if not name.strip() or _NOT_IN_A_NAME.search(name):
        raise ValueError("A display name is one line of text and not empty.")
    return name
