"""``/<PHONE_NUMBER_ID>/official_business_account``: where Meta's review of the number stands, and asking for one.

From Meta's guide to official accounts and its reference of the edge, which disagree on how many links there may be:
five are what both take. What a request that is not due gets is not documented: code 100 with a sentence. The 30 days
after a decline are not counted here. Meta's decision is made by the server's controls.
"""

from portal.sandbox.graph import access, errors, reading
from portal.sandbox.graph.calls import Call, success
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import has_certificate, number_value
from portal.sandbox.world.world import Node, Number

EDGE = "official_business_account"
LINKS = 5
_NEEDED = ("business_website_url", "primary_country_of_operation")
_TEXTS = (*_NEEDED, "primary_language", "parent_business_or_brand", "additional_supporting_information")


def show(call: Call, node: Node) -> Values:
    """The reply of the GET."""
    number = access.number_to_act_on(call, node)
    reading.charge(call, number)
    return {"id": number.id, **_review(number)}


def ask(call: Call, node: Node) -> Values:
    """The reply of the POST. Raises GraphError 100."""
    number = access.number_to_act_on(call, node)
    for name in _TEXTS:
        value = call.request.value(name)
        if (value is None and name in _NEEDED) or not (value is None or (isinstance(value, str) and value.strip())):
            raise errors.bad_parameter(f"Param {name} must be a text")
    links = call.request.value("supporting_links")
    if links is not None and not (isinstance(links, list) and len(links) == LINKS and all(map(_is_link, links))):
        raise errors.bad_parameter(f"Param supporting_links must be an array of {LINKS} addresses")
    if _review(number).get("oba_status") in {"PENDING", "UNDER_REVIEW", "APPROVED"}:
        raise errors.bad_parameter("An Official Business Account cannot be requested for this number now")
    if number_value(number, "is_pin_enabled") is not True:
        raise errors.bad_parameter("Two-step verification must be enabled to request an Official Business Account")
    if not has_certificate(number):
        raise errors.bad_parameter("The display name must be approved to request an Official Business Account")
    review = {"oba_status": "PENDING", "status_message": "The request was submitted"}
    call.world.act(number, "official_account_requested", {EDGE: review})
    return {**success(number), "message": "The request was submitted"}


def _review(number: Number) -> Values:
    shown = number_value(number, EDGE)
    return shown if isinstance(shown, dict) else {"oba_status": "NOT_STARTED"}


def _is_link(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))
