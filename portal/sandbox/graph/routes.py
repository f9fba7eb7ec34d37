"""From a request to a Graph reply: version, token, node, edge, and the headers that every reply carries.

A new capability is a module of its own with handlers, and a line in one of the tables here.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from portal.sandbox.graph import (
    access,
    adding,
    assets,
    automation,
    batch,
    callbacks,
    codes,
    credit,
    editing,
    errors,
    message_links,
    oauth,
    official,
    preverified,
    profiles,
    reading,
    registration,
    settings,
    side_edges,
    subscriptions,
    tokens,
    uploads,
)
from portal.sandbox.graph.calls import Call, Handler
from portal.sandbox.graph.fields import kind_of
from portal.sandbox.graph.usage import Usage
from portal.sandbox.http.messages import Reply, Request
from portal.sandbox.world.world import Business, Node, Waba, World

# Versions as of November 2026. A call that names an older one is served by the oldest; one that names none, by the
# version chosen for the app.
OLDEST, NEWEST, CHOSEN = 21, 26, 25


def _numbers(call: Call, node: Node) -> object:
    if not isinstance(node, Waba):
        raise errors.unknown_field("phone_numbers", kind_of(node).name)
    return reading.list_numbers(call, node)


def _client_wabas(call: Call, node: Node) -> object:
    return _wabas(call, node, "client_whatsapp_business_accounts")


def _owned_wabas(call: Call, node: Node) -> object:
    return _wabas(call, node, "owned_whatsapp_business_accounts")


def _wabas(call: Call, node: Node, edge: str) -> object:
    if not isinstance(node, Business):
        raise errors.unknown_field(edge, kind_of(node).name)
    return reading.list_wabas(call, node, edge)


# (method, edge) → handler; the empty edge is the node itself. A handler refuses the node types it is not made for.
HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("GET", ""): reading.read_node,
    ("GET", "phone_numbers"): _numbers,
    ("GET", "client_whatsapp_business_accounts"): _client_wabas,
    ("GET", "owned_whatsapp_business_accounts"): _owned_wabas,
    ("GET", "subscribed_apps"): subscriptions.list_subscriptions,
    ("POST", "subscribed_apps"): subscriptions.subscribe,
    ("DELETE", "subscribed_apps"): subscriptions.unsubscribe,
    ("POST", ""): editing.edit,
    ("POST", "register"): registration.register,
    ("POST", "deregister"): registration.deregister,
    ("POST", "request_code"): codes.request_code,
    ("POST", "verify_code"): codes.verify_code,
    ("GET", profiles.EDGE): profiles.show,
    ("POST", profiles.EDGE): profiles.change,
    ("GET", settings.SETTINGS): settings.show,
    ("POST", settings.SETTINGS): settings.change,
    ("POST", automation.EDGE): automation.change,
    ("GET", official.EDGE): official.show,
    ("POST", official.EDGE): official.ask,
    ("GET", side_edges.BLOCKED): side_edges.list_blocked,
    ("GET", side_edges.COMPLIANCE): side_edges.show_compliance,
    ("GET", settings.USERNAME): settings.show_username,
    ("POST", settings.USERNAME): settings.set_username,
    ("DELETE", settings.USERNAME): settings.delete_username,
    ("GET", settings.SUGGESTIONS): settings.suggest,
    ("GET", message_links.EDGE): message_links.show,
    ("POST", message_links.EDGE): message_links.put,
    ("DELETE", message_links.ONE): message_links.delete,
    ("GET", assets.USERS): assets.list_users,
    ("GET", assets.SOLUTIONS): assets.list_solutions,
    ("POST", "phone_numbers"): adding.add_number,
    ("GET", "preverified_numbers"): preverified.list_pool,
    ("GET", "partners"): preverified.list_partners,
    ("POST", "add_phone_numbers"): preverified.add,
    ("POST", "share_preverified_numbers"): preverified.share,
    ("DELETE", "share_preverified_numbers"): preverified.unshare,
    ("DELETE", ""): preverified.remove,
}


class Graph:
    """The Graph API over one world."""

    def __init__(self, world: World, usage: Usage, *, require_proof: bool = False) -> None:
        self.world = world
        self.usage = usage
        self.require_proof = require_proof

    def answer(self, request: Request, *, in_batch: bool = False) -> Reply:
        """The reply to one request, or to one call in a batch."""
        version, segments = _address(request.path)
        trace = "A" + secrets.token_urlsafe(16)
        headers = [("facebook-api-version", f"v{version}.0"), ("x-fb-trace-id", trace), ("Cache-Control", "no-store")]
        call: Call | None = None
        try:
            if segments == oauth.PATH:
                return Reply(200, oauth.exchange(self.world, request), headers)
            token = tokens.authenticate(self.world, request, require_proof=self.require_proof)
            if batch.is_batch(request, segments) and not in_batch:
                one = partial(self.answer, in_batch=True)
                return Reply(200, batch.answers(request, version, token.text, one), headers)
            call = Call(self.world, self.usage, request, version, token)
            reply = Reply(200, _dispatch(call, list(segments)), headers)
        except errors.GraphError as error:
            reply = Reply(error.status, error.envelope(errors.language(request), trace), headers)
            if error.code in {104, 190}:
                headers.append(("WWW-Authenticate", f'OAuth "Facebook Platform" "invalid_token" "{error.code}"'))
        if call is not None:
            headers += self.usage.headers(call.charged)
        return reply


def _dispatch(call: Call, segments: list[str]) -> object:
    method = call.request.method
    if "date_format" in call.parameters:
        raise errors.bad_parameter("Param date_format is no longer supported")
    if segments == ["debug_token"] and method == "GET":
        call.usage.charge_app()
        return tokens.debug_token(call.world, call.token, call.parameters)
    if not segments:
        raise errors.missing("", method)
    node_id, edge = segments[0], _edge(segments)
    if (of_the_app := _of_the_app(call, node_id, edge)) is not None:
        return of_the_app()
    if not (node_id.isascii() and node_id.isdigit()):
        raise errors.unknown_path(segments) if edge else errors.unknown_alias(node_id)
    if (of_credit := credit.answer(call, node_id, edge)) is not None:
        return of_credit
    handler = HANDLERS.get((method, edge))
    if handler is None and method != "GET":
        raise errors.missing(node_id, method)
    node = access.find(call, node_id)
    if handler is None:
        raise errors.unknown_field(edge, kind_of(node).name)
    return handler(call, node)


def _edge(segments: list[str]) -> str:
    """What is asked of the node; empty for the node itself. Of one edge the items have addresses of their own."""
    if len(segments) == 3 and segments[1] == message_links.EDGE:
        return message_links.ONE
    if len(segments) > 2:
        raise errors.unknown_path(segments)
    return segments[1] if len(segments) == 2 else ""


def _of_the_app(call: Call, node_id: str, edge: str) -> Callable[[], object] | None:
    """What answers a call about our app itself, or about what it uploads; None for any other call."""
    is_post, is_app = call.request.method == "POST", node_id == call.world.credentials.app_id
    if is_app and edge == callbacks.EDGE:
        return partial(callbacks.answer, call)
    if is_app and is_post and edge == uploads.EDGE:
        return partial(uploads.start, call)
    if is_post and not edge and node_id.startswith(uploads.SESSION):
        return partial(uploads.receive, call, node_id)
    return None


@lru_cache(maxsize=1024)
def _address(path: str) -> tuple[int, tuple[str, ...]]:
    """The version that answers, and what is left of the path. What is no version is taken for an id, as Graph does."""
    segments = [each for each in path.split("/") if each]
    match = re.fullmatch(r"v(\d{1,2})\.\d", segments[0]) if segments else None
    if match is None or int(match[1]) > NEWEST:
        return CHOSEN, tuple(segments)
    return max(OLDEST, int(match[1])), tuple(segments[1:])
