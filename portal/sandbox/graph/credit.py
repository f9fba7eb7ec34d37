"""``POST /<EXTENDED_CREDIT_ID>/whatsapp_credit_sharing_and_attach``: the partner pays for a customer's WABA.

From Meta's page on sharing a credit line as a Solution Partner. The currency has to be the WABA's own. A WABA whose
bill the partner pays names the allocation as its ``primary_funding_id``; one that shares the credit line already is
answered with the same allocation again.
"""

from hashlib import sha256

from portal.sandbox.graph import access, errors
from portal.sandbox.graph.calls import Call
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import waba_value
from portal.sandbox.world.world import Waba

EDGE = "whatsapp_credit_sharing_and_attach"


def share(call: Call, credit_id: str) -> Values:
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
    call.world.change_waba(waba, {"primary_funding_id": allocation_id})
    call.world.record("credit_shared", waba_id=waba.id)
    return {"allocation_config_id": allocation_id, "waba_id": waba.id}


def _waba(call: Call) -> Waba:
    waba_id = call.request.value("waba_id")
    waba = call.world.wabas.get(waba_id) if isinstance(waba_id, str) else None
    if waba is None or waba.relation != "client" or not access.is_readable(call, waba):
        raise errors.bad_parameter("Param waba_id must be a WhatsApp Business Account that is shared with the business")
    return waba


def _allocation_id(seed: int, waba: Waba) -> str:
    drawn = sha256(f"{seed} credit {waba.id}".encode()).digest()
    return str(10**14 + int.from_bytes(drawn[:8]) % (9 * 10**14))
