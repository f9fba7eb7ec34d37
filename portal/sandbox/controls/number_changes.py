"""What a tester can have happen to a number, by the kind of its entry in the log of changes.

Each function says what else the request may choose. What happens to numbers by itself is ``world.random_changes``.
"""

from collections.abc import Callable, Mapping

from portal.sandbox.controls.chosen import chosen_number
from portal.sandbox.controls.request_body import text_in, word_in
from portal.sandbox.graph import webhook_events
from portal.sandbox.http.messages import Values
from portal.sandbox.world import display_names, random_changes
from portal.sandbox.world.values import is_registered, number_value
from portal.sandbox.world.world import World

_NAME_STATUSES = {"APPROVED": "APPROVED", "REJECTED": "DECLINED"}
_ON = "CONNECTED"
_HIGH: Values = {"level": "HIGH"}


def _quality_dropped(world: World, body: Values) -> Values:
    """``quality_rating``: RED, which brings an event, or YELLOW, which brings none."""
    number = chosen_number(world, body, is_registered)
    return random_changes.rate(world, number, "quality_dropped", word_in(body, "quality_rating", ("RED", "YELLOW")))


def _name_decided(world: World, body: Values) -> Values:
    """``decision`` in the webhook's words, REJECTED unless told, and ``rejection_reason``. A name under review, if any.

    A number without one is asked for a new name first, ``new_display_name``.
    """
    decision = word_in(body, "decision", ("REJECTED", "APPROVED", "DEFERRED"))
    number = chosen_number(world, body, lambda each: display_names.in_review(each) is not None, is_registered)
    field = display_names.in_review(number)
    if field is None:
        field = "new_display_name"
        name = text_in(body, field, f"{number_value(number, 'verified_name')} Plus")
        world.act(number, "name_requested", {field: name, "new_name_status": "PENDING_REVIEW"})
    if decision == "DEFERRED":
        return world.act(number, "name_deferred", {}, (), decision=decision, name=number_value(number, field))
    reason = text_in(body, "rejection_reason", "") if decision == "REJECTED" else ""
    return display_names.conclude(world, number, field, _NAME_STATUSES[decision], world.now(), reason)


def _throughput_upgraded(world: World, body: Values) -> Values:
    """The number may send up to 1,000 messages a second."""
    number = chosen_number(world, body, lambda each: is_registered(each) and number_value(each, "throughput") != _HIGH)
    return world.act(number, "throughput_upgraded", {"throughput": _HIGH})


def _trial_ended(world: World, body: Values) -> Values:
    """The number leaves the unverified trial."""
    number = chosen_number(world, body, lambda each: number_value(each, "account_mode") == "SANDBOX")
    return world.act(number, "trial_ended", {"account_mode": "LIVE"})


def _app_disconnected(world: World, body: Values) -> Values:
    """A number of the WhatsApp Business app is lost. ``reason``; ``disconnection_info`` false leaves the object out."""
    number = chosen_number(
        world, body, lambda each: number_value(each, "is_on_biz_app") is True and number_value(each, "status") == _ON
    )
    told = body.get("disconnection_info", True) is not False
    info = webhook_events.disconnection_info(number, text_in(body, "reason", "")) if told else None
    values: Values = {
        "status": "DISCONNECTED",
        "platform_type": "NOT_APPLICABLE",
        "throughput": {"level": "NOT_APPLICABLE"},
    }
    return world.act(number, "disconnected", values, (), disconnection_info=info)


def _app_reconnected(world: World, body: Values) -> Values:
    """A number of the WhatsApp Business app is back."""
    number = chosen_number(
        world, body, lambda each: number_value(each, "is_on_biz_app") is True and number_value(each, "status") != _ON
    )
    values: Values = {"status": _ON, "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"}}
    return world.act(number, "reconnected", values)


KINDS: Mapping[str, Callable[[World, Values], Values]] = {
    "quality_dropped": _quality_dropped,
    "name_decided": _name_decided,
    "throughput_upgraded": _throughput_upgraded,
    "trial_ended": _trial_ended,
    "business_app_disconnected": _app_disconnected,
    "business_app_reconnected": _app_reconnected,
}
