"""The controls under ``/_practice/webhooks``: what is sent to the app's callback, and how badly; and what happens next.

For tests and trainers; nothing of this is Meta's. ``/_practice/drift`` lets something happen, of which events come.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from portal.sandbox.controls import requested_changes
from portal.sandbox.controls.request_body import BadRequestError
from portal.sandbox.graph import webhook_events
from portal.sandbox.graph.webhook_delivery import Mode, WebhookDelivery
from portal.sandbox.graph.webhook_events import Event
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import Callback, Waba, World

_SHOWN = 50
_MOST_FLOOD = 20_000
_LIMITS: Mapping[str, tuple[float, float]] = {
    "duplicates": (1, 1000),
    "batch": (1, webhook_events.MOST_UPDATES),
    "delay": (0, 86_400),
    "parallel": (1, 100),
}


def controls(world: World, delivery: WebhookDelivery) -> dict[tuple[str, str], Callable[[Values, str], object]]:
    """The controls, by method and path."""
    return {
        ("POST", "drift"): lambda body, _: requested_changes.make(world, body),
        ("GET", "webhooks"): lambda _, __: _shown(world, delivery),
        ("DELETE", "webhooks"): lambda _, __: _clear(delivery),
        ("POST", "webhooks/mode"): lambda body, _: _set_mode(delivery, body),
        ("POST", "webhooks/send"): lambda body, _: _send(world, delivery, body),
        ("POST", "webhooks/flood"): lambda body, _: _flood(world, delivery, body),
        ("POST", "webhooks/replay"): lambda body, _: _replay(world, delivery, body),
        ("POST", "webhooks/retry"): lambda _, __: {"waiting": delivery.hurry()},
    }


def _shown(world: World, delivery: WebhookDelivery) -> Values:
    """Updates counted by what became of them, and the latest POSTs. ``failed`` counts attempts."""
    return {
        "callback": _callback(world.callback),
        "mode": asdict(delivery.mode),
        "sent": delivery.sent_updates,
        "failed": delivery.failed_attempts,
        "waiting": delivery.waiting_updates,
        "lost": delivery.lost_updates,
        "latest": [post.as_json() for post in list(delivery.sent)[-_SHOWN:]],
        "next": [post.as_json() for post in delivery.waiting_posts[:_SHOWN]],
    }


def _callback(callback: Callback | None) -> Values | None:
    return None if callback is None else {"url": callback.url, "fields": list(callback.fields)}


def _clear(delivery: WebhookDelivery) -> Values:
    delivery.clear()
    return {"waiting": delivery.waiting_updates}


def _set_mode(delivery: WebhookDelivery, body: Values) -> Values:
    """Change what is given; the whole mode."""
    known = asdict(Mode())
    for name, value in body.items():
        if name not in known:
            raise BadRequestError(f"A mode has {', '.join(known)}")
        lowest, highest = _LIMITS.get(name, (0, 1))
        if name not in _LIMITS and not isinstance(value, bool):
            raise BadRequestError(f"{name} is true or false")
        if not isinstance(value, (int, float) if name == "delay" else int) or not lowest <= value <= highest:
            raise BadRequestError(f"{name} is a number from {lowest} to {highest}")
    for name, value in body.items():
        setattr(delivery.mode, name, value)
    delivery.wake()
    return asdict(delivery.mode)


def _send(world: World, delivery: WebhookDelivery, body: Values) -> Values:
    """Send any event, known to Meta or not, whatever the app has subscribed to."""
    _check_callback(world)
    field, value, second = body.get("field"), body.get("value"), body.get("time", int(world.now()))
    if not isinstance(field, str) or not isinstance(value, dict):
        raise BadRequestError("An event has a field (a text) and a value (an object)")
    if not isinstance(second, int):
        raise BadRequestError("time is in Unix seconds")
    entry_id = str(body.get("entry_id", body.get("waba_id", world.partner.id)))
    delivery.offer([Event(entry_id, second, field, value)])
    return {"waiting": delivery.waiting_updates}


def _flood(world: World, delivery: WebhookDelivery, body: Values) -> Values:
    """Send many different events at once, of numbers to which nothing happened; as few POSTs as may be, or one each."""
    _check_callback(world)
    count, one_post = body.get("count", 1000), body.get("one_post", False)
    if not isinstance(count, int) or not 1 <= count <= _MOST_FLOOD or not isinstance(one_post, bool):
        raise BadRequestError(f"A flood has a count from 1 to {_MOST_FLOOD}, and one_post, which is true or false")
    wabas = [waba for waba in world.wabas.values() if waba.relation != "unshared" and waba.numbers]
    if not wabas:
        raise BadRequestError("No WABA has a number")
    now = int(world.now())
    updates = [_made_up(wabas, place, now) for place in range(count)]
    if one_post:
        for start in range(0, count, webhook_events.MOST_UPDATES):
            delivery.post(updates[start : start + webhook_events.MOST_UPDATES])
    else:
        delivery.offer(updates)
    return {"waiting": delivery.waiting_updates}


def _made_up(wabas: list[Waba], place: int, now: int) -> Event:
    """An event like no other of the same flood: number by number, then one second earlier."""
    waba = wabas[place % len(wabas)]
    number = waba.numbers[place // len(wabas) % len(waba.numbers)]
    digits = "".join(each for each in str(number_value(number, "display_phone_number")) if each.isdigit())
    value: Values = {
        "display_phone_number": digits,
        "event": "ONBOARDING",
        "max_daily_conversations_per_business": "TIER_2K",
    }
    return Event(waba.id, now - place // len(wabas), "phone_number_quality_update", value)


def _replay(world: World, delivery: WebhookDelivery, body: Values) -> Values:
    """Send the ``last`` POSTs that were taken once more."""
    _check_callback(world)
    last = body.get("last", 1)
    if not isinstance(last, int) or last < 1:
        raise BadRequestError("last is a number above 0")
    return {"replayed": delivery.replay(last), "waiting": delivery.waiting_updates}


def _check_callback(world: World) -> None:
    if world.callback is None:
        raise BadRequestError("The app has no callback: start the server with --webhook, or subscribe the app", 409)
