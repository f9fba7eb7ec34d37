"""``/<WABA_ID>/subscribed_apps``: whether the partner's app hears of a WABA, and at an address of the WABA's own.

From Meta's pages on managing webhooks and on their override. Only one app is known here, the partner's. A WABA of the
book is subscribed to at the start, but for one in eight; one from the login dialog is not. Meta asks an address for its
consent by a GET with the ``verify_token``; that is not done here.
"""

from zlib import crc32

from portal.sandbox.graph import access, errors
from portal.sandbox.graph.calls import Call
from portal.sandbox.graph.tokens import APPLICATION
from portal.sandbox.http.messages import Values
from portal.sandbox.world.grants import Subscription
from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import Node, Waba, World

LONGEST_URI = 200
_LEFT_ALONE = 8
_LINK = "https://portal.example/"


def subscription(world: World, waba: Waba) -> Subscription | None:
    """The app's subscription to this WABA; None when the app hears nothing of it."""
    if waba.id in world.subscriptions:
        return world.subscriptions[waba.id]
    return None if crc32(f"subscribed {waba.id}".encode()) % _LEFT_ALONE == 0 else Subscription()


def subscribe(call: Call, node: Node) -> Values:
    """The reply of the POST. It sets the WABA's own address, and without one it takes away an earlier one."""
    waba = _waba(call, node)
    uri, verify_token = _override(call)
    _put(call.world, waba, Subscription(uri, verify_token))
    return {"success": True}


def list_subscriptions(call: Call, node: Node) -> Values:
    """The reply of the GET: the app, when it is subscribed."""
    waba = _waba(call, node)
    call.charged.append(waba)
    call.usage.charge_waba(waba)
    found = subscription(call.world, waba)
    if found is None:
        return {"data": []}
    app: Values = {"id": call.world.credentials.app_id, "name": APPLICATION, "link": _LINK}
    entry: Values = {"whatsapp_business_api_data": app}
    if found.override_callback_uri:
        entry["override_callback_uri"] = found.override_callback_uri
    return {"data": [entry]}


def unsubscribe(call: Call, node: Node) -> Values:
    """The reply of the DELETE, which also forgets the WABA's own address."""
    _put(call.world, _waba(call, node), None)
    return {"success": True}


def _waba(call: Call, node: Node) -> Waba:
    if not isinstance(node, Waba):
        raise errors.missing(node.id, call.request.method)
    access.check_readable(call, node)
    return node


def _override(call: Call) -> tuple[str, str]:
    """The address and its token out of the call, both empty for none. Raises GraphError 100."""
    uri, verify_token = call.request.value("override_callback_uri"), call.request.value("verify_token")
    if uri is None and verify_token is None:
        return "", ""
    if not isinstance(uri, str) or not uri.startswith(("https://", "http://")) or not uri.isascii():
        raise errors.bad_parameter("Param override_callback_uri must be a valid URI")
    if len(uri) > LONGEST_URI:
        raise errors.bad_parameter(f"Param override_callback_uri must be at most {LONGEST_URI} characters long")
    if not isinstance(verify_token, str) or not verify_token.strip():
        raise errors.bad_parameter("The parameter verify_token is required")
    return uri, verify_token


def _put(world: World, waba: Waba, subscribed: Subscription | None) -> None:
    """Note the subscription, and show its address on the numbers of the WABA."""
    world.subscriptions[waba.id] = subscribed
    world.record("subscribed" if subscribed else "unsubscribed", waba_id=waba.id)
    uri = subscribed.override_callback_uri if subscribed else ""
    for number in waba.numbers:
        shown = number_value(number, "webhook_configuration")
        before = dict(shown) if isinstance(shown, dict) else {}
        after = {name: value for name, value in before.items() if name != "whatsapp_business_account"}
        if uri:
            after["whatsapp_business_account"] = uri
        if after != before:
            world.change_number(number, {"webhook_configuration": after})
