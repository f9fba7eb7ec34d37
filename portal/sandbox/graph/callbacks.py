"""``/<APP_ID>/subscriptions``: where the app has its webhook events sent, and Meta's handshake with that address.

From Meta's pages on webhooks (developers.facebook.com/docs/graph-api/webhooks/getting-started) and on the edge
(developers.facebook.com/docs/graph-api/reference/app/subscriptions). Meta takes https only; here http will do as well.
One object only is known, ``whatsapp_business_account``. Which fields come with a POST that names none is not
documented: here those that the app had, else all that this server knows.
"""

import json
import re
from secrets import randbelow
from urllib.parse import urlencode

from portal.sandbox.graph import errors, webhook_events
from portal.sandbox.graph.calls import Call
from portal.sandbox.graph.errors import GraphError
from portal.sandbox.graph.tokens import find, presented
from portal.sandbox.http import outgoing
from portal.sandbox.http.messages import Request, Values
from portal.sandbox.world.situations import APP_CALLBACK
from portal.sandbox.world.world import Callback, World

EDGE = "subscriptions"
_FIELD = re.compile("[a-z_]{2,60}")
_PATH = re.compile(r"(?:/v[0-9]{1,2}\.[0-9])?/([0-9]+)/subscriptions/?")


def answer(call: Call) -> Values:
    """The reply of GET, POST and DELETE. Raises GraphError; 2200 when the address did not pass the handshake."""
    if call.token.kind != "app":
        raise GraphError(15, "(#15) This method must be called with an app access_token", status=403)
    call.usage.charge_app()
    method, world = call.request.method, call.world
    if method == "GET":
        return {"data": [] if world.callback is None else [_shown(world.callback, call.version)]}
    if method == "DELETE":
        put(world, None)
    elif method == "POST":
        callback = _wish(world, call.request)
        if call.request.handshake_failure:
            raise GraphError(2200, f"(#2200) {call.request.handshake_failure}")
        put(world, callback)
    else:
        raise errors.missing(world.credentials.app_id, method)
    return {"success": True}


def put(world: World, callback: Callback | None) -> None:
    """Have the app's events sent there from now on."""
    world.callback = callback
    world.unsaved = True


def wished(world: World, request: Request) -> Callback | None:
    """The address with which a handshake is due before this request can be answered; None for any other request."""
    path = _PATH.fullmatch(request.path) if request.method == "POST" else None
    if path is None or path[1] != world.credentials.app_id:
        return None
    token = find(world, presented(request)[0])
    try:
        return _wish(world, request) if token is not None and token.kind == "app" else None
    except GraphError:
        return None


def in_force(world: World, configuration: object) -> object:
    """A number's ``webhook_configuration`` with the app's address in it; without one when the app has none."""
    if not isinstance(configuration, dict) or configuration.get("application") != APP_CALLBACK:
        return configuration
    others = {name: value for name, value in configuration.items() if name != "application"}
    return others if world.callback is None else {"application": world.callback.url, **others}


async def shake_hands(world: World, callback: Callback) -> str:
    """Ask the address for its consent, as Meta does; why it failed, empty when the challenge came back."""
    challenge = str(10**8 + randbelow(9 * 10**8))
    query = urlencode({"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": callback.verify_token})
    url = world.reached_at.get(callback.url, callback.url)
    url += f"{'&' if '?' in url else '?'}{query}"
    try:
        status, body = await outgoing.ask("GET", url, {"User-Agent": outgoing.USER_AGENT})
    except OSError as error:
        return f"Callback verification failed: there was no answer ({str(error) or type(error).__name__})"
    if status != 200:
        return f"Callback verification failed with the following errors: HTTP Status Code = {status}"
    if body.strip() != challenge.encode():
        shown = body[:100].decode(errors="replace")
        return f'Response does not match challenge, expected value="{challenge}", received="{shown}"'
    return ""


def _wish(world: World, request: Request) -> Callback:
    """What a POST asks for. Raises GraphError 100."""
    if request.value("object") != webhook_events.OBJECT:
        raise errors.bad_parameter(f"Param object must be {webhook_events.OBJECT}")
    url, verify_token = request.value("callback_url"), request.value("verify_token")
    if not isinstance(url, str) or not outgoing.is_address(url):
        raise errors.bad_parameter("Param callback_url must be a valid URL")
    if not isinstance(verify_token, str) or not verify_token:
        raise errors.bad_parameter("The parameter verify_token is required")
    return Callback(url, verify_token, _fields(world, request.value("fields")))


def _fields(world: World, given: object) -> tuple[str, ...]:
    if given in (None, ""):
        return world.callback.fields if world.callback is not None else webhook_events.FIELDS
    if isinstance(given, str):
        try:
            given = json.loads(given) if given.startswith("[") else given.split(",")
        except ValueError:
            given = None
    names = [each.strip() if isinstance(each, str) else "" for each in given] if isinstance(given, list) else [""]
    if not all(_FIELD.fullmatch(name) for name in names):
        raise errors.bad_parameter("Param fields must be a list of the object's fields")
    return tuple(sorted(set(names)))


def _shown(callback: Callback, version: int) -> Values:
    return {
        "object": webhook_events.OBJECT,
        "callback_url": callback.url,
        "active": True,
        "fields": [{"name": name, "version": f"v{version}.0"} for name in callback.fields],
    }
