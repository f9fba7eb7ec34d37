"""What the calls that change something at Meta carry, and what their answers must say.

Refuses what is wrong on its face, so that it costs no request of a number's few. No HTTP, no judgement about errors.
PINs, codes and verify tokens are secrets: they are in no representation and in no message here.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from portal.graph.payloads import ShapeError, identity, is_id

Body = tuple[tuple[str, str | bool | Mapping[str, str]], ...]

_SIX_DIGITS = re.compile(r"[0-9]{6}")
_REGION = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:_[A-Za-z]{2,4})?")
_CALLING_CODE = re.compile(r"[1-9][0-9]{0,3}")
_NATIONAL_NUMBER = re.compile(r"[0-9]{3,15}")
_WHOLE_NUMBER = re.compile(r"[1-9][0-9]{4,14}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_WEBHOOK_FIELD = re.compile(r"[a-z][a-z0-9_]{0,99}")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9\[][\x21-\x7e]*")
_LONGEST_ADDRESS = 2048
_LONGEST_OVERRIDE = 200
_LONGEST_VERIFY_TOKEN = 1024
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a node: the edge it is put to (empty for the node itself), and what is sent there."""

    edge: str
    body: Body = field(default=(), repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must not come back in any text, should Meta quote it."""
    method: Literal["POST", "DELETE"] = "POST"
    parameters: tuple[tuple[str, str], ...] = ()
    """For the query: a body means nothing in a DELETE (RFC 9110, 9.3.5), and Meta's own SDKs send none there."""


DEREGISTER = Change("deregister")
UNSUBSCRIBE_APP = Change("subscribed_apps", method="DELETE")
DELETE_NODE = Change("", method="DELETE")


def checked_id(node_id: str) -> str:
    """The id itself. Raises `ValueError` when it is not made of digits, so that it cannot lead to another path."""
    if not is_id(node_id):
        raise ValueError("A Graph id is made of digits.")
    return node_id


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
        body += (("preverified_id", checked_id(preverified_id)),)
    return Change("phone_numbers", body)


def subscribe_app(override_callback_uri: str | None, verify_token: str | None) -> Change:
    """The app's subscription to a WABA, with a callback of its own or without one. Raises `ValueError`."""
    if override_callback_uri is None and verify_token is None:
        return Change("subscribed_apps")
    if override_callback_uri is None or verify_token is None:
        raise ValueError("A callback of its own needs an address and a verify token, both.")
    body = tuple(_override(override_callback_uri, verify_token).items())
    return Change("subscribed_apps", body, secrets=(verify_token,))


def number_callback(override_callback_uri: str, verify_token: str) -> Change:
    """A callback of a number's own; an empty address takes it away. Raises `ValueError`."""
    if not override_callback_uri:
        return Change("", (("webhook_configuration", {"override_callback_uri": ""}),))
    configuration = _override(override_callback_uri, verify_token)
    return Change("", (("webhook_configuration", configuration),), secrets=(verify_token,))


def webhooks(callback_url: str, verify_token: str, fields: Sequence[str]) -> Change:
    """The app's subscription to fields of WhatsApp Business Accounts. Raises `ValueError`."""
    if isinstance(fields, str) or not fields or not all(_WEBHOOK_FIELD.fullmatch(name) for name in fields):
        raise ValueError("Webhook fields are a list of words in small letters, and not empty.")
    body: Body = (
        ("object", "whatsapp_business_account"),
        ("callback_url", _address(callback_url, _LONGEST_ADDRESS)),
        ("verify_token", _verify_token(verify_token)),
        ("fields", ",".join(fields)),
    )
    return Change("subscriptions", body, secrets=(verify_token,))


def share_credit_line(waba_id: str, waba_currency: str) -> Change:
    """A line of credit for a customer's WABA. Raises `ValueError`."""
    if not _CURRENCY.fullmatch(waba_currency):
        raise ValueError("A currency is three capital letters.")
    body: Body = (("waba_id", checked_id(waba_id)), ("waba_currency", waba_currency))
    return Change("whatsapp_credit_sharing_and_attach", body)


def add_preverified(phone_number: str) -> Change:
    """A number for the pre-verified pool. Raises `ValueError`."""
    if not _WHOLE_NUMBER.fullmatch(phone_number):
        raise ValueError("A phone number is 5 to 15 digits, with its calling code and without a plus sign.")
    return Change("add_phone_numbers", (("phone_number", phone_number),))


def share_preverified(preverified_id: str, partner_business_id: str) -> Change:
    """A pool number offered to a partner. Raises `ValueError`."""
    return Change("share_preverified_numbers", _share(preverified_id, partner_business_id))


def unshare_preverified(preverified_id: str, partner_business_id: str) -> Change:
    """The end of that. Raises `ValueError`."""
    share = _share(preverified_id, partner_business_id)
    return Change("share_preverified_numbers", method="DELETE", parameters=share)


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


def read_allocation(body: object, waba_id: str) -> str:
    """The id of the credit line's share for this WABA. Raises `ShapeError`."""
    found = body if isinstance(body, dict) else {}
    allocation_config_id = identity(found.get("allocation_config_id"))
    if found.get("waba_id") is not None and identity(found["waba_id"]) != waba_id:
        raise ShapeError("the answer is about another object")
    return allocation_config_id


def _pin(pin: str) -> str:
    if not _SIX_DIGITS.fullmatch(pin):
        raise ValueError("A PIN is six digits.")
    return pin


def _name(name: str) -> str:
    if not name.strip() or _NOT_IN_A_NAME.search(name):
        raise ValueError("A display name is one line of text and not empty.")
    return name


def _override(override_callback_uri: str, verify_token: str) -> dict[str, str]:
    return {
        "override_callback_uri": _address(override_callback_uri, _LONGEST_OVERRIDE),
        "verify_token": _verify_token(verify_token),
    }


def _address(address: str, longest: int) -> str:
    if len(address) > longest or not _ADDRESS.fullmatch(address):
        raise ValueError(f"A callback is a plain http or https address of {longest} characters at most.")
    return address


def _verify_token(verify_token: str) -> str:
    if not verify_token.strip() or not verify_token.isprintable() or len(verify_token) > _LONGEST_VERIFY_TOKEN:
        raise ValueError("A verify token is one line of text and not empty.")
    return verify_token


def _share(preverified_id: str, partner_business_id: str) -> tuple[tuple[str, str], ...]:
    return (
        ("preverified_id", checked_id(preverified_id)),
        ("partner_business_id", checked_id(partner_business_id)),
    )
