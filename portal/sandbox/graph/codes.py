"""Proving that a number is one's own: asking for a one-time code, and entering it.

From Meta's pages on the two endpoints. A code lives ten minutes and works once. How many wrong ones are too many is not
documented; five is this server's choice, and the wait after them about the twelve hours that a page of Meta's mentions.
The two serve the numbers of a pre-verified pool as well.
"""

import re
from hashlib import sha256

from portal.sandbox.graph import access, errors, refusals
from portal.sandbox.graph.calls import Call, success
from portal.sandbox.http.messages import Values
from portal.sandbox.world import display_names, pool
from portal.sandbox.world.numbering import is_landline
from portal.sandbox.world.values import habit, number_value
from portal.sandbox.world.world import Node, Number, PreverifiedNumber, World

CODE_SECONDS = 600.0
WRONG_AT_MOST = 5
LOCK_SECONDS = 12 * 3600.0
# From Meta's reference; a number of a pre-verified pool takes all three in any version, as Meta's own SDK knows them.
_METHODS = ("SMS", "VOICE", "IVR")
_IVR_SINCE = 26
_LANGUAGE = re.compile("[a-z]{2,3}(_[A-Z]{2,4})?")


def request_code(call: Call, node: Node) -> Values:
    """The reply of ``POST /<PHONE_NUMBER_ID>/request_code``. A new code takes the place of an earlier one."""
    number = _number_to_prove(call, node)
    method, language = call.request.value("code_method"), call.request.value("language")
    methods = _METHODS if call.version >= _IVR_SINCE or isinstance(number, PreverifiedNumber) else _METHODS[:2]
    if method not in methods:
        raise errors.bad_parameter(f"Param code_method must be one of {', '.join(methods)}")
    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise errors.bad_parameter("Param language must be a language code such as en_US")
    world = call.world
    hidden = world.hidden_state(number)
    if not _takes_codes(world, number):
        raise refusals.already_verified()
    if hidden.count("request_code", world.now()):
        raise refusals.too_many_codes()
    if method == "SMS" and takes_calls_only(number):
        raise refusals.code_not_sent()
    hidden.codes_sent += 1
    drawn = sha256(f"{world.seed} code {hidden.codes_sent} {number.id}".encode()).digest()
    hidden.code = f"{int.from_bytes(drawn) % 10**6:06d}"
    hidden.code_ends = world.now() + CODE_SECONDS
    world.record("code_sent", phone_number_id=number.id, code_method=method, language=language)
    return success(number)


def verify_code(call: Call, node: Node) -> Values:
    """The reply of ``POST /<PHONE_NUMBER_ID>/verify_code``. Meta begins to look at a new number's name after it."""
    number = _number_to_prove(call, node)
    code = call.request.value("code")
    if not isinstance(code, str) or not re.fullmatch("[0-9]{6}", code):
        raise errors.bad_parameter("Param code must be a string of six digits")
    _check(call, number, code)
    if isinstance(number, PreverifiedNumber):
        pool.verify(call.world, number)
    else:
        _verify(call.world, number)
    reply = success(number)
    return reply | {"id": number.id} if habit(number, "verified with id", 4) == 0 else reply


def takes_calls_only(number: Number | PreverifiedNumber) -> bool:
    """Whether a code can reach this number by a call only."""
    if isinstance(number, PreverifiedNumber):
        return is_landline(number.phone_number)
    return is_landline(re.sub(r"\D", "", str(number_value(number, "display_phone_number"))))


def _number_to_prove(call: Call, node: Node) -> Number | PreverifiedNumber:
    return node if isinstance(node, PreverifiedNumber) else access.number_to_act_on(call, node)


def _takes_codes(world: World, number: Number | PreverifiedNumber) -> bool:
    if isinstance(number, PreverifiedNumber):
        return pool.may_be_verified(world, number)
    return number_value(number, "code_verification_status") != "VERIFIED"


def _verify(world: World, number: Number) -> None:
    values: Values = {"code_verification_status": "VERIFIED"}
    if number_value(number, "status") == "UNVERIFIED":
        values["status"] = "PENDING"
    world.act(number, "code_verified", values)
    if number_value(number, "name_status") == "PENDING_REVIEW" and number.id not in world.reviews:
        display_names.begin_review(world, number)


def _check(call: Call, number: Number | PreverifiedNumber, code: str) -> None:
    """Compare a code with the one that was sent, and use that up. Raises GraphError 136025."""
    hidden, now = call.world.hidden_state(number), call.world.now()
    if now < hidden.code_locked_until:
        raise refusals.codes_exceeded(hidden.code_locked_until - now)
    if hidden.code is None or now >= hidden.code_ends:
        raise refusals.code_not_valid()
    if code == hidden.code:
        hidden.code, hidden.wrong_codes = None, 0
        return
    hidden.wrong_codes += 1
    if hidden.wrong_codes >= WRONG_AT_MOST:
        hidden.code, hidden.wrong_codes = None, 0
        hidden.code_locked_until = now + LOCK_SECONDS
        raise refusals.codes_exceeded(LOCK_SECONDS)
    raise refusals.wrong_code()
