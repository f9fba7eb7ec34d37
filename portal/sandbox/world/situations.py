"""The situations a number can be in: the field values of each, and when it was onboarded. Data only.

Every state of Graph's reference for phone numbers appears in one of them, and some that no list has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

APP_CALLBACK = "the app’s own callback"
"""Stands in ``webhook_configuration`` for the address that the app has, which ``graph.callbacks`` puts in its place."""
_WEEK, _YEAR = 168.0, 8_760.0
_WINDOW = 2 * _WEEK  # a number must be registered within 14 days of Embedded Signup
_POOL_WINDOW = 90 * 24.0  # one claimed from a pre-verified pool within 90 days

HEALTHY: Mapping[str, object] = {
    "code_verification_status": "VERIFIED",
    "quality_rating": "GREEN",
    "platform_type": "CLOUD_API",
    "throughput": {"level": "STANDARD"},
    "webhook_configuration": {"application": APP_CALLBACK},
    "name_status": "APPROVED",
    "account_mode": "LIVE",
    "status": "CONNECTED",
    "is_official_business_account": False,
    "official_business_account": {"oba_status": "NOT_STARTED"},
    "is_pin_enabled": True,
    "is_on_biz_app": False,
    "is_preverified_number": False,
    "search_visibility": "VISIBLE",
    "eligibility_for_api_business_global_search": "NON_ELIGIBLE_UNDEFINED_COUNTRY",
}
_UNREGISTERED: Mapping[str, object] = {
    "status": "PENDING",
    "platform_type": "NOT_APPLICABLE",
    "throughput": {"level": "NOT_APPLICABLE"},
    "quality_rating": "UNKNOWN",
    "is_pin_enabled": False,
    "search_visibility": "NON_VISIBLE",
}
# Its owner once chose a PIN for the number, which nobody on the partner's side was told.
_TWO_STEP: Mapping[str, object] = {**_UNREGISTERED, "is_pin_enabled": True}
_UNVERIFIED: Mapping[str, object] = {**_UNREGISTERED, "code_verification_status": "NOT_VERIFIED"}


@dataclass(frozen=True, slots=True)
class Situation:
    """``values`` over those of a healthy number, less ``without``; ``weight`` is how often it is drawn.

    ``onboarded`` is the range of hours before the start of the world in which Embedded Signup ended; None: it never
    ran. ``onboarded_form`` is how Graph writes it. ``new_name`` gives the number a requested display name,
    ``register_calls`` says how often it was to be registered in the last days.
    """

    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    onboarded: tuple[float, float] | None = (3 * _WEEK, 2 * _YEAR)
    onboarded_form: Literal["text", "unix", "null"] = "text"
    new_name: bool = False
    named: bool = True
    weight: int = 1
    register_calls: int = 0

    @property
    def base(self) -> dict[str, object]:
        """The field values that all numbers in this situation share."""
        merged = {**HEALTHY, **self.values}
        return {name: value for name, value in merged.items() if name not in self.without}


def _left(hours: float, window: float = _WINDOW) -> tuple[float, float]:
    """Onboarded so that this many hours of the window are left; negative when it is past."""
    return window - hours, window - hours


def _waiting(name: str, hours: float, values: Mapping[str, object] = _UNREGISTERED, weight: int = 1) -> Situation:
    return Situation(name, values, onboarded=_left(hours), weight=weight)


def _status(status: str, **values: object) -> Situation:
    return Situation(f"status {status}", {"status": status, **values})


def _badge(oba_status: str, *, official: bool = False) -> Situation:
    badge = {"oba_status": oba_status, "status_message": "Seen in WhatsApp Manager"}
    values = {"official_business_account": badge, "is_official_business_account": official}
    return Situation(f"badge {oba_status}", values)


def _new_name(new_name_status: str | None, *, new_name: bool = True, weight: int = 1) -> Situation:
    values = {"new_name_status": new_name_status}
    return Situation(f"new name {new_name_status}", values, new_name=new_name, weight=weight)


# Numbers that work. The one-time code's status says nothing about a number that is registered.
ORDINARY: tuple[Situation, ...] = (
    Situation("ordinary", weight=60),
    Situation("code lapsed", {"code_verification_status": "EXPIRED"}, weight=18),
    Situation("code never asked", {"code_verification_status": "NOT_VERIFIED"}, weight=5),
    Situation("fast", {"throughput": {"level": "HIGH"}}, weight=7),
    Situation("name not reviewed", {"name_status": "AVAILABLE_WITHOUT_REVIEW"}, weight=5),
    Situation("no new name", {"new_name_status": "NONE"}, weight=4),
    Situation("onboarded in seconds", onboarded_form="unix", weight=2),
    Situation("onboarded null", onboarded_form="null"),
    Situation("no throughput", without=("throughput",)),
    Situation("no webhook", without=("webhook_configuration",)),
    Situation(
        "WABA webhook",
        {"webhook_configuration": {"application": APP_CALLBACK, "whatsapp_business_account": "https://crm.example/wa"}},
    ),
    Situation(
        "number webhook",
        {"webhook_configuration": {"application": APP_CALLBACK, "phone_number": "https://shop.example/hook"}},
    ),
    Situation("score null", {"quality_score": None}),
    Situation("not rated yet", {"quality_rating": "UNKNOWN", "quality_score": {"score": "UNKNOWN"}}, weight=2),
    Situation("not rated NA", {"quality_rating": "NA"}),
    Situation("dated score", {"quality_score": {"score": "GREEN", "date": 1772615287, "reasons": []}}),
    Situation("pre-verified, live", {"is_preverified_number": True}),
    Situation("with username", {"username": "practice.shop"}),
    Situation("username null", {"username": None}),
    Situation("new name null", {"new_name_status": None}),
    Situation("new name without review", {"new_name_status": "AVAILABLE_WITHOUT_REVIEW"}),
    Situation("few fields", without=("search_visibility", "is_pin_enabled", "official_business_account")),
    _badge("APPROVED", official=True),
    _badge("PENDING"),
    _badge("UNDER_REVIEW"),
    _badge("REJECTED"),
    _badge("EXPIRED"),
    _badge("CANCELLED"),
)

# Numbers that want something done, or that nothing can be done for. The first ones matter most in a small world.
TROUBLED: tuple[Situation, ...] = (
    _waiting("to register, 9 days left", 216, weight=2),
    Situation("quality low", {"quality_rating": "RED", "status": "FLAGGED"}, weight=2),
    Situation("added in WhatsApp Manager", {**_UNVERIFIED, "name_status": "PENDING_REVIEW"}, onboarded=None, weight=3),
    _new_name("APPROVED", weight=2),
    _waiting("needs code, 11 days left", 270, _UNVERIFIED, weight=2),
    Situation("trial", {"account_mode": "SANDBOX", "quality_rating": "UNKNOWN"}, onboarded=None, weight=2),
    Situation("quality medium", {"quality_rating": "YELLOW"}, weight=3),
    Situation("coexistence", {"is_on_biz_app": True, "is_pin_enabled": False}, weight=2),
    _waiting("to register, 20 hours left", 20),
    _new_name("PENDING_REVIEW", weight=3),
    _waiting("window passed 2 days ago", -48),
    _status("DISCONNECTED", platform_type="NOT_APPLICABLE", throughput={"level": "NOT_APPLICABLE"}),
    _new_name("DECLINED"),
    _waiting("to register with an unknown PIN, 2½ days left", 60, _TWO_STEP),
    _status("RESTRICTED", quality_rating="RED"),
    _status("BANNED", quality_rating="RED", throughput={"level": "NOT_APPLICABLE"}),
    Situation("reported live only", {"platform_type": "NOT_APPLICABLE", "throughput": {"level": "NOT_APPLICABLE"}}),
    _waiting("needs code again, 5 days left", 120, {**_UNVERIFIED, "code_verification_status": "EXPIRED"}),
    Situation("name declined", {"name_status": "DECLINED"}),
    Situation("name in review", {"name_status": "PENDING_REVIEW"}, onboarded=(24, 200), weight=2),
    Situation("to register, 3 hours and one call left", _UNREGISTERED, onboarded=_left(3), register_calls=9),
    _waiting("window passed long ago", -1_000, _UNVERIFIED),
    Situation("nameless", {**_UNVERIFIED, "verified_name": None, "name_status": "NONE"}, onboarded=None, named=False),
    Situation("no name yet", {**_UNVERIFIED, "name_status": "NONE"}, onboarded=None, named=False),
    Situation(
        "pre-verified, 60 hours left",
        {**_UNREGISTERED, "is_preverified_number": True},
        onboarded=_left(60, _POOL_WINDOW),
    ),
    _status("RATE_LIMITED"),
    Situation(
        "held by the Business app",
        {"status": "DISCONNECTED", "platform_type": "ON_PREMISE", "is_on_biz_app": True},
        without=("throughput",),
    ),
    _status("MIGRATED", platform_type="NOT_APPLICABLE"),
    _status("UNDER_OBSERVATION"),
    Situation("unknown quality word", {"quality_rating": "BLUE"}),
    _waiting("to register with an unknown PIN, 13 days left", 315, _TWO_STEP),
    _waiting("needs code, 40 hours left", 40, _UNVERIFIED),
    Situation(
        "pre-verified, new, name declined",
        {**_UNREGISTERED, "is_preverified_number": True, "name_status": "DECLINED"},
        onboarded=(24, 72),
    ),
    Situation(
        "pre-verified, window passed",
        {**_UNREGISTERED, "is_preverified_number": True},
        onboarded=_left(-120, _POOL_WINDOW),
    ),
    Situation("name expired", {"name_status": "EXPIRED"}),
    Situation("name without record", {"name_status": "NON_EXISTS"}),
    Situation("unknown name word", {"name_status": "UNDER_APPEAL"}),
    Situation("trial, onboarded", {"account_mode": "SANDBOX"}, onboarded=(24, 300)),
    _new_name("EXPIRED"),
    _status("DELETED", platform_type="NOT_APPLICABLE"),
    _status("UNVERIFIED", platform_type="NOT_APPLICABLE", code_verification_status="NOT_VERIFIED"),
    _status("UNKNOWN", platform_type="NOT_APPLICABLE"),
    _status("LINKED"),
    _status("UNLINKED", platform_type="NOT_APPLICABLE"),
    Situation("on premises", {"platform_type": "ON_PREMISE"}, without=("throughput",)),
)

MANAGER_ADDED = next(each for each in TROUBLED if each.name == "added in WhatsApp Manager")
FRESH_SIGNUP = Situation("fresh from signup", _UNREGISTERED, onboarded=(0, 0))
