"""Deliveries as Meta makes them: the bytes, their signature, and the POST."""

import hashlib
import hmac
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client as Browser

SECRET = "0123456789abcdef0123456789abcdef"
ADDRESS = "/webhooks/meta/"
NOON = 1_772_615_287


def change(field: str, value: object) -> dict[str, object]:
    """One change of an entry."""
    return {"field": field, "value": value}


def entry(entry_id: str, *changes: dict[str, object], time: object = NOON) -> dict[str, object]:
    """One entry of a delivery."""
    return {"id": entry_id, "time": time, "changes": list(changes)}


def delivery(*entries: dict[str, object]) -> bytes:
    """The bytes of a delivery, with the escapes that Meta uses."""
    text = json.dumps({"object": "whatsapp_business_account", "entry": list(entries)})
    return text.replace("/", r"\/").encode()


def signature(body: bytes, secret: str = SECRET) -> str:
    """What Meta puts in `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(body: bytes, given: str | None = "right", **headers: Any) -> HttpResponse:
    """Deliver `body`, signed rightly unless another signature (or None) is given."""
    sent = {} if given is None else {"X-Hub-Signature-256": signature(body) if given == "right" else given}
    return Browser().post(ADDRESS, body, content_type="application/json", headers={**sent, **headers})  # type: ignore[return-value] # the stubs say HttpResponse
