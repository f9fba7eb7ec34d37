"""Reading: nodes with the fields asked for, and the listings of a WABA's numbers and of a business's WABAs.

Nothing here changes the world. A later handler that writes belongs in a module of its own, named in ``routes``.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from portal.sandbox.graph import access, callbacks, errors, filters, paging, subscriptions
from portal.sandbox.graph.calls import Call
from portal.sandbox.graph.fields import BUSINESS, NUMBER, PREVERIFIED, WABA, kind_of
from portal.sandbox.graph.selection import Wanted, parts_of, wanted_of
from portal.sandbox.graph.tokens import presented
from portal.sandbox.http.messages import Values
from portal.sandbox.world import values
from portal.sandbox.world.world import Business, Node, Number, PreverifiedNumber, Relation, Waba

_RELATIONS: dict[str, Relation] = {
    "client_whatsapp_business_accounts": "client",
    "owned_whatsapp_business_accounts": "owned",
}
Listed = TypeVar("Listed", Number, Waba, Business, PreverifiedNumber)
# What chooses and orders the nodes of one listing or another. A cursor is good for one choice and order.
_CHOOSING = ("filtering", "sort", "display_phone_number", "code_verification_status", "phone_number")
_CALLBACKS = "webhook_configuration"
_NEVER_IN_NEXT = frozenset({"access_token", "appsecret_proof", "after", "before", "limit"})


def read_node(call: Call, node: Node) -> Values:
    """The reply of ``GET /<id>``."""
    charge(call, node)
    return _render(call, node, wanted_of(call.parameters.get("fields", ""), kind_of(node).name, call.version))


def list_numbers(call: Call, waba: Waba) -> Values:
    """The reply of ``GET /<WABA_ID>/phone_numbers``."""
    charge(call, waba)
    wanted = wanted_of(call.parameters.get("fields", ""), NUMBER.name, call.version)
    return _number_page(call, waba, call.parameters, wanted)


def list_wabas(call: Call, business: Business, edge: str) -> Values:
    """The reply of ``GET /<BUSINESS_ID>/client_whatsapp_business_accounts`` and its sibling for owned ones."""
    access.check_business_edge(call, business)
    call.usage.charge_app()
    wanted = wanted_of(call.parameters.get("fields", ""), WABA.name, call.version)
    return _waba_page(call, business, edge, call.parameters, wanted)


def charge(call: Call, node: Node) -> None:
    """Count the call where Meta counts it: against the WABA, or against the app for a business."""
    waba = access.numbers_waba(call, node) if isinstance(node, Number) else node
    if not isinstance(waba, Waba):
        call.usage.charge_app()
        return
    access.check_readable(call, waba)
    call.charged.append(waba)
    call.usage.charge_waba(waba)


def _render(call: Call, node: Node, wanted: Sequence[Wanted]) -> Values:
    found: Values = {}
    read, stored = values.reader(node), values.stored(node)
    for want in wanted:
        name = want.name
        if name in stored and not want.inner and name != _CALLBACKS:
            # By far the most fields, and most of the time of a large page.
            found[name] = stored[name]
            continue
        value = _nested(call, node, want) if name in _EDGES else read(name)
        if name == _CALLBACKS:
            value = callbacks.in_force(call.world, value) or values.MISSING
        if value is values.MISSING:
            continue
        if isinstance(value, Business):
            value = _render(call, value, want.inner or wanted_of("", BUSINESS.name, call.version))
        elif want.inner and name not in _EDGES:
            value = parts_of(value, want.inner)
        found[name] = value
    found.setdefault("id", node.id)
    return found


_EDGES = frozenset({"phone_numbers", "subscribed_apps", "preverified_numbers", "partners", *_RELATIONS})


def _nested(call: Call, node: Node, want: Wanted) -> object:
    """A listing inside a node's reply. It is left out when empty, and where the token cannot read it."""
    parameters = dict(want.modifiers)
    if want.inner:
        parameters["fields"] = want.inner_text
    if isinstance(node, Waba):
        if not access.is_readable(call, node):
            return values.MISSING
        if node not in call.charged:
            call.charged.append(node)
            call.usage.charge_waba(node)
        if want.name == "subscribed_apps":
            page = subscriptions.page(call, node, parameters.get("fields", ""))
        else:
            page = _number_page(call, node, parameters, want.inner or wanted_of("", NUMBER.name, call.version))
    elif isinstance(node, PreverifiedNumber):
        page = partners_page(call, node, parameters)
    elif isinstance(node, Business):
        access.check_business_edge(call, node)
        if want.name == "preverified_numbers":
            page = pool_page(call, node, parameters)
        else:
            page = _waba_page(call, node, want.name, parameters, want.inner or wanted_of("", WABA.name, call.version))
    return page if page["data"] else values.MISSING


def pool_page(call: Call, business: Business, parameters: Mapping[str, str]) -> Values:
    """A page of the partner's pool, the number added first at the top."""
    wanted = wanted_of(parameters.get("fields", ""), PREVERIFIED.name, call.version)
    entries = sorted(filters.keep_preverified(call.world.pool.values(), parameters), key=lambda entry: entry.created)
    return _page_of_nodes(call, business, "preverified_numbers", entries, parameters, wanted)


def partners_page(call: Call, entry: PreverifiedNumber, parameters: Mapping[str, str]) -> Values:
    """A page of the businesses that a number of the pool is shared with."""
    wanted = wanted_of(parameters.get("fields", ""), BUSINESS.name, call.version)
    return _page_of_nodes(call, entry, "partners", entry.partners, parameters, wanted)


def _number_page(call: Call, waba: Waba, parameters: Mapping[str, str], wanted: Sequence[Wanted]) -> Values:
    clauses = filters.clauses_of(parameters.get("filtering"))
    if not waba.admits_account_mode_filter and any(field == "account_mode" for field, _, _ in clauses):
        raise errors.filter_not_admitted()
    numbers = filters.keep_numbers(waba.numbers, clauses)
    numbers = filters.keep_display_number(numbers, parameters.get("display_phone_number"))
    numbers = filters.order_numbers(numbers, parameters.get("sort"))
    return _page_of_nodes(call, waba, "phone_numbers", numbers, parameters, wanted)


def _waba_page(
    call: Call, business: Business, edge: str, parameters: Mapping[str, str], wanted: Sequence[Wanted]
) -> Values:
    wabas = filters.keep_wabas(call.world.related(_RELATIONS[edge]), filters.clauses_of(parameters.get("filtering")))
    return _page_of_nodes(call, business, edge, filters.order_wabas(wabas, parameters.get("sort")), parameters, wanted)


def _page_of_nodes(
    call: Call,
    node: Node,
    edge: str,
    items: Sequence[Listed],
    parameters: Mapping[str, str],
    wanted: Sequence[Wanted],
) -> Values:
    """The reply of a listing: the page of ``items`` that the parameters ask for, with its links."""
    asked = parameters.get
    limit = paging.limit_of(asked("limit"))
    scope = "|".join((node.id, edge, *(parameters.get(name, "") for name in _CHOOSING)))
    page = paging.page_of(
        items,
        limit=limit,
        after=asked("after"),
        before=asked("before"),
        scope=scope,
        hollow=isinstance(node, Waba) and node.hollow,
    )
    found: Values = {"data": [_render(call, item, wanted) for item in page.items]}
    if page.after:
        links: Values = {"cursors": {"before": page.before, "after": page.after}}
        if page.has_next:
            links["next"] = _link(call, node, edge, parameters, {"limit": str(limit), "after": page.after})
        if page.has_previous:
            links["previous"] = _link(call, node, edge, parameters, {"limit": str(limit), "before": page.before})
        found["paging"] = links
    if "total_count" in (asked("summary") or ""):
        found["summary"] = {"total_count": len(items)}
    return found


def _link(call: Call, node: Node, edge: str, parameters: Mapping[str, str], position: dict[str, str]) -> str:
    """The full URL of another page. It repeats the token when that came as a parameter, as Meta's does."""
    query = {name: value for name, value in parameters.items() if name not in _NEVER_IN_NEXT} | position
    token, in_query = presented(call.request)
    if in_query:
        query = {"access_token": token} | query
    return f"http://{call.request.host}/v{call.version}.0/{node.id}/{edge}?{urlencode(query)}"
