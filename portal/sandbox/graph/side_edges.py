"""``/<PHONE_NUMBER_ID>/block_users`` and ``…/business_compliance_info``: read only here.

From Meta's guide on blocked users and its reference of the edge for businesses in India. How many come on a page
without ``limit``, and what a number outside India gets, is not documented: 25, and an empty list, are this server's
choice.
"""

from portal.sandbox.graph import access, paging, reading
from portal.sandbox.graph.calls import Call
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import Node

BLOCKED, COMPLIANCE = "block_users", "business_compliance_info"


def list_blocked(call: Call, node: Node) -> Values:
    """The people whom the number has blocked: the first page, and whether there are more."""
    number = access.number_to_act_on(call, node)
    reading.charge(call, number)
    limit = paging.limit_of(call.parameters.get("limit"))
    kept = number_value(number, BLOCKED)
    people = [str(each) for each in kept] if isinstance(kept, list) else []
    found: Values = {"data": [{"messaging_product": "whatsapp", "wa_id": each} for each in people[:limit]]}
    if people:
        cursors = {"before": people[0], "after": people[:limit][-1]}
        more = {"next": f"https://graph.example/{node.id}/{BLOCKED}"} if len(people) > limit else {}
        found["paging"] = {"cursors": cursors, **more}
    return found


def show_compliance(call: Call, node: Node) -> Values:
    """What a business in India has told of itself: a list of one, or an empty one."""
    number = access.number_to_act_on(call, node)
    reading.charge(call, number)
    kept = number_value(number, COMPLIANCE)
    return {"data": [{**kept, "messaging_product": "whatsapp"}] if isinstance(kept, dict) else []}
