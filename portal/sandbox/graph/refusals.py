"""What Graph says when it refuses an action on a number: registering, PINs, codes, names, adding.

Who is refused what is decided elsewhere. Codes, subcodes and statuses as in WhatsApp's list of error codes
(developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes) and in answers that partners
have published.
"""

from math import ceil

from portal.sandbox.graph.errors import GraphError

_MINUTE, _HOUR = 60, 3600


def _again_in(seconds: float) -> str:
    """How long to wait, in words, never less than it is."""
    whole = ceil(seconds)
    if whole <= 2 * _MINUTE:
        return f"Try again in {whole} seconds."
    if whole <= 2 * _HOUR:
        return f"Try again in {ceil(seconds / _MINUTE)} minutes."
    return f"Try again in {ceil(seconds / _HOUR)} hours."


def registration_limit(action: str, seconds: float) -> GraphError:
    """More than ten register or deregister requests. Graph has been seen to call this transient, which it is not."""
    return GraphError(
        133016,
        f"(#133016) Too many {action} requests for this number",
        details=f"The number took more {action} requests than 72 hours allow. {_again_in(seconds)}",
        transient=True,
    )


def deregistration_unfinished() -> GraphError:
    """An earlier deregistration stopped half-way."""
    text = "An earlier deregistration of this number did not finish. Deregister it again, then register it"
    return GraphError(133000, "(#133000) Deregistration is incomplete", status=500, details=text)


def interrupted() -> GraphError:
    """The answer to the call during which Graph fell over."""
    return GraphError(131000, "(#131000) Something went wrong", status=500, details="An unknown failure on our side")


def pin_mismatch() -> GraphError:
    """The PIN is not the number's own."""
    text = "Two-step verification is on for this number, and the PIN is another one"
    return GraphError(133005, "(#133005) PIN of two-step verification does not match", details=text)


def not_verified() -> GraphError:
    """No code was confirmed, or too long ago."""
    text = "Ownership of this number has to be proven by a code before it can be registered"
    return GraphError(133006, "(#133006) The number has to be verified (again)", details=text)


def pins_exceeded(seconds: float) -> GraphError:
    """Too many wrong PINs."""
    return GraphError(
        133008, "(#133008) Too many wrong PINs", details=f"The PIN was guessed too often. {_again_in(seconds)}"
    )


def pin_too_fast(seconds: float) -> GraphError:
    """PINs came too quickly after one another."""
    return GraphError(
        133009, "(#133009) PIN entered too quickly", details=f"The PIN was entered too quickly. {_again_in(seconds)}"
    )


def recently_deleted(seconds: float) -> GraphError:
    """The number was deleted a short while ago."""
    return GraphError(133015, "(#133015) The number was deleted recently", details=_again_in(seconds))


def account_locked() -> GraphError:
    """The business account behind the number is locked."""
    return GraphError(131031, "(#131031) The account is locked", status=403, details="The account broke a policy")


def no_certificate() -> GraphError:
    """There is no certificate for the number and its name."""
    return GraphError(100, "(#100) Cannot Create Certificate", subcode=2388001, phrase="no_certificate")


def window_passed(days: int) -> GraphError:
    """The number was not registered in time after Embedded Signup."""
    text = f"The number was not registered within {days} days of Embedded Signup and has to go through it again"
    return GraphError(100, f"(#100) {text}", details=text)


def not_for_business_app(way: int) -> GraphError:
    """The number belongs to the WhatsApp Business app. Graph says so in two ``way``s."""
    if way:
        return GraphError(136025, "(#136025) Numbers of SMB accounts are registered by the WhatsApp Business app")
    return GraphError(100, "(#100) This endpoint is not available for SMB accounts")


def missing_permission() -> GraphError:
    """What Graph says, misleadingly, for a Business app number whose platform is ON_PREMISE."""
    return GraphError(100, "(#100) Missing Permission")


def not_registered() -> GraphError:
    """There is nothing to deregister."""
    return GraphError(100, "(#100) The number is not registered", subcode=2207051)


def already_verified() -> GraphError:
    """A code was asked for, and none is needed."""
    return GraphError(136024, "(#136024) Request code failed", details="The number is verified already")


def code_not_sent() -> GraphError:
    """The code does not get through to this number, or not in this way."""
    return GraphError(136024, "(#136024) Request code failed", subcode=2388091, phrase="code_not_sent")


def too_many_codes() -> GraphError:
    """Codes were asked for too often. How long to wait is not told."""
    return GraphError(136024, "(#136024) Request code failed", subcode=2388367, phrase="too_many_codes")


def wrong_code() -> GraphError:
    """Another code was sent than the one given."""
    return GraphError(136025, "(#136025) Verify code failed", subcode=2388093, details="The code is not correct")


def code_not_valid() -> GraphError:
    """No code is open: it was used, has run out, or was never sent."""
    return GraphError(136025, "(#136025) Verify code failed", details="The code was used, or is too old")


def codes_exceeded(seconds: float) -> GraphError:
    """Too many wrong codes."""
    text = f"The code was guessed too often. {_again_in(seconds)}"
    return GraphError(136025, "(#136025) Verify code failed", details=text)


def not_in_pool() -> GraphError:
    """The id is not that of a number in the partner's pool."""
    return GraphError(100, "(#100) Param preverified_id is not the id of a pre-verified number of this business")


def number_in_pool() -> GraphError:
    """A pre-verified pool has the number."""
    return GraphError(100, "(#100) The phone number is in a pool of pre-verified numbers already")


def partners_only() -> GraphError:
    """Numbers are added by the WABA's partner."""
    text = "Only the solution partner of this account can add numbers"
    return GraphError(200000, f"(#200000) {text}", subcode=3095008, details=text)


def too_many_numbers(most: int) -> GraphError:
    """The business portfolio has all the numbers it may have."""
    text = f"This business cannot have more than {most} phone numbers"
    return GraphError(200, f"(#200) {text}", status=403, subcode=1349175, details=text)


def number_taken() -> GraphError:
    """Another account has the number; whose it is, is not told."""
    return GraphError(100, "(#100) The phone number is registered to a WhatsApp account already")
