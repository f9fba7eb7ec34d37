"""What it means when Meta refuses an action on a number: cause, who acts, what to do, when to try again. Pure.

Keyed by the stable kinds of `portal.graph`; every code of Meta's registration, code and error tables has its words
here or in `clients.explanations`. Source:
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
Meta's own text is shown beside these words, never in their place.
"""

from clients.explanations import Explanation, explain


def advice(
    kind: str,
    code: int | None = None,
    subcode: int | None = None,
    http_status: int | None = None,
    *,
    effect_possible: bool = True,
) -> Explanation:
    """The words for a refusal. A kind without words of its own gets those of a failed reading.

    `effect_possible` is false where it is certain that Meta did nothing; it matters where no answer came.
    """
    if kind in _NO_ANSWER and not effect_possible:
        return _NEVER_ARRIVED
    if kind == "code_request_failed" and subcode in _CODE_REQUESTS:
        return _CODE_REQUESTS[subcode]
    if kind in _KINDS:
        return _KINDS[kind]
    return explain(kind, code, subcode, http_status)


_NO_ANSWER = frozenset({"unreachable", "deadline_exceeded"})
_NEVER_ARRIVED = Explanation(
    title="It did not reach Meta",
    cause="No connection to Meta came about, so nothing was sent.",
    who_acts="us",
    what_to_do="Try again in a few minutes.",
)

_TOO_MANY_CODES = Explanation(
    title="Too many codes were asked for",
    cause="Meta sends a number only so many codes; the wait is long, and Meta does not say how long.",
    who_acts="nobody",
    what_to_do="Wait until tomorrow, and ask once more then. Each further request makes the wait longer.",
)

_CODE_REQUESTS = {
    2388091: Explanation(
        title="Meta could not send the code",
        cause="The number did not take it: a landline that gets no SMS, a menu that answers, a carrier filter.",
        who_acts="us",
        what_to_do="Try the other way once (call in place of SMS), with somebody beside the phone. If that fails "
        "too, wait an hour.",
    ),
    2388367: _TOO_MANY_CODES,
    2494158: _TOO_MANY_CODES,
}

_KINDS = {
    "pin_mismatch": Explanation(
        title="The PIN is not the number’s",
        cause="Two-step verification is on and Meta knows another PIN. More guesses lock the number.",
        who_acts="us",
        what_to_do="Do not guess. Set a new PIN, or ask the client for theirs, then register again.",
    ),
    "not_verified": Explanation(
        title="The number has to be verified first",
        cause="Meta wants its ownership proven by a one-time code, even if that was done before.",
        who_acts="us",
        what_to_do="Request a code with the client on the line, confirm it, then register.",
    ),
    "pin_guesses_exceeded": Explanation(
        title="Too many wrong PINs",
        cause="Meta has locked the PIN of this number for a while. Further tries make it longer.",
        who_acts="nobody",
        what_to_do="Wait for the time Meta gives, then set a new PIN in place of guessing.",
    ),
    "pin_too_fast": Explanation(
        title="PINs came too quickly",
        cause="Meta wants a pause between two PINs.",
        who_acts="us",
        what_to_do="Wait for the time Meta gives, then try once.",
    ),
    "not_registered": Explanation(
        title="The number is not registered",
        cause="What was asked for needs a registered number, and Meta says this one is not.",
        who_acts="us",
        what_to_do="Read the number again to see where it stands, then register it.",
    ),
    "recently_deleted": Explanation(
        title="The number was deleted a moment ago",
        cause="Meta keeps a deleted number back for about five minutes.",
        who_acts="nobody",
        what_to_do="Wait five minutes and register it then.",
    ),
    "registration_limit": Explanation(
        title="Meta’s limit of registrations is reached",
        cause="A number may be registered, and deregistered, ten times in 72 hours; every request counts, also "
        "those that failed.",
        who_acts="nobody",
        what_to_do="Wait 72 hours. Nothing shortens it, whatever Meta’s answer says about trying again.",
    ),
    "deregistration_incomplete": Explanation(
        title="An earlier deregistration did not finish",
        cause="The number is half-way between registered and not.",
        who_acts="us",
        what_to_do="Deregister it once more, then register it.",
    ),
    "server_unavailable": Explanation(
        title="Meta’s registration is out of order for a moment",
        cause="Meta’s servers could not do it; whether they did part of it, the number itself shows.",
        who_acts="us",
        what_to_do="Wait a few minutes, read the number, and do it again only if it was not done.",
    ),
    "certificate_error": Explanation(
        title="Meta has no certificate for the name yet",
        cause="A number is registered with its display name’s certificate, and Meta has not issued it: the name is "
        "new or in review, or the number is still on another WhatsApp account.",
        who_acts="Meta",
        what_to_do="Wait until the name is approved, and register then. If it is approved already, ask the client "
        "whether the number is still used on another account.",
    ),
    "code_request_failed": Explanation(
        title="Meta did not send a code",
        cause="Most often the number is verified already; Meta gives the same answer for other reasons.",
        who_acts="us",
        what_to_do="Read the number. If it is not verified, try once more later, or by call in place of SMS.",
    ),
    "code_rejected": Explanation(
        title="The code was not accepted",
        cause="It is mistyped, was used before, or is older than ten minutes.",
        who_acts="us",
        what_to_do="Check the six digits with the client. If they are right, request a new code.",
    ),
    "coexistence_refused": Explanation(
        title="The Business app holds this number",
        cause="The client uses it in the WhatsApp Business app, which registers it itself.",
        who_acts="nobody",
        what_to_do="Leave it: the app manages it. To take it off the app the client disconnects it there.",
    ),
    "number_not_added": Explanation(
        title="Meta did not add the number",
        cause="The business has as many numbers as Meta allows it, or our app may not add numbers.",
        who_acts="client",
        what_to_do="A business starts with 2 numbers and gets 20 once it is verified. The client verifies the "
        "business, or adds the number through signup.",
    ),
    "calling_not_offered": Explanation(
        title="Meta does not let this number take calls",
        cause="A number takes calls once its messaging limit is 2,000 or more, and in some countries only.",
        who_acts="nobody",
        what_to_do="Look at the number’s messaging limit. Try again when it has grown.",
    ),
    "calling_not_ready": Explanation(
        title="Nobody would hear of the calls",
        cause="Meta wants an app that gets the WABA’s events and has asked for the field “calls”, or calls over SIP.",
        who_acts="us",
        what_to_do="An administrator adds the field “calls” to the app’s webhooks at Meta, for whatever answers the "
        "calls. Then try again.",
    ),
    "generic_registration_failure": Explanation(
        title="Meta could not do it and does not say why",
        cause="A failure of Meta’s without a reason.",
        who_acts="us",
        what_to_do="Read the number, try once more later, and take it to Meta’s support with the trace id if it stays.",
    ),
    "already_unregistered": Explanation(
        title="It was not registered",
        cause="Meta had nothing to deregister.",
        who_acts="nobody",
        what_to_do="Nothing: read the number to see where it stands.",
    ),
    "bad_request": Explanation(
        title="Meta did not accept it",
        cause="Meta found something wrong with what was asked, and did nothing. A number that the Business app "
        "holds can get this answer too.",
        who_acts="us",
        what_to_do="Read Meta’s own text. If it does not help, take the support text to Meta or to whoever "
        "maintains the desk.",
    ),
    "permission_missing": Explanation(
        title="Our token may not do this",
        cause="The token may read the number, or not even that, but not change it.",
        who_acts="client",
        what_to_do="Ask the client to share the WABA with us with full control. If many clients show this, an "
        "administrator checks our app’s permissions.",
    ),
    "no_token": Explanation(
        title="There is no usable token",
        cause="The desk has no token for this WABA, or can’t open the one it has, so nothing was sent.",
        who_acts="us",
        what_to_do="An administrator gives the WABA a working token; its page says what is wrong.",
    ),
    "not_sent": Explanation(
        title="It was not sent",
        cause="What was to be sent was not complete.",
        who_acts="us",
        what_to_do="Start again from the number’s page.",
    ),
}
for _kind, _what in {
    "unreachable": "No answer came over the network.",
    "deadline_exceeded": "Meta’s answer took too long.",
    "transient": "Meta’s servers had a hiccup.",
    "bad_answer": "Something answered that is not Meta’s usual answer.",
}.items():
    _KINDS[_kind] = Explanation(
        title="Meta’s answer was lost",
        cause=f"{_what} Meta may have done what was asked, or not.",
        who_acts="us",
        what_to_do="Do not send it again. Read the number: what it shows decides.",
    )
