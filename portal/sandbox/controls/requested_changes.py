"""What a tester can have happen to a number or a WABA of the practice world, at once or by appointment.

For the control endpoints. What happens by itself is in ``drift``; what partners do has modules of its own. Every
event of Meta's ``account_update`` can be brought about here
(developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_update).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from time import gmtime, strftime
from typing import TypeAlias

from portal.sandbox.controls.refusal import WrongUseError
from portal.sandbox.graph import webhook_events
from portal.sandbox.http.messages import Values
from portal.sandbox.world import display_names, pool, portfolios, random_changes
from portal.sandbox.world.values import is_registered, number_value
from portal.sandbox.world.world import Number, Waba, World

_DAY = 86_400.0
_NAME_STATUSES = {"APPROVED": "APPROVED", "REJECTED": "DECLINED"}
_ALERT: Values = {
    "alert_severity": "WARNING",
    "alert_status": "ACTIVE",
    "alert_type": "INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO",
    "alert_description": "More about this business is needed before it can send more messages.",
}

Happening: TypeAlias = Callable[[World, Values], Values]


def make(world: World, wish: Values) -> Values:
    """Let one thing happen; its entry in the log of changes.

    ``wish`` has the ``kind`` and, to choose, ``phone_number_id`` or ``waba_id``: otherwise chance picks one that fits.
    What else it may say depends on the kind, and stands at the kind's function here. Raises WrongUseError when it
    cannot happen.
    """
    kind = wish.get("kind", "")
    happening = _KINDS.get(str(kind))
    if happening is not None:
        return happening(world, wish)
    if kind and kind not in random_changes.KINDS:
        raise WrongUseError(f"kind is one of {', '.join(sorted({*_KINDS, *random_changes.KINDS}))}")
    return random_changes.change(world, str(kind))


def settle(world: World) -> None:
    """Let everything happen that is due by the clock: to display names, to the pool, and by appointment to WABAs."""
    display_names.settle(world)
    pool.settle(world)
    if not world.appointments:
        return
    now = world.now()
    due = [each for each in world.appointments if _moment(each) <= now]
    world.appointments = [each for each in world.appointments if _moment(each) > now]
    for each in due:
        if str(each["waba_id"]) in world.wabas:
            make(world, each)


def _moment(appointment: Values) -> float:
    at = appointment["at"]
    return float(at) if isinstance(at, (int, float)) else 0.0


def _quality_dropped(world: World, wish: Values) -> Values:
    """``quality_rating``: RED, which brings an event, or YELLOW, which brings none."""
    number = _number(world, wish, is_registered)
    return random_changes.rate(world, number, "quality_dropped", _word(wish, "quality_rating", ("RED", "YELLOW")))


def _name_decided(world: World, wish: Values) -> Values:
    """``decision`` in the webhook's words, REJECTED unless told, and ``rejection_reason``. A name under review, if any.

    A number without one is asked for a new name first, ``new_display_name``.
    """
    decision = _word(wish, "decision", ("REJECTED", "APPROVED", "DEFERRED"))
    number = _number(world, wish, lambda each: display_names.in_review(each) is not None, is_registered)
    field = display_names.in_review(number)
    if field is None:
        field = "new_display_name"
        name = _text(wish, field, f"{number_value(number, 'verified_name')} Plus")
        world.act(number, "name_requested", {field: name, "new_name_status": "PENDING_REVIEW"})
    if decision == "DEFERRED":
        return world.act(number, "name_deferred", {}, (), decision=decision, name=number_value(number, field))
    reason = _text(wish, "rejection_reason", "") if decision == "REJECTED" else ""
    return display_names.conclude(world, number, field, _NAME_STATUSES[decision], world.now(), reason)


def _throughput_upgraded(world: World, wish: Values) -> Values:
    """The number may send up to 1,000 messages a second."""
    number = _number(world, wish, lambda each: is_registered(each) and number_value(each, "throughput") != _HIGH)
    return world.act(number, "throughput_upgraded", {"throughput": _HIGH})


def _trial_ended(world: World, wish: Values) -> Values:
    """The number leaves the unverified trial."""
    number = _number(world, wish, lambda each: number_value(each, "account_mode") == "SANDBOX")
    return world.act(number, "trial_ended", {"account_mode": "LIVE"})


def _app_disconnected(world: World, wish: Values) -> Values:
    """A number of the WhatsApp Business app is lost. ``reason``; ``disconnection_info`` false leaves the object out."""
    number = _number(
        world, wish, lambda each: number_value(each, "is_on_biz_app") is True and number_value(each, "status") == _ON
    )
    told = wish.get("disconnection_info", True) is not False
    info = webhook_events.disconnection_info(number, _text(wish, "reason", "")) if told else None
    values: Values = {
        "status": "DISCONNECTED",
        "platform_type": "NOT_APPLICABLE",
        "throughput": {"level": "NOT_APPLICABLE"},
    }
    return world.act(number, "disconnected", values, (), disconnection_info=info)


def _app_reconnected(world: World, wish: Values) -> Values:
    """A number of the WhatsApp Business app is back."""
    number = _number(
        world, wish, lambda each: number_value(each, "is_on_biz_app") is True and number_value(each, "status") != _ON
    )
    values: Values = {"status": _ON, "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"}}
    return world.act(number, "reconnected", values)


def _waba_unshared(world: World, wish: Values) -> Values:
    """The client takes the WABA away from the partner, and its business token with it."""
    waba = _waba(world, wish)
    _withdraw(world, waba)
    return world.record("waba_unshared", waba_id=waba.id)


def _account_deleted(world: World, wish: Values) -> Values:
    waba = _waba(world, wish)
    _withdraw(world, waba)
    return _account_update(world, waba, "account_deleted", "ACCOUNT_DELETED", {})


def _account_restricted(world: World, wish: Values) -> Values:
    """``restriction_type``, for ``seconds``: a week unless told. It ends by itself, of which Meta tells nobody."""
    waba, expiration = _waba(world, wish), int(world.now() + _seconds(wish, 7 * _DAY))
    kind = _text(wish, "restriction_type", "RESTRICTED_BIZ_INITIATED_MESSAGING")
    restriction: Values = {"restriction_type": kind, "expiration": expiration}
    if "remediation" in wish:
        restriction["remediation"] = wish["remediation"]
    world.change_waba(waba, {"status": "RESTRICTED"})
    _appoint(world, waba, "restriction_ended", expiration)
    details: Values = {"restriction_info": [restriction]}
    return _account_update(world, waba, "account_restricted", "ACCOUNT_RESTRICTION", details)


def _restriction_ended(world: World, wish: Values) -> Values:
    waba = _waba(world, wish)
    if waba.own.get("status") == "RESTRICTED":
        world.change_waba(waba, {"status": "ACTIVE"})
    return world.record("restriction_ended", waba_id=waba.id)


def _account_violated(world: World, wish: Values) -> Values:
    """``violation_type``."""
    details: Values = {"violation_info": {"violation_type": _text(wish, "violation_type", "ADULT")}}
    return _account_update(world, _waba(world, wish), "account_violated", "ACCOUNT_VIOLATION", details)


def _disable_scheduled(world: World, wish: Values) -> Values:
    """The WABA will be disabled, in ``seconds``: a week unless told."""
    waba, at = _waba(world, wish), world.now() + _seconds(wish, 7 * _DAY)
    _appoint(world, waba, "account_disabled", at)
    return _ban(world, waba, "disable_scheduled", "SCHEDULE_FOR_DISABLE", at)


def _account_disabled(world: World, wish: Values) -> Values:
    waba = _waba(world, wish)
    world.change_waba(waba, {"status": "DISABLED"})
    return _ban(world, waba, "account_disabled", "DISABLE", world.now())


def _account_reinstated(world: World, wish: Values) -> Values:
    """The WABA is as before. The state of this form is a list, as one of Meta's samples has it."""
    waba = _waba(world, wish)
    world.appointments = [each for each in world.appointments if each["waba_id"] != waba.id]
    world.change_waba(waba, {"status": "ACTIVE"})
    return _ban(world, waba, "account_reinstated", ["REINSTATE"], world.now())


def _ban(world: World, waba: Waba, kind: str, state: object, at: float) -> Values:
    moment = gmtime(at)
    date = strftime(f"%B {moment.tm_mday}, %Y", moment)
    return _account_update(
        world, waba, kind, "DISABLED_UPDATE", {"ban_info": {"waba_ban_state": state, "waba_ban_date": date}}
    )


def _account_reviewed(world: World, wish: Values) -> Values:
    """``decision``: REJECTED unless told."""
    waba, decision = _waba(world, wish), _word(wish, "decision", ("REJECTED", "APPROVED", "PENDING", "DEFERRED"))
    world.change_waba(waba, {"account_review_status": decision})
    return world.record(
        "account_reviewed", waba_id=waba.id, webhook_field="account_review_update", details={"decision": decision}
    )


def _alert_raised(world: World, wish: Values) -> Values:
    """Any part of ``alert_info`` may be told: ``alert_type`` and so on."""
    waba = _waba(world, wish)
    alert = _ALERT | {name: wish[name] for name in _ALERT if name in wish}
    details: Values = {"entity_type": "BUSINESS", "entity_id": waba.owner.id, "alert_info": alert}
    return world.record("alert_raised", waba_id=waba.id, webhook_field="account_alerts", details=details)


def _limit_changed(world: World, wish: Values) -> Values:
    """``limit``: the portfolio's messaging limit, TIER_10K unless told."""
    waba = _waba(world, wish)
    waba.owner.limit = _text(wish, "limit", "TIER_10K")
    world.change_waba(waba, {})
    details: Values = {
        "max_daily_conversations_per_business": waba.owner.limit,
        "max_phone_numbers_per_business": portfolios.most_numbers(waba.owner),
        "max_phone_numbers_per_waba": portfolios.most_numbers(waba.owner),
    }
    return world.record("limit_changed", waba_id=waba.id, webhook_field="business_capability_update", details=details)


def _account_updated(world: World, wish: Values) -> Values:
    """Any ``event`` of ``account_update``, of which nothing else shows; with ``details`` in place of the usual ones."""
    waba, event = _waba(world, wish), _text(wish, "event", "MM_LITE_TERMS_SIGNED")
    details = wish.get("details")
    if not isinstance(details, dict):
        details = _details(world, waba, event)
    return _account_update(world, waba, "account_updated", event, details)


def _details(world: World, waba: Waba, event: str) -> Values:
    now = int(world.now())
    if event.startswith("PARTNER_APP_") or event in {"AD_ACCOUNT_LINKED", "MM_LITE_TERMS_SIGNED", *_SHARING}:
        return {"waba_info": webhook_events.waba_info(world, waba, event)}
    known: dict[str, Values] = {
        "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE": {
            "partner_client_certification_info": {
                "client_business_id": waba.owner.id,
                "status": "FAILED",
                "rejection_reasons": ["LEGAL NAME NOT MATCHING"],
            }
        },
        "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE": {
            "auth_international_rate_eligibility": {
                "start_time": now + 30 * int(_DAY),
                "exception_countries": [{"country_code": "IN", "start_time": now + 60 * int(_DAY)}],
            }
        },
        "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE": {"country": waba.owner.country},
        "VOLUME_BASED_PRICING_TIER_UPDATE": {
            "volume_tier_info": {
                "tier_update_time": now,
                "pricing_category": "UTILITY",
                "tier": "25000001:50000000",
                "effective_month": strftime("%Y-%m", gmtime(now)),
                "region": "India",
            }
        },
    }
    return known.get(event, {})


def _account_update(world: World, waba: Waba, kind: str, event: str, details: Values) -> Values:
    return world.record(kind, waba_id=waba.id, event=event, details=details)


def _withdraw(world: World, waba: Waba) -> None:
    """Take the WABA from the partner, and from every business token of its owner's."""
    waba.relation = "unshared"
    world.token_states[f"waba:{waba.id}"] = "revoked"
    for text, grant in world.grants.items():
        left = [waba_id for waba_id in grant.waba_ids if waba_id != waba.id]
        if not left:
            world.token_states[grant.name] = "revoked"
        elif len(left) < len(grant.waba_ids):
            world.grants[text] = replace(grant, waba_ids=left)
    world.change_waba(waba, {})


def _appoint(world: World, waba: Waba, kind: str, at: float) -> None:
    """Have this happen to the WABA at that moment, in place of what was to happen of the same kind."""
    others = [each for each in world.appointments if (each["waba_id"], each["kind"]) != (waba.id, kind)]
    world.appointments = [*others, {"at": at, "kind": kind, "waba_id": waba.id}]


def _number(world: World, wish: Values, *fits: Callable[[Number], bool]) -> Number:
    """The number of the wish, else one that fits the first of these rules that any number fits."""
    if "phone_number_id" in wish:
        number = world.number(str(wish["phone_number_id"]))
        if number is None or not any(rule(number) for rule in fits):
            raise WrongUseError(f"Number {wish['phone_number_id']} is not there, or this cannot happen to it")
        return number
    known = [number for waba in world.wabas.values() if _is_clients(waba) for number in waba.numbers]
    for rule in fits:
        found = [number for number in known if rule(number)]
        if found:
            return _random(world).choice(found)
    raise WrongUseError("There is no number to which this can happen")


def _waba(world: World, wish: Values) -> Waba:
    if "waba_id" in wish:
        waba = world.wabas.get(str(wish["waba_id"]))
        if waba is None:
            raise WrongUseError(f"There is no WABA {wish['waba_id']}")
        return waba
    known = [waba for waba in world.wabas.values() if _is_clients(waba)]
    if not known:
        raise WrongUseError("There is no WABA to which this can happen")
    return _random(world).choice(known)


def _is_clients(waba: Waba) -> bool:
    return waba.relation == "client" and not waba.trouble


def _random(world: World) -> Random:
    world.drifted += 1
    return Random(f"{world.seed} happening {world.drifted}")


def _text(wish: Values, name: str, default: str) -> str:
    value = wish.get(name, default)
    if not isinstance(value, str):
        raise WrongUseError(f"{name} is a text")
    return value


def _word(wish: Values, name: str, words: tuple[str, ...]) -> str:
    """One of these words, the first unless told."""
    value = _text(wish, name, words[0])
    if value not in words:
        raise WrongUseError(f"{name} is one of {', '.join(words)}")
    return value


def _seconds(wish: Values, default: float) -> float:
    value = wish.get("seconds", default)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise WrongUseError("seconds is a number")
    return float(value)


_ON = "CONNECTED"
_HIGH: Values = {"level": "HIGH"}
_SHARING = frozenset({"PARTNER_ADDED", "PARTNER_REMOVED"})

_KINDS: Mapping[str, Happening] = {
    "quality_dropped": _quality_dropped,
    "name_decided": _name_decided,
    "throughput_upgraded": _throughput_upgraded,
    "trial_ended": _trial_ended,
    "business_app_disconnected": _app_disconnected,
    "business_app_reconnected": _app_reconnected,
    "waba_unshared": _waba_unshared,
    "account_deleted": _account_deleted,
    "account_restricted": _account_restricted,
    "restriction_ended": _restriction_ended,
    "account_violated": _account_violated,
    "disable_scheduled": _disable_scheduled,
    "account_disabled": _account_disabled,
    "account_reinstated": _account_reinstated,
    "account_reviewed": _account_reviewed,
    "alert_raised": _alert_raised,
    "limit_changed": _limit_changed,
    "account_updated": _account_updated,
}
