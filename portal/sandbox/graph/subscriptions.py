"""``/<WABA_ID>/subscribed_apps``: whether the partner's app hears of a WABA, and at an address of the WABA's own.

From Meta's pages on managing webhooks and on their override. Only one app is known here, the partner's. A WABA of the
book is subscribed to at the start, but for one in eight; one from the login dialog is not. A number may have an address
of its own as well (``editing``). Meta asks an address for its consent by a GET with the ``verify_token``; that is not
done here.
"""

from collections.abc import Mapping
from zlib import crc32

from portal.sandbox.graph import access, errors
from portal.sandbox.graph.calls import Call
from portal.sandbox.graph.fields import SUBSCRIBED_APP
from portal.sandbox.graph.selection import parts_of, wanted_of
from portal.sandbox.graph.tokens import APPLICATION
from portal.sandbox.http.messages import Values
from portal.sandbox.world.grants import Subscription
from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import Node, Number, Waba, World

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
    value = call.request.value
    given = {name: value(name) for name in ("override_callback_uri", "verify_token")}
    uri, verify_token = ("", "") if set(given.values()) == {None} else override_in(given)
    _put(call.world, waba, Subscription(uri, verify_token))
    return {"success": True}


def list_subscriptions(call: Call, node: Node) -> Values:
    """The reply of the GET: the app, when it is subscribed."""
    waba = _waba(call, node)
    call.charged.append(waba)
    call.usage.charge_waba(waba)
    return page(call, waba, call.parameters.get("fields", ""))


def page(call: Call, waba: Waba, fields: str) -> Values:
    """The listing of the apps that are subscribed, with these fields of each. Raises GraphError for unknown ones."""
    wanted = wanted_of(fields, SUBSCRIBED_APP.name, call.version)
    found = subscription(call.world, waba)
    if found is None:
        return {"data": []}
    app: Values = {"id": call.world.credentials.app_id, "name": APPLICATION, "link": _LINK}
    entry: Values = {"whatsapp_business_api_data": app}
    if found.override_callback_uri:
        entry["override_callback_uri"] = found.override_callback_uri
    return {"data": [parts_of(entry, wanted)]}


def unsubscribe(call: Call, node: Node) -> Values:
    """The reply of the DELETE, which also forgets the WABA's own address."""
    _put(call.world, _waba(call, node), None)
    return {"success": True}


def _waba(call: Call, node: Node) -> Waba:
    if not isinstance(node, Waba):
        raise errors.missing(node.id, call.request.method)
    access.check_readable(call, node)
    return node


def override_in(given: Mapping[str, object]) -> tuple[str, str]:
    """An address and its token out of what was given. Raises GraphError 100 unless it can be used."""
    uri, verify_token = given.get("override_callback_uri"), given.get("verify_token")
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
        before = number_value(number, "webhook_configuration")
        after = with_address(number, "whatsapp_business_account", uri)
        if after != before and (after or isinstance(before, dict)):
            world.change_number(number, {"webhook_configuration": after})


def with_address(number: Number, whose: str, uri: str) -> Values:
    """The number's ``webhook_configuration`` with this address, its own or its WABA's; without it when it is empty."""
    shown = number_value(number, "webhook_configuration")
    others = {name: value for name, value in shown.items() if name != whose} if isinstance(shown, dict) else {}
    return others | {whose: uri} if uri else others
