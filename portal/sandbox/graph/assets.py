"""``/<WABA_ID>/assigned_users`` and ``…/solutions``: who may work on a WABA, and with which other partner.

From Meta's reference of the former, which insists on the business whose users are meant. Of the latter only the name is
known; what an entry says is this server's choice.
"""

from portal.sandbox.graph import errors, reading
from portal.sandbox.graph.calls import Call
from portal.sandbox.graph.fields import kind_of
from portal.sandbox.http.messages import Values
from portal.sandbox.world.world import Node, Waba

USERS, SOLUTIONS = "assigned_users", "solutions"
_TASKS = ["MANAGE", "DEVELOP", "MANAGE_TEMPLATES", "MANAGE_PHONE", "VIEW_COST"]


def list_users(call: Call, node: Node) -> Values:
    """The reply of ``GET …/assigned_users``. Raises GraphError 100 where no business is named."""
    waba = _waba(call, node, USERS)
    business = call.parameters.get("business", "")
    if not business:
        raise errors.bad_parameter("The parameter business is required")
    if business != call.world.partner.id:
        return {"data": []}
    kept = waba.own.get(USERS)
    user: Values = {"id": "1" + waba.id[1:], "name": "Numberdesk", "tasks": _TASKS}
    return {"data": kept if isinstance(kept, list) else [user]}


def list_solutions(call: Call, node: Node) -> Values:
    """The reply of ``GET …/solutions``."""
    kept = _waba(call, node, SOLUTIONS).own.get(SOLUTIONS)
    return {"data": kept if isinstance(kept, list) else []}


def _waba(call: Call, node: Node, edge: str) -> Waba:
    if not isinstance(node, Waba):
        raise errors.unknown_field(edge, kind_of(node).name)
    reading.charge(call, node)
    return node
