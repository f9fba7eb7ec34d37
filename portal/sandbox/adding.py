"""Adding a number to a WABA, and moving one there that another WABA has.

From Meta's reference of the edge and its page on moving numbers between partners. The number is taken without its
calling code, or with ``+`` and the code. A WABA that was never shared with the partner stands for the apps that are no
partner's. A move wants two-step verification off, and is complete when the number is registered at its new place.
There is no pre-verified pool here, so no ``preverified_id`` is known.
"""

import re

from portal.sandbox import access, displaynames, errors, refusals
from portal.sandbox.calls import Call
from portal.sandbox.messages import Values
from portal.sandbox.numbering import country_of
from portal.sandbox.pins import pin_of
from portal.sandbox.situations import MANAGER_ADDED
from portal.sandbox.values import number_value
from portal.sandbox.world import Business, Node, Number, Waba, World

FEW, MANY = 2, 20
_GONE = frozenset({"DELETED", "MIGRATED"})


def add_number(call: Call, node: Node) -> Values:
    """The reply of ``POST /<WABA_ID>/phone_numbers``: the id of a number that has yet to be verified."""
    if not isinstance(node, Waba):
        raise errors.missing(node.id, call.request.method)
    access.check_readable(call, node)
    if node.relation == "unshared":
        raise refusals.partners_only()
    if call.request.value("preverified_id") not in (None, ""):
        raise errors.bad_parameter("Param preverified_id is not the id of a pre-verified number of this business")
    dial, national = _calling_code(call), _national_number(call)
    moves = call.request.value("migrate_phone_number") in (True, "true", "1")
    holder = _holder(call.world, dial + national)
    name = _name(call, holder if moves else None)
    if holder is not None:
        _check_holder(call.world, holder, node, moves=moves)
    most = most_numbers(node.owner)
    if len(_numbers_of(call.world, node.owner)) >= most:
        raise refusals.too_many_numbers(most)
    return {"id": _add(call.world, node, dial, national, name, holder).id}


def most_numbers(owner: Business) -> int:
    """How many numbers a portfolio may have: few until it is verified, or trusted with more for its use."""
    return FEW if owner.verification != "verified" and owner.limit == "TIER_250" else MANY


def _calling_code(call: Call) -> str:
    dial = call.request.value("cc")
    if not isinstance(dial, str) or not re.fullmatch("[1-9][0-9]{0,2}", dial):
        raise errors.bad_parameter("Param cc must be the calling code of a country, in digits")
    return dial


def _national_number(call: Call) -> str:
    text = call.request.value("phone_number")
    digits = re.sub(r"[\s().-]", "", text) if isinstance(text, str) else ""
    digits = digits.removeprefix(f"+{call.request.value('cc')}")
    if not re.fullmatch("[0-9]{4,14}", digits):
        raise errors.bad_parameter("Param phone_number must be a phone number without its calling code")
    return digits


def _name(call: Call, moved: Number | None) -> str:
    """The display name wanted. A number that is moved keeps its own unless another is asked for."""
    own = None if moved is None else number_value(moved, "verified_name")
    if call.request.value("verified_name") is None and isinstance(own, str):
        return own
    return displaynames.name_in(call, "verified_name")


def _holder(world: World, digits: str) -> Number | None:
    """The number with these digits that some WABA has."""
    for number in world.numbers():
        shown = re.sub(r"\D", "", str(number_value(number, "display_phone_number")))
        if shown == digits and number.wabas and number_value(number, "status") not in _GONE:
            return number
    return None


def _check_holder(world: World, holder: Number, waba: Waba, *, moves: bool) -> None:
    if not moves or waba in holder.wabas:
        raise refusals.number_taken()
    if pin_of(world, holder) is not None:
        raise errors.bad_parameter("Two-step verification has to be turned off before the number can be moved")


def _numbers_of(world: World, owner: Business) -> set[str]:
    return {number.id for waba in world.wabas.values() if waba.owner is owner for number in waba.numbers}


def _add(world: World, waba: Waba, dial: str, national: str, name: str, moved: Number | None) -> Number:
    values: Values = {
        **MANAGER_ADDED.base,
        "display_phone_number": _displayed(dial, national),
        "verified_name": name,
        "country_dial_code": dial,
    }
    country = country_of(dial)
    if country:
        values["country_code"] = country
    number = world.new_number(waba, values)
    if moved is not None:
        world.standing(number).moves_from = moved.id
    world.record("number_added", waba_id=waba.id, phone_number_id=number.id)
    displaynames.begin_review(world, number)
    return number


def _displayed(dial: str, national: str) -> str:
    if dial == "1" and len(national) == 10:
        return f"+1 {national[:3]}-{national[3:6]}-{national[6:]}"
    return f"+{dial} {national}"
