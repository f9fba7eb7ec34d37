"""Adding a number to a WABA, and moving one there that another WABA has.

From Meta's reference of the edge and its page on moving numbers between partners. The number is taken without its
calling code, or with ``+`` and the code. The code is ``cc``, or what pywa calls it, ``country_code``: that Meta takes
the latter is unconfirmed. A WABA that was never shared with the partner stands for the apps that are no
partner's. A move wants what Meta's list of errors names: a number that another WABA has, with two-step verification
off and an approved name, and a WABA whose events the app gets. That Meta has to have approved this one is what a
provider tells. The move is complete when the number is registered at its new place, and it keeps its name,
quality and badge. Codes and sentences of these refusals are this server's choice.
With a ``preverified_id`` the number comes out of the partner's pool; the call's own number is then not looked at, and
the WABA lends its name unless the call has one.
"""

import re

from portal.sandbox.graph import access, errors, name_requests, refusals, subscriptions
from portal.sandbox.graph.calls import Call
from portal.sandbox.graph.pins import pin_of
from portal.sandbox.http.messages import Values
from portal.sandbox.world import display_names, pool, portfolios
from portal.sandbox.world.numbering import country_of, international
from portal.sandbox.world.situations import MANAGER_ADDED
from portal.sandbox.world.values import MISSING, number_value, waba_value
from portal.sandbox.world.world import Business, Node, Number, Waba, World

_APPROVED = frozenset({"APPROVED", "AVAILABLE_WITHOUT_REVIEW"})
# What a number takes along, with its name.
_KEPT = ("name_status", "quality_rating", "is_official_business_account", "official_business_account")


def add_number(call: Call, node: Node) -> Values:
    """The reply of ``POST /<WABA_ID>/phone_numbers``: the id of a number that has yet to be verified or registered."""
    if not isinstance(node, Waba):
        raise errors.missing(node.id, call.request.method)
    access.check_readable(call, node)
    if node.relation == "unshared":
        raise refusals.partners_only()
    if call.request.value("preverified_id") not in (None, ""):
        return {"id": _add_from_pool(call, node).id}
    dial = _calling_code(call)
    national = _national_number(call, dial)
    moves = call.request.value("migrate_phone_number") in (True, "true", "1")
    current = portfolios.holder(call.world, dial + national)
    if moves:
        _check_move(call.world, current, node)
    name = _name(call, current if moves else None)
    if current is not None and not moves:
        raise refusals.number_taken()
    if pool.holding(call.world, dial + national) is not None:
        raise refusals.number_in_pool()
    _check_room(call.world, node.owner)
    return {"id": _add(call.world, node, dial, national, name, current).id}


def _add_from_pool(call: Call, waba: Waba) -> Number:
    """Claim a number for the WABA. Raises GraphError when it is not the partner's to give, or the WABA has enough."""
    preverified_id = call.request.value("preverified_id")
    entry = pool.find(call.world, preverified_id) if isinstance(preverified_id, str) else None
    if entry is None:
        raise refusals.not_in_pool()
    name = waba_value(waba, "name")
    if call.request.value("verified_name") is not None or not isinstance(name, str):
        name = name_requests.name_in(call, "verified_name")
    if portfolios.holder(call.world, entry.phone_number) is not None:
        raise refusals.number_taken()
    _check_room(call.world, waba.owner)
    return pool.claim(call.world, entry, waba, name)


def _calling_code(call: Call) -> str:
    dial = call.request.value("cc")
    dial = call.request.value("country_code") if dial is None else dial
    if not isinstance(dial, str) or not re.fullmatch("[1-9][0-9]{0,2}", dial):
        raise errors.bad_parameter("Param cc must be the calling code of a country, in digits")
    return dial


def _national_number(call: Call, dial: str) -> str:
    text = call.request.value("phone_number")
    digits = re.sub(r"[\s().-]", "", text) if isinstance(text, str) else ""
    digits = digits.removeprefix(f"+{dial}")
    if not re.fullmatch("[0-9]{4,14}", digits):
        raise errors.bad_parameter("Param phone_number must be a phone number without its calling code")
    return digits


def _name(call: Call, moved: Number | None) -> str:
    """The display name wanted. A number that is moved keeps its own unless another is asked for."""
    own = None if moved is None else number_value(moved, "verified_name")
    if call.request.value("verified_name") is None and isinstance(own, str):
        return own
    return name_requests.name_in(call, "verified_name")


def _check_move(world: World, number: Number | None, waba: Waba) -> None:
    """Raise the refusal of a number that can't be moved to this WABA, or need not be."""
    if number is None:
        raise errors.bad_parameter("This phone number is eligible to be added directly, without the migration APIs")
    if waba in number.wabas:
        raise errors.bad_parameter("The phone number to migrate is already present in this WhatsApp account")
    if pin_of(world, number) is not None:
        raise errors.bad_parameter("Two-step verification has to be turned off before the number can be moved")
    if number_value(number, "name_status") not in _APPROVED:
        raise errors.bad_parameter("The phone number to migrate must have an approved display name")
    if subscriptions.subscription(world, waba) is None:
        raise errors.bad_parameter("Webhooks have not been set up for the destination WhatsApp Business account")
    if waba_value(waba, "account_review_status") != "APPROVED":
        raise errors.bad_parameter("The destination WhatsApp Business account must be approved")


def _check_room(world: World, owner: Business) -> None:
    numbers = {number.id for waba in world.wabas.values() if waba.owner is owner for number in waba.numbers}
    most = portfolios.most_numbers(owner)
    if len(numbers) >= most:
        raise refusals.too_many_numbers(most)


def _add(world: World, waba: Waba, dial: str, national: str, name: str, moved: Number | None) -> Number:
    values: Values = {
        **MANAGER_ADDED.base,
        "display_phone_number": international(dial, national),
        "verified_name": name,
        "country_dial_code": dial,
    }
    country = country_of(dial)
    if country:
        values["country_code"] = country
    number = world.new_number(waba, values)
    if moved is not None:
        world.hidden_state(number).moves_from = moved.id
        if name == number_value(moved, "verified_name"):
            kept = {each: number_value(moved, each) for each in _KEPT}
            values |= {each: value for each, value in kept.items() if value is not MISSING}
    world.record("number_added", waba_id=waba.id, phone_number_id=number.id)
    display_names.begin_review(world, number)
    return number
