"""What a partner may ask of its pool of pre-verified numbers, other than codes: adding, reading, sharing, removing.

From Meta's page on pre-verified numbers and its reference of the pool's edge on a business. Codes are sent and checked
by ``codes``, as for any number, and what the clock does to the pool is ``world.pool``. All of it is for the partner's
own system user. That sharing twice does no harm, while taking back what was never shared is refused, is this server's
choice.
"""

import re

from portal.sandbox.graph import access, errors, reading, refusals
from portal.sandbox.graph.calls import Call, success
from portal.sandbox.graph.fields import kind_of
from portal.sandbox.http.messages import Values
from portal.sandbox.world import pool, portfolios
from portal.sandbox.world.world import Business, Node, PreverifiedNumber


def add(call: Call, node: Node) -> Values:
    """The reply of ``POST /<BUSINESS_ID>/add_phone_numbers``: the id of a number that has yet to be verified."""
    _check_pools_business(call, node)
    digits = call.request.value("phone_number")
    if not isinstance(digits, str) or not re.fullmatch("[1-9][0-9]{6,14}", digits):
        raise errors.bad_parameter("Param phone_number must be a phone number in digits, with its calling code")
    world = call.world
    if pool.holding(world, digits) is not None:
        raise refusals.number_in_pool()
    if portfolios.holder(world, digits) is not None:
        raise refusals.number_taken()
    entry = world.new_preverified(digits)
    world.record("preverified_added", preverified_id=entry.id)
    return {"id": entry.id}


def list_pool(call: Call, node: Node) -> Values:
    """The reply of ``GET /<BUSINESS_ID>/preverified_numbers``, the number added first at the top."""
    if not isinstance(node, Business):
        raise errors.unknown_field("preverified_numbers", kind_of(node).name)
    access.check_business_edge(call, node)
    call.usage.charge_app()
    return reading.pool_page(call, node, call.parameters)


def list_partners(call: Call, node: Node) -> Values:
    """The reply of ``GET /<PREVERIFIED_ID>/partners``: the businesses that the number is shared with."""
    if not isinstance(node, PreverifiedNumber):
        raise errors.unknown_field("partners", kind_of(node).name)
    call.usage.charge_app()
    return reading.partners_page(call, node, call.parameters)


def share(call: Call, node: Node) -> Values:
    """The reply of ``POST /<BUSINESS_ID>/share_preverified_numbers``."""
    _check_pools_business(call, node)
    entry, partner = _entry_in(call), _partner_in(call)
    if partner not in entry.partners:
        entry.partners.append(partner)
        call.world.record("preverified_shared", preverified_id=entry.id, partner_business_id=partner.id)
    return success(entry)


def unshare(call: Call, node: Node) -> Values:
    """The reply of ``DELETE /<BUSINESS_ID>/share_preverified_numbers``."""
    _check_pools_business(call, node)
    entry, partner = _entry_in(call), _partner_in(call)
    if partner not in entry.partners:
        raise errors.bad_parameter("The pre-verified number is not shared with this business")
    entry.partners.remove(partner)
    call.world.record("preverified_unshared", preverified_id=entry.id, partner_business_id=partner.id)
    return success(entry)


def remove(call: Call, node: Node) -> Values:
    """The reply of ``DELETE /<PREVERIFIED_ID>``. No other node is deleted by this API."""
    if not isinstance(node, PreverifiedNumber):
        raise errors.missing(node.id, call.request.method)
    pool.remove(call.world, node)
    call.world.record("preverified_removed", preverified_id=node.id)
    return success(node)


def _check_pools_business(call: Call, node: Node) -> None:
    """Raise GraphError 100/33 for what is no business, and 200 for one whose pool is not the token's."""
    if not isinstance(node, Business):
        raise errors.missing(node.id, call.request.method)
    access.check_business_edge(call, node)


def _entry_in(call: Call) -> PreverifiedNumber:
    preverified_id = call.request.value("preverified_id")
    entry = call.world.pool.get(preverified_id) if isinstance(preverified_id, str) else None
    if entry is None:
        raise refusals.not_in_pool()
    return entry


def _partner_in(call: Call) -> Business:
    business_id = call.request.value("partner_business_id")
    business = call.world.nodes.get(business_id) if isinstance(business_id, str) else None
    if not isinstance(business, Business) or business is call.world.partner:
        raise errors.bad_parameter("Param partner_business_id is not the id of a business to share numbers with")
    return business
