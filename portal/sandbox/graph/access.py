"""Who may see which node. The system user sees what is shared with the partner; a business token its own WABA only.

Graph answers "missing" alike for what is gone, for what never was, and for what the token may not see.
"""

from portal.sandbox.graph import errors
from portal.sandbox.graph.calls import Call
from portal.sandbox.world.world import Business, Node, Number, PreverifiedNumber, Waba


def find(call: Call, node_id: str) -> Node:
    """The node of this id, if the call's token may see it. Raises GraphError 100/33 otherwise."""
    node: Node | None = call.world.nodes.get(node_id) or call.world.pool.get(node_id)
    if isinstance(node, (Waba, Number)):
        check_management(call)
    if isinstance(node, Waba) and sees_waba(call, node):
        return node
    if isinstance(node, Number) and numbers_waba(call, node) is not None:
        return node
    if isinstance(node, Business) and _sees_business(call, node):
        return node
    if isinstance(node, PreverifiedNumber) and call.token.kind == "system_user":
        return node
    raise errors.missing(node_id, call.request.method)


def sees_waba(call: Call, waba: Waba) -> bool:
    """Whether the token has this WABA among its assets."""
    if call.token.kind == "business":
        return waba in call.token.wabas
    return call.token.kind == "system_user" and waba.relation != "unshared"


def check_readable(call: Call, waba: Waba) -> None:
    """Raise the refusal of a WABA that is listed but cannot be read. The owner's own business token does read it."""
    if call.token.kind == "business" or not waba.trouble:
        return
    if waba.trouble == "hidden":
        raise errors.missing(waba.id, call.request.method)
    raise errors.no_permission("You do not have the necessary permissions on this WhatsApp Business Account")


def is_readable(call: Call, waba: Waba) -> bool:
    """Whether the token sees this WABA and can read it."""
    return sees_waba(call, waba) and (call.token.kind == "business" or not waba.trouble)


def numbers_waba(call: Call, number: Number) -> Waba | None:
    """The WABA through which the token reads this number; None when there is none."""
    return next((waba for waba in number.wabas if is_readable(call, waba)), None)


def number_to_act_on(call: Call, node: Node) -> Number:
    """The node as a number. Raises GraphError 100/33 for what is none, as Graph does for what cannot be done to it."""
    if not isinstance(node, Number):
        raise errors.missing(node.id, call.request.method)
    return node


def check_management(call: Call) -> None:
    """Raise GraphError 200 unless the token has whatsapp_business_management."""
    if call.world.token_states.get(call.token.name) == "no_management":
        raise errors.no_permission("Requires the whatsapp_business_management permission")


def check_messaging(call: Call) -> None:
    """Raise GraphError 200 unless the token has whatsapp_business_messaging."""
    if call.world.token_states.get(call.token.name) == "no_messaging":
        raise errors.no_permission("Requires the whatsapp_business_messaging permission")


def check_business_edge(call: Call, business: Business) -> None:
    """Raise GraphError 200 unless the system user asks for its own business."""
    if call.token.kind != "system_user" or business is not call.world.partner:
        raise errors.no_permission("Requires the business_management permission on this business")


def _sees_business(call: Call, business: Business) -> bool:
    if call.token.kind == "business":
        return business is call.world.partner or any(waba.owner is business for waba in call.token.wabas)
    return call.token.kind == "system_user"
