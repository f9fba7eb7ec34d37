"""Registering a number for Cloud API, and deregistering it.

From Meta's page on registration and its list of error codes. Where those are silent, this is the server's choice:

- A call that is refused for its parameters or for want of permission is not counted; every other one is.
- A number whose window has passed gets code 100 with a sentence that it must go through signup again.
- The PIN is looked at last, so that a guess is never wasted on a number that cannot be registered anyway.
- A number that is registered already is registered again, with its PIN or not at all; only where several WABAs list it,
  the call succeeds with any PIN and leaves the PIN alone, as Meta announces for shared numbers.
- The five minutes after a deletion begin with the first call that meets the deleted number.
"""

from contextlib import suppress
from datetime import datetime

from portal.sandbox.graph import access, errors, pins, refusals
from portal.sandbox.graph.calls import Call, success
from portal.sandbox.http.messages import Values
from portal.sandbox.world import display_names
from portal.sandbox.world.values import habit, has_certificate, number_value
from portal.sandbox.world.world import Node, Number, World

REGIONS = frozenset({"AU", "ID", "IN", "JP", "SG", "KR", "DE", "CH", "GB", "BR", "BH", "ZA", "AE", "CA"})
WINDOW_DAYS, POOL_WINDOW_DAYS = 14, 90
_DAY = 86_400.0
_DELETION_SETTLES_SECONDS = 300.0
_NOT_REGISTERED = frozenset({"PENDING", "DISCONNECTED", "DELETED", "MIGRATED", "UNVERIFIED", "UNLINKED", "OFFLINE"})


def register(call: Call, node: Node) -> Values:
    """The reply of ``POST /<PHONE_NUMBER_ID>/register``."""
    number = access.number_to_act_on(call, node)
    if call.request.value("messaging_product") != "whatsapp":
        raise errors.bad_parameter('Param messaging_product must be "whatsapp"')
    pin, region = pins.pin_in(call), _region(call)
    access.check_messaging(call)
    world = call.world
    _count(world, number, "register")
    _check_account(world, number)
    if world.hidden_state(number).half_deregistered:
        raise refusals.deregistration_unfinished()
    registered = is_on_platform(number)
    if not registered:
        _check_new(world, number)
    if not (registered and len(number.wabas) > 1):
        pins.check(world, number, pin)
        if pins.pin_of(world, number) is None:
            pins.set_pin(world, number, pin)
    if not registered:
        _connect(world, number, region)
    display_names.go_live(world, number)
    return success(number)


def deregister(call: Call, node: Node) -> Values:
    """The reply of ``POST /<PHONE_NUMBER_ID>/deregister``."""
    number = access.number_to_act_on(call, node)
    access.check_messaging(call)
    world = call.world
    hidden = world.hidden_state(number)
    _count(world, number, "deregister")
    if number_value(number, "is_on_biz_app") is True:
        raise refusals.not_for_business_app(0)
    _check_account(world, number)
    if not (is_on_platform(number) or hidden.half_deregistered):
        raise refusals.not_registered()
    if call.request.interrupted:
        hidden.half_deregistered = True
        world.act(number, "deregistration_interrupted", {"platform_type": "NOT_APPLICABLE"})
        raise refusals.interrupted()
    hidden.half_deregistered, hidden.deregistered, hidden.region = False, True, None
    values: Values = {
        "status": ("DISCONNECTED", "PENDING")[habit(number, "deregistered", 2)],
        "platform_type": "NOT_APPLICABLE",
        "throughput": {"level": "NOT_APPLICABLE"},
    }
    world.act(number, "deregistered", values)
    return success(number)


def is_on_platform(number: Number) -> bool:
    """Whether the number is registered for Cloud API, in trouble or not."""
    held = number_value(number, "platform_type") == "CLOUD_API"
    return held and number_value(number, "status") not in _NOT_REGISTERED


def window_ends(world: World, number: Number) -> float | None:
    """Until when (Unix seconds) a number may be registered; None for one that no signup or a registration precedes."""
    onboarded = number_value(number, "last_onboarded_time")
    hidden = world.hidden_states.get(number.id)
    if number_value(number, "status") not in {"PENDING", "UNVERIFIED"} or (hidden and hidden.deregistered):
        return None
    if isinstance(onboarded, str):
        with suppress(ValueError):  # a tester may have put in what is no time at all
            onboarded = datetime.fromisoformat(onboarded).timestamp()
    return onboarded + window_days(number) * _DAY if isinstance(onboarded, (int, float)) else None


def window_days(number: Number) -> int:
    """How many days there are to register a number: more for one that was claimed from a pre-verified pool."""
    return POOL_WINDOW_DAYS if number_value(number, "is_preverified_number") is True else WINDOW_DAYS


def _region(call: Call) -> str | None:
    region = call.request.value("data_localization_region")
    if region is None:
        return None
    if not isinstance(region, str) or region not in REGIONS:
        raise errors.bad_parameter(f"Param data_localization_region must be one of {', '.join(sorted(REGIONS))}")
    return region


def _count(world: World, number: Number, action: str) -> None:
    seconds = world.hidden_state(number).count(action, world.now())
    if seconds:
        raise refusals.registration_limit(action, seconds)


def _check_account(world: World, number: Number) -> None:
    """Raise the refusal of a number that nobody can register or deregister just now."""
    if number_value(number, "is_on_biz_app") is True:
        if number_value(number, "platform_type") == "ON_PREMISE":
            raise refusals.missing_permission()
        raise refusals.not_for_business_app(habit(number, "business app", 2))
    status = number_value(number, "status")
    if status == "BANNED":
        raise refusals.account_locked()
    if status == "DELETED":
        hidden, now = world.hidden_state(number), world.now()
        hidden.deletion_settles = hidden.deletion_settles or now + _DELETION_SETTLES_SECONDS
        if now < hidden.deletion_settles:
            raise refusals.recently_deleted(hidden.deletion_settles - now)


def _check_new(world: World, number: Number) -> None:
    """Raise the refusal of a number that is not ready for its registration."""
    if number_value(number, "status") == "MIGRATED":  # another WhatsApp account has the number now
        raise refusals.no_certificate()
    ends = window_ends(world, number)
    if ends is not None and world.now() > ends:
        raise refusals.window_passed(window_days(number))
    if number_value(number, "code_verification_status") != "VERIFIED":
        raise refusals.not_verified()
    if not has_certificate(number):
        raise refusals.no_certificate()


def _connect(world: World, number: Number, region: str | None) -> None:
    hidden = world.hidden_state(number)
    hidden.region, hidden.deregistered, hidden.deletion_settles = region, False, 0.0
    values: Values = {"status": "CONNECTED", "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"}}
    if region is not None:
        kept = number.own.get("settings")
        storage = {"status": "IN_COUNTRY_STORAGE_ENABLED", "data_localization_region": region}
        values["settings"] = {**(kept if isinstance(kept, dict) else {}), "storage_configuration": storage}
    world.act(number, "registered", values)
    left_behind = world.number(hidden.moves_from)
    hidden.moves_from = ""
    if left_behind is not None:
        gone: Values = {"platform_type": "NOT_APPLICABLE", "throughput": {"level": "NOT_APPLICABLE"}}
        world.act(left_behind, "migrated", {"status": "MIGRATED"} | gone)
