"""The partner's line of credit: ``POST /<EXTENDED_CREDIT_ID>/whatsapp_credit_sharing_and_attach``, and its revocation.

From Meta's page on sharing a credit line as a Solution Partner. The currency has to be the WABA's own. A WABA whose
bill the partner pays names the allocation as its ``primary_funding_id``; one that shares the credit line already is
answered with the same allocation again. ``DELETE /<ALLOCATION_CONFIG_ID>`` ends it: the WABA is then without a payment
method, and the allocation goes on to be shown, as ``DELETED``. Which word stands for one that pays is this server's
choice; one that is revoked already is refused.
"""

from hashlib import sha256

from portal.sandbox.graph import access, errors
from portal.sandbox.graph.calls import Call
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import waba_value
from portal.sandbox.world.world import Waba, World

EDGE = "whatsapp_credit_sharing_and_attach"
_FUNDING, _REVOKED = "primary_funding_id", "revoked_allocation"


def answer(call: Call, node_id: str, edge: str) -> Values | None:
    """The reply to a call about the credit line or one of its allocations; None for any other call."""
    if (call.request.method, edge) == ("POST", EDGE):
        return _share(call, node_id)
    if edge or call.request.method == "POST" or node_id in call.world.nodes or node_id in call.world.pool:
        return None
    waba = _receiver(call.world, node_id)
    return _of_allocation(call, waba, node_id) if waba is not None else None


def _share(call: Call, credit_id: str) -> Values:
    """The reply. Raises GraphError: 200 for a token that is not the system user's, 100 for a WABA that gets none."""
    if call.token.kind != "system_user":
        raise errors.no_permission("Requires the business_management permission on the owner of the credit line")
    if credit_id != call.world.credentials.extended_credit_id:
        raise errors.missing(credit_id, call.request.method)
    access.check_management(call)
    waba = _waba(call)
    if call.request.value("waba_currency") != waba_value(waba, "currency"):
        raise errors.bad_parameter("Param waba_currency must be the currency of the WhatsApp Business Account")
    allocation_id = _allocation_id(call.world.seed, waba)
    call.world.change_waba(waba, {_FUNDING: allocation_id, _REVOKED: None})
    call.world.record("credit_shared", waba_id=waba.id)
    return {"allocation_config_id": allocation_id, "waba_id": waba.id}


def _of_allocation(call: Call, waba: Waba, allocation_id: str) -> Values:
    """The reply to a GET or a DELETE of an allocation, whose WABA is given."""
    if call.token.kind != "system_user":
        raise errors.missing(allocation_id, call.request.method)
    access.check_management(call)
    is_revoked = waba.own.get(_FUNDING) != allocation_id
    if call.request.method == "GET":
        return {"id": allocation_id, "request_status": "DELETED" if is_revoked else "APPROVED"}
    if is_revoked:
        raise errors.missing(allocation_id, call.request.method)
    call.world.change_waba(waba, {_FUNDING: None, _REVOKED: allocation_id})
    call.world.record("credit_revoked", waba_id=waba.id)
    return {"success": True}


def _receiver(world: World, allocation_id: str) -> Waba | None:
    """The WABA that the credit line is, or was, shared with under this id; None for any other id."""
    for waba in world.related("client"):
        if allocation_id in {waba.own.get(_FUNDING), waba.own.get(_REVOKED)}:
            return waba if _allocation_id(world.seed, waba) == allocation_id else None
    return None


def _waba(call: Call) -> Waba:
    waba_id = call.request.value("waba_id")
    waba = call.world.wabas.get(waba_id) if isinstance(waba_id, str) else None
    if waba is None or waba.relation != "client" or not access.is_readable(call, waba):
        raise errors.bad_parameter("Param waba_id must be a WhatsApp Business Account that is shared with the business")
    return waba


def _allocation_id(seed: int, waba: Waba) -> str:
    drawn = sha256(f"{seed} credit {waba.id}".encode()).digest()
    return str(10**14 + int.from_bytes(drawn[:8]) % (9 * 10**14))
