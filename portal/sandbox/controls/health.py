"""Holding a WABA, its business or the app back from sending, as ``health_status`` shows it: the controls of that."""

from portal.sandbox.controls.request_body import BadRequestError, text_in, word_in
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import HELD_BACK, NO_PAYMENT
from portal.sandbox.world.world import Waba, World


def change(world: World, waba: Waba, body: Values) -> Values:
    """Set ``can_send_message`` of ``entity_type``: BLOCKED for want of a payment unless told. What Graph shows then.

    ``errors`` come with BLOCKED and ``additional_info`` with LIMITED, as at Meta: ``code``, ``description`` and
    ``solution`` fill the former, ``info`` the latter.
    """
    kind = word_in(body, "entity_type", ("WABA", "BUSINESS", "APP"))
    can_send = word_in(body, "can_send_message", ("BLOCKED", "LIMITED", "AVAILABLE"))
    held: Values = {"can_send_message": can_send}
    if kind == "APP":
        held["id"] = world.credentials.app_id
    if can_send == "BLOCKED":
        held["errors"] = [_error(body)] if {"code", "description", "solution"} & body.keys() else NO_PAYMENT["errors"]
    if can_send == "LIMITED":
        held["additional_info"] = [text_in(body, "info", "The business has not been verified yet")]
    for each in _concerned(world, waba, kind):
        before = each.own.get(HELD_BACK)
        kept = {name: value for name, value in (before if isinstance(before, dict) else {}).items() if name != kind}
        world.change_waba(each, {HELD_BACK: kept if can_send == "AVAILABLE" else kept | {kind: held}})
    world.record("sending_changed", waba_id=waba.id, entity_type=kind, can_send_message=can_send)
    return held


def _error(body: Values) -> Values:
    code = body.get("code")
    if not isinstance(code, int) or isinstance(code, bool):
        raise BadRequestError("code is a number")
    words = text_in(body, "description", ""), text_in(body, "solution", "")
    return {"error_code": code, "error_description": words[0], "possible_solution": words[1]}


def _concerned(world: World, waba: Waba, kind: str) -> list[Waba]:
    """The WABAs that share what is held back: all of one business, and all there are where it is the app."""
    if kind == "WABA":
        return [waba]
    return [each for each in world.wabas.values() if kind == "APP" or each.owner is waba.owner]
