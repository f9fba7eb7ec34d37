"""The controls of webhook events, and an app's subscription to them, as the tests use them. No fixtures here."""

from typing import Any

from tests.portal.sandbox.conftest import Caller

EVENTS = [{"field": "security", "value": {"event": "PIN_CHANGED", "place": place}} for place in range(6)]


def mode(partner: Caller, **wish: object) -> Any:
    return partner.control("POST", "webhooks/mode", wish)


def state(partner: Caller) -> Any:
    return partner.control("GET", "webhooks")


def settled(partner: Caller) -> Any:
    """What the controls say once nothing waits any more."""
    while (found := state(partner))["waiting"]:
        pass
    return found


def send_all(partner: Caller) -> None:
    for each in EVENTS:
        partner.control("POST", "webhooks/send", each)


def places(updates: list[Any]) -> list[int]:
    return [update["value"]["place"] for update in updates]


def subscribed(partner: Caller) -> str:
    """The id of a number whose WABA the app is subscribed to."""
    for waba in partner.wabas(relation="client"):
        if partner.read(f"{waba['id']}/subscribed_apps")["data"] and waba["phone_number_ids"]:
            number_id: str = waba["phone_number_ids"][0]
            return number_id
    raise AssertionError("the app is subscribed to nothing")


def app_token(partner: Caller) -> str:
    return f"{partner.known.app_id}|{partner.known.app_secret}"


def subscribe(partner: Caller, url: str, **more: object) -> Any:
    body = {"object": "whatsapp_business_account", "callback_url": url, "verify_token": "letmein"} | more
    return partner.post(f"{partner.known.app_id}/subscriptions", body, token=app_token(partner))
