"""Embedded Signup as it happens at Meta: what a customer chose in the dialog, and what comes of it in the world.

From Meta's pages on the implementation, versions and errors of Embedded Signup. The page that asks is ``dialog``; what
a code is worth is ``graph.oauth``. Whether a number's name waits for a review is cut short: it is decided on at once.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from portal.sandbox.http.messages import Values
from portal.sandbox.world import book, display_names, pool, portfolios
from portal.sandbox.world.business_names import COUNTRIES
from portal.sandbox.world.grants import Grant, LoginCode
from portal.sandbox.world.numbering import calling_code, country_of, international
from portal.sandbox.world.situations import FRESH_SIGNUP, Situation
from portal.sandbox.world.world import Business, Number, PreverifiedNumber, Waba, World, timestamp

NEW, OURS = "new", "ours"
CODE_SECONDS = 30.0
TOKEN_SECONDS = 60 * 86_400.0
STEPS = (
    "BUSINESS_ACCOUNT_SELECTION",
    "WABA_PHONE_PROFILE_PICKER",
    "WHATSAPP_BUSINESS_PROFILE_SETUP",
    "PHONE_NUMBER_SETUP",
    "PHONE_NUMBER_VERIFICATION",
    "PERMISSIONS",
)
# What a choice may be; the first one is taken when nothing is said.
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "outcome": (*("finish", "only_waba", "coexistence", "cancel", "error", "lost_callback", "lost_message", "closed"),),
    "number": ("verified", "unverified", "preverified", "none"),
    "current_step": STEPS,
    "error_form": ("cancel", "error"),
    "targets": ("listed", "absent"),
    "token_app": (OURS, "foreign"),
    "expires": ("never", "60_days"),
}
# The state in which a number leaves the dialog, as of that moment.
_SITUATIONS = {
    "verified": FRESH_SIGNUP,
    "unverified": replace(FRESH_SIGNUP, values={**FRESH_SIGNUP.values, "code_verification_status": "NOT_VERIFIED"}),
    "coexistence": Situation("coexistence", {"is_on_biz_app": True, "is_pin_enabled": False}, onboarded=(0, 0)),
}
_MESSAGE_VERSION = 3


@dataclass(frozen=True, slots=True)
class Choices:
    """What the customer chose. ``business`` and ``waba`` are ``new`` or an id; an empty text leaves it to the world."""

    outcome: str = "finish"
    business: str = NEW
    business_name: str = ""
    waba: str = NEW
    number: str = "verified"
    display_name: str = ""
    phone_number: str = ""
    preverified_id: str = ""
    current_step: str = STEPS[0]
    error_form: str = "cancel"
    targets: str = "listed"
    token_app: str = OURS
    expires: str = "never"

    @classmethod
    def read(cls, wish: Mapping[str, object]) -> "Choices":
        """Choices from a JSON object, in which other things may stand. Raises ValueError with a sentence."""
        given = {field.name: wish[field.name] for field in fields(cls) if wish.get(field.name) is not None}
        for name, value in given.items():
            if not (isinstance(value, str) and value in _KNOWN.get(name, (value,))):
                raise ValueError(
                    f"{name} is one of {', '.join(_KNOWN[name])}" if name in _KNOWN else f"{name} is a text"
                )
        return cls(**{name: str(value).strip() for name, value in given.items()})


@dataclass(frozen=True, slots=True)
class Ending:
    """How a signup ended: the message event for the page, the code for its callback, and what they are about.

    ``message`` is None when it is lost, ``code`` when there is none. Without ``calls_back`` the page's callback is
    never called.
    """

    message: Values | None = None
    code: str | None = None
    calls_back: bool = True
    waba_id: str | None = None
    phone_number_id: str | None = None
    business_id: str | None = None


def carry_out(world: World, choices: Choices) -> Ending:
    """Let a customer go through the dialog. Raises ValueError with a sentence, nothing changed, when they cannot."""
    if choices.outcome == "closed":
        return Ending()
    if choices.outcome == "cancel":
        return Ending(_message("CANCEL", {"current_step": choices.current_step}))
    if choices.outcome == "error":
        return Ending(_message(choices.error_form.upper(), _error(world)))
    waba = _chosen_waba(world, choices)
    business = _chosen_business(world, choices, waba)
    entry = _chosen_entry(world, choices)
    _check_names(choices)
    _check_phone_number(world, waba, choices)
    waba = _shared_waba(world, business, waba, choices)
    number = _number(world, waba, entry, choices)
    return _end(world, waba, number, choices)


def customers(world: World) -> list[Business]:
    """The businesses that may go through the dialog again: those that have a WABA, but for the partner itself."""
    found = {waba.owner.id: waba.owner for waba in world.wabas.values() if waba.owner is not world.partner}
    return list(found.values())


def granted(world: World) -> list[Values]:
    """Every business token that a signup granted, without its text."""
    return [
        {
            "name": grant.name,
            "business_id": grant.business_id,
            "waba_ids": list(grant.waba_ids),
            "issued": timestamp(grant.issued),
            "expires": timestamp(grant.expires) if grant.expires else None,
            "targets": "listed" if grant.lists_targets else "absent",
            "token_app": "ours" if grant.is_ours else "foreign",
            "state": world.token_states.get(grant.name, "valid"),
        }
        for grant in world.grants.values()
    ]


def _number_kind(choices: Choices) -> str:
    """Which number the signup ends with: one of ``number``, or ``coexistence``."""
    return {"only_waba": "none", "coexistence": "coexistence"}.get(choices.outcome, choices.number)


def _chosen_waba(world: World, choices: Choices) -> Waba | None:
    """The WABA chosen, None for a new one."""
    if choices.waba == NEW:
        return None
    waba = world.wabas.get(choices.waba)
    if waba is None or waba.owner is world.partner:
        raise ValueError(f"No customer has a WABA {choices.waba}")
    return waba


def _chosen_business(world: World, choices: Choices, waba: Waba | None) -> Business | None:
    """The business chosen, None for a new one. A WABA brings its own."""
    if choices.business == NEW:
        return None if waba is None else waba.owner
    business = next((each for each in customers(world) if each.id == choices.business), None)
    if business is None:
        raise ValueError(f"There is no customer {choices.business}")
    if waba is not None and waba.owner is not business:
        raise ValueError(f"WABA {waba.id} is not one of {business.name}")
    return business


def _chosen_entry(world: World, choices: Choices) -> PreverifiedNumber | None:
    """The number chosen from the partner's pool, None when it is another one."""
    if _number_kind(choices) != "preverified":
        return None
    entry = pool.find(world, choices.preverified_id)
    if entry is None:
        raise ValueError("There is no such pre-verified number in the pool")
    return entry


def _check_names(choices: Choices) -> None:
    for name, what in ((choices.business_name, "business"), (choices.display_name, "display")):
        if name and not display_names.fits(name):
            raise ValueError(f"A {what} name has {display_names.SHORTEST} to {display_names.LONGEST} characters")


def _check_phone_number(world: World, waba: Waba | None, choices: Choices) -> None:
    digits = _digits(choices)
    if not choices.phone_number or _number_kind(choices) in {"none", "preverified"}:
        return
    if not re.fullmatch("[0-9]{7,15}", digits) or not calling_code(digits):
        raise ValueError("A phone number has 7 to 15 digits and begins with the calling code of a country")
    known = portfolios.holder(world, digits)
    if (known is not None and waba not in known.wabas) or pool.holding(world, digits) is not None:
        raise ValueError("Somebody else has this phone number on WhatsApp already")


def _digits(choices: Choices) -> str:
    return re.sub(r"[^0-9]", "", choices.phone_number)


def _shared_waba(world: World, business: Business | None, waba: Waba | None, choices: Choices) -> Waba:
    """The WABA of the signup, shared with the partner. The app hears of a new one only when it has subscribed to it."""
    if waba is not None and waba.relation == "client" and not waba.trouble:
        return waba
    if waba is None:
        owner = business or _new_business(world, choices)
        waba = book.new_waba(world, owner, owner.name, without=("primary_funding_id",))
        world.subscriptions[waba.id] = None
    else:
        if waba.relation == "unshared":
            world.subscriptions[waba.id] = None
        world.share(waba)
    world.record("waba_shared", waba_id=waba.id, phone_number_ids=[number.id for number in waba.numbers])
    return waba


def _new_business(world: World, choices: Choices) -> Business:
    """A business in the country of its number, which Meta has not verified yet."""
    country = country_of(calling_code(_digits(choices))) or COUNTRIES[0].code
    invented = COUNTRIES[0].display_name(30_000 + world.newcomers)
    business = world.new_business(choices.business_name or invented, country)
    business.limit, business.verification = "TIER_250", "not_verified"
    return business


def _number(world: World, waba: Waba, entry: PreverifiedNumber | None, choices: Choices) -> Number | None:
    """The number of the signup, on its WABA; None for one without."""
    name = choices.display_name or waba.owner.name
    if entry is not None:
        return pool.claim(world, entry, waba, name)
    kind = _number_kind(choices)
    if kind == "none":
        return None
    known = portfolios.holder(world, _digits(choices)) if choices.phone_number else None
    if known is not None:
        return _onboard_again(world, known, kind)
    number = book.new_number(world, waba, _SITUATIONS[kind])
    world.change_number(number, {"verified_name": name, "name_status": display_names.verdict(name)})
    if choices.phone_number:
        _put_digits(world, number, _digits(choices))
    world.record("number_added", waba_id=waba.id, phone_number_id=number.id)
    return number


def _onboard_again(world: World, number: Number, kind: str) -> Number:
    """Have a number that its WABA has already go through the signup once more: its time to register begins anew."""
    values: Values = {"last_onboarded_time": timestamp(world.now())}
    if kind == "verified":
        values["code_verification_status"] = "VERIFIED"
    if kind == "coexistence":
        values["is_on_biz_app"] = True
    world.act(number, "number_onboarded", values)
    return number


def _put_digits(world: World, number: Number, digits: str) -> None:
    dial = calling_code(digits)
    values: Values = {
        "display_phone_number": international(dial, digits.removeprefix(dial)),
        "country_dial_code": dial,
    }
    country = country_of(dial)
    world.change_number(number, values | {"country_code": country}, () if country else ("country_code",))


def _end(world: World, waba: Waba, number: Number | None, choices: Choices) -> Ending:
    token = _grant(world, waba, choices)
    number_id = None if number is None else number.id
    world.record("signup_finished", waba_id=waba.id, phone_number_id=number_id, business_id=waba.owner.id)
    return Ending(
        message=None if choices.outcome == "lost_message" else _finished(waba, number, choices),
        code=None if choices.outcome == "lost_callback" else _issue_code(world, token),
        calls_back=choices.outcome != "lost_callback",
        waba_id=waba.id,
        phone_number_id=number_id,
        business_id=waba.owner.id,
    )


def _grant(world: World, waba: Waba, choices: Choices) -> str:
    """Grant a business token for all that this business shares with the partner; its text."""
    shared = [each for each in world.related("client") if each.owner is waba.owner and each is not waba]
    earlier = sorted(shared, key=lambda each: each.created, reverse=True)
    now = world.now()
    return world.put_grant(
        Grant(
            name=f"signup:{len(world.grants) + 1}",
            business_id=waba.owner.id,
            waba_ids=[waba.id, *(each.id for each in earlier)],
            issued=now,
            expires=now + TOKEN_SECONDS if choices.expires == "60_days" else 0.0,
            lists_targets=choices.targets == "listed",
            is_ours=choices.token_app == OURS,
        )
    )


def _issue_code(world: World, token: str) -> str:
    code = "AQPractice" + secrets.token_urlsafe(60)
    world.login_codes[code] = LoginCode(token, world.now() + CODE_SECONDS)
    return code


def _finished(waba: Waba, number: Number | None, choices: Choices) -> Values:
    """The message event of a signup that was finished. For coexistence Meta promises no more than the WABA."""
    if choices.outcome == "coexistence":
        return _message("FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", {"waba_id": waba.id})
    found: Values = {"waba_id": waba.id, "business_id": waba.owner.id}
    if number is None:
        return _message("FINISH_ONLY_WABA", found)
    return _message("FINISH", {"phone_number_id": number.id} | found)


def _error(world: World) -> Values:
    return {
        "error_message": "The phone number could not be added to this WhatsApp Business account.",
        "error_code": "524126",
        "session_id": secrets.token_hex(8),
        "timestamp": str(int(world.now())),
    }


def _message(event: str, data: Values) -> Values:
    return {"type": "WA_EMBEDDED_SIGNUP", "event": event, "version": _MESSAGE_VERSION, "data": data}
