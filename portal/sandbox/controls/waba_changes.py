"""What a tester can have happen to a WABA, at once or by appointment, by the kind of its entry in the log of changes.

Each function says what else the request may choose. Every event of Meta's ``account_update`` can be brought about here
(developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_update).
"""

from collections.abc import Callable, Mapping
from time import gmtime, strftime

from portal.sandbox.controls.chosen import chosen_waba
from portal.sandbox.controls.request_body import seconds_in, text_in, word_in
from portal.sandbox.graph import webhook_events
from portal.sandbox.http.messages import Values
from portal.sandbox.world import portfolios
from portal.sandbox.world.sharing import withdraw
from portal.sandbox.world.world import Waba, World

_DAY = 86_400.0
_ALERT: Values = {
    "alert_severity": "WARNING",
    "alert_status": "ACTIVE",
    "alert_type": "INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO",
    "alert_description": "More about this business is needed before it can send more messages.",
}
_SHARING = frozenset({"PARTNER_ADDED", "PARTNER_REMOVED"})


def _waba_unshared(world: World, body: Values) -> Values:
    """The client takes the WABA away from the partner, and its business token with it."""
    waba = chosen_waba(world, body)
    withdraw(world, waba)
    return world.record("waba_unshared", waba_id=waba.id)


def _account_deleted(world: World, body: Values) -> Values:
    waba = chosen_waba(world, body)
    withdraw(world, waba)
    return _account_update(world, waba, "account_deleted", "ACCOUNT_DELETED", {})


def _account_restricted(world: World, body: Values) -> Values:
    """``restriction_type``, for ``seconds``: a week unless told. It ends by itself, of which Meta tells nobody."""
    waba, expiration = chosen_waba(world, body), int(world.now() + seconds_in(body, 7 * _DAY))
    kind = text_in(body, "restriction_type", "RESTRICTED_BIZ_INITIATED_MESSAGING")
    restriction: Values = {"restriction_type": kind, "expiration": expiration}
    if "remediation" in body:
        restriction["remediation"] = body["remediation"]
    world.change_waba(waba, {"status": "RESTRICTED"})
    _appoint(world, waba, "restriction_ended", expiration)
    details: Values = {"restriction_info": [restriction]}
    return _account_update(world, waba, "account_restricted", "ACCOUNT_RESTRICTION", details)


def _restriction_ended(world: World, body: Values) -> Values:
    waba = chosen_waba(world, body)
    if waba.own.get("status") == "RESTRICTED":
        world.change_waba(waba, {"status": "ACTIVE"})
    return world.record("restriction_ended", waba_id=waba.id)


def _account_violated(world: World, body: Values) -> Values:
    """``violation_type``."""
    details: Values = {"violation_info": {"violation_type": text_in(body, "violation_type", "ADULT")}}
    return _account_update(world, chosen_waba(world, body), "account_violated", "ACCOUNT_VIOLATION", details)


def _disable_scheduled(world: World, body: Values) -> Values:
    """The WABA will be disabled, in ``seconds``: a week unless told."""
    waba, at = chosen_waba(world, body), world.now() + seconds_in(body, 7 * _DAY)
    _appoint(world, waba, "account_disabled", at)
    return _ban(world, waba, "disable_scheduled", "SCHEDULE_FOR_DISABLE", at)


def _account_disabled(world: World, body: Values) -> Values:
    waba = chosen_waba(world, body)
    world.change_waba(waba, {"status": "DISABLED"})
    return _ban(world, waba, "account_disabled", "DISABLE", world.now())


def _account_reinstated(world: World, body: Values) -> Values:
    """The WABA is as before. The state of this form is a list, as one of Meta's samples has it."""
    waba = chosen_waba(world, body)
    world.appointments = [each for each in world.appointments if each["waba_id"] != waba.id]
    world.change_waba(waba, {"status": "ACTIVE"})
    return _ban(world, waba, "account_reinstated", ["REINSTATE"], world.now())


def _ban(world: World, waba: Waba, kind: str, state: object, at: float) -> Values:
    moment = gmtime(at)
    date = strftime(f"%B {moment.tm_mday}, %Y", moment)
    return _account_update(
        world, waba, kind, "DISABLED_UPDATE", {"ban_info": {"waba_ban_state": state, "waba_ban_date": date}}
    )


def _account_reviewed(world: World, body: Values) -> Values:
    """``decision``: REJECTED unless told."""
    waba = chosen_waba(world, body)
    decision = word_in(body, "decision", ("REJECTED", "APPROVED", "PENDING", "DEFERRED"))
    world.change_waba(waba, {"account_review_status": decision})
    return world.record(
        "account_reviewed", waba_id=waba.id, webhook_field="account_review_update", details={"decision": decision}
    )


def _alert_raised(world: World, body: Values) -> Values:
    """Any part of ``alert_info`` may be told: ``alert_type`` and so on."""
    waba = chosen_waba(world, body)
    alert = _ALERT | {name: body[name] for name in _ALERT if name in body}
    details: Values = {"entity_type": "BUSINESS", "entity_id": waba.owner.id, "alert_info": alert}
    return world.record("alert_raised", waba_id=waba.id, webhook_field="account_alerts", details=details)


def _limit_changed(world: World, body: Values) -> Values:
    """``limit``: the portfolio's messaging limit, TIER_10K unless told."""
    waba = chosen_waba(world, body)
    waba.owner.limit = text_in(body, "limit", "TIER_10K")
    world.change_waba(waba, {})
    details: Values = {
        "max_daily_conversations_per_business": waba.owner.limit,
        "max_phone_numbers_per_business": portfolios.most_numbers(waba.owner),
        "max_phone_numbers_per_waba": portfolios.most_numbers(waba.owner),
    }
    return world.record("limit_changed", waba_id=waba.id, webhook_field="business_capability_update", details=details)


def _account_updated(world: World, body: Values) -> Values:
    """Any ``event`` of ``account_update``, of which nothing else shows; with ``details`` in place of the usual ones."""
    waba, event = chosen_waba(world, body), text_in(body, "event", "MM_LITE_TERMS_SIGNED")
    details = body.get("details")
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


def _appoint(world: World, waba: Waba, kind: str, at: float) -> None:
    """Have this happen to the WABA at that moment, in place of what was to happen of the same kind."""
    others = [each for each in world.appointments if (each["waba_id"], each["kind"]) != (waba.id, kind)]
    world.appointments = [*others, {"at": at, "kind": kind, "waba_id": waba.id}]


KINDS: Mapping[str, Callable[[World, Values], Values]] = {
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
