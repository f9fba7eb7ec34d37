"""Whether what an event reported still holds: by its own words, by the clock, or by what Graph returned since. Pure.

The event that takes another one back may be lost on its way, so whatever was reported is held against later readings.
Where Graph has a field for it, the field decides at once. Where it has none (a violation, a restriction without end), a
WABA that Graph calls active a day later is taken for free of it, and nothing holds for longer than a month.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from phones.numbers import age, clocks, rules

if TYPE_CHECKING:
    from clients.models import Waba
    from phones.models import EventFact, PhoneNumber

Value = Mapping[str, object]

# Failures of a reading that mean: Meta does not show it to us.
ACCESS_LOST = frozenset({"not_visible", "permission_missing"})

ACTIVE, DISABLED, LIMITED, REJECTED, REINSTATED = "ACTIVE", "DISABLED", "RESTRICTED", "REJECTED", "REINSTATE"
_TAKEN_AWAY = frozenset({"PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED", "ACCOUNT_OFFBOARDED"})
CERTIFICATION_NEEDED = "PARTNER_CLIENT_CERTIFICATION_NEEDED"
_NOT_CERTIFIED = frozenset({"FAILED", "REVOKED"})
_NEW_REQUEST = rules.NAME_ACCEPTED | rules.NAME_IN_REVIEW


def kind_of(name: str) -> str:
    """What a fact is about; some names carry a detail behind a colon."""
    return name.partition(":")[0]


def asks_for_attention(name: str, value: Value, *, now: datetime) -> bool:
    """Whether the event says that something was taken away or limited, or is to be done, with no end in the past."""
    kind = kind_of(name)
    if kind in {"partner", "app", "connection"}:
        return value.get("event") in _TAKEN_AWAY
    if kind == "restriction":
        end = restriction_end(value)
        return bool(restrictions_in(value)) and (end is None or end > now)
    if kind == "ban":
        return ban_states_in(value) != [REINSTATED]
    if kind == "review":
        return value.get("decision") == REJECTED
    if kind == "name_decision":
        return value.get("decision") in rules.NAME_REFUSED
    if kind == "certification":
        return value.get("event") == CERTIFICATION_NEEDED or certification_in(value).get("status") in _NOT_CERTIFIED
    if kind == "alert":
        return value.get("alert_status") == "ACTIVE" and value.get("alert_severity") in {"CRITICAL", "WARNING"}
    return kind in {"violation", "deleted"}


def over_by_the_clock_at(name: str, value: Value, at: datetime) -> datetime:
    """When what an event of `at` reported is over at the latest, where the clock ends it."""
    end = restriction_end(value) if kind_of(name) == "restriction" else None
    return at + clocks.REPORT_HOLDS_FOR if end is None else end


def restrictions_in(value: Value) -> list[Value]:
    listed = value.get("restriction_info")
    return [one for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, Mapping)]


def restriction_end(value: Value) -> datetime | None:
    """When the last of the restrictions ends; None when one of them has no end."""
    ends = [_moment(one.get("expiration")) for one in restrictions_in(value)]
    known = [end for end in ends if end is not None]
    return max(known, default=None) if len(known) == len(ends) else None


def ban_states_in(value: Value) -> list[str]:
    """The ban states that an event names: one as a rule, and several where Meta sends a list."""
    info = value.get("ban_info")
    states = info.get("waba_ban_state") if isinstance(info, Mapping) else None
    return [str(state) for state in (states if isinstance(states, list) else [states]) if state]


def ban_date_in(value: Value) -> str:
    info = value.get("ban_info")
    date = info.get("waba_ban_date") if isinstance(info, Mapping) else None
    return str(date) if date else ""


def certification_in(value: Value) -> Value:
    info = value.get("partner_client_certification_info")
    return info if isinstance(info, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Report:
    """A fact of an event beside what Graph returned: of its WABA, and of the numbers that it is about.

    `numbers` is the one number, or those under the WABA where the fact is the WABA's.
    """

    fact: EventFact
    waba: Waba
    numbers: Sequence[PhoneNumber]
    now: datetime

    @property
    def at(self) -> datetime:
        return self.fact.at

    @property
    def value(self) -> Value:
        value: Value = self.fact.value
        return value

    @property
    def holds(self) -> bool:
        """Whether it is still so, and asks for attention."""
        return asks_for_attention(self.fact.name, self.value, now=self.now) and not self._is_over()

    def is_read_since(self, field: str, *, pause: timedelta = timedelta(0)) -> bool:
        """Whether Graph returned `field` of the WABA itself after the event, `pause` or more later."""
        at = age.last_answer_of_waba(self.waba, field)
        return at is not None and at > self.at + pause

    def _is_over(self) -> bool:
        kind = kind_of(self.fact.name)
        if kind not in _UNTIL_GRAPH_SAYS and clocks.has_passed(self.at + clocks.REPORT_HOLDS_FOR, now=self.now):
            return not _names_a_later_end(self)
        ends = _ENDS.get(kind)
        return ends is not None and ends(self)


def _names_a_later_end(report: Report) -> bool:
    end = restriction_end(report.value) if kind_of(report.fact.name) == "restriction" else None
    return end is not None and end > report.now


def _is_within_reach(report: Report) -> bool:
    """Its numbers were listed to us after the event, and no refusal came later."""
    waba = report.waba
    if waba.last_synced_at is None or waba.last_synced_at <= report.at:
        return False
    return waba.last_failure is None or waba.last_failure.kind not in ACCESS_LOST


def _is_active_again(report: Report) -> bool:
    """Graph calls the WABA active a day later, with no end announced that is still to come."""
    if kind_of(report.fact.name) == "restriction" and restriction_end(report.value) is not None:
        return False
    is_refused = report.waba.account_review_status == REJECTED
    is_due = report.is_read_since("status", pause=clocks.GRAPH_FOLLOWS_WITHIN)
    return is_due and report.waba.status == ACTIVE and not is_refused


def _is_not_disabled(report: Report) -> bool:
    states = ban_states_in(report.value)
    if states == ["DISABLE"]:
        return report.is_read_since("status") and report.waba.status not in {None, DISABLED}
    # An announcement is not denied by a WABA that is active until then.
    due = report.at
    if "SCHEDULE_FOR_DISABLE" in states:
        due = max(due, _day(ban_date_in(report.value)) or due + clocks.REPORT_HOLDS_FOR)
    is_due = report.is_read_since("status", pause=due - report.at + clocks.GRAPH_FOLLOWS_WITHIN)
    return is_due and report.waba.status == ACTIVE


def _is_not_rejected(report: Report) -> bool:
    is_read = report.is_read_since("account_review_status")
    return is_read and report.waba.account_review_status not in {None, REJECTED}


def _is_connected_again(report: Report) -> bool:
    """Graph returned every number that it is about in service, on Cloud API, after the event.

    A flagged, limited or banned number is connected as well; what holds it back is said by its own state.
    """
    return bool(report.numbers) and all(
        _is_in_service_since(report, number) or _is_not_for_the_app(report, number) for number in report.numbers
    )


def _is_in_service_since(report: Report, number: PhoneNumber) -> bool:
    is_in_service = rules.is_registered(number) and number.status in rules.RESTRICTED | {rules.CONNECTED}
    return is_in_service and _returned_since(report, number, "status", "platform_type")


def _is_not_for_the_app(report: Report, number: PhoneNumber) -> bool:
    """It is registered nowhere and in no Business app, so that connecting it there is not what it needs.

    A whole WABA's event says nothing of a number that was never in the app or registered. One that may have been is
    believed to be out of the app only where Graph said so after the event.
    """
    if rules.reported_registered(number) is not False or number.is_on_biz_app:
        return False
    if report.fact.number_id is None and not rules.is_disconnected(number):
        return True
    fields = ("status", "platform_type", "is_on_biz_app")
    return number.is_on_biz_app is False and _returned_since(report, number, *fields)


def _returned_since(report: Report, number: PhoneNumber, *fields: str) -> bool:
    return min(_returned_at(number, field) for field in fields) > report.at


def _is_name_settled(report: Report) -> bool:
    """Graph shows the name in use, asked for anew, or another one in its place."""
    if len(report.numbers) != 1:
        return False
    [number] = report.numbers
    wanted = report.value.get("requested_verified_name")
    if number.verified_name == wanted and number.name_status in rules.NAME_ACCEPTED:
        return _returned_at(number, "name_status") > report.at
    if _returned_at(number, "new_name_status") > report.at and number.new_name_status in _NEW_REQUEST:
        return True
    is_another = number.new_display_name is not None and number.new_display_name != wanted
    return is_another and _returned_at(number, "new_display_name") > report.at


def _is_alert_settled(report: Report) -> bool:
    if report.fact.name != "alert:OBA_REJECTED" or len(report.numbers) != 1:
        return False
    [number] = report.numbers
    return bool(number.is_official_business_account) and number.synced_at > report.at


def _is_business_verified(report: Report) -> bool:
    is_read = report.is_read_since("business_verification_status")
    return is_read and report.waba.business_verification_status == "verified"


# Until when what was reported holds, as Graph tells it.
_ENDS: Mapping[str, Callable[[Report], bool]] = {
    "partner": _is_within_reach,
    "app": _is_within_reach,
    "deleted": _is_within_reach,
    "ban": _is_not_disabled,
    "review": _is_not_rejected,
    "restriction": _is_active_again,
    "violation": _is_active_again,
    "connection": _is_connected_again,
    "name_decision": _is_name_settled,
    "alert": _is_alert_settled,
    "certification": _is_business_verified,
}
# Kinds that Graph has an answer to: only that, or a later event, ends them, however long it takes.
_UNTIL_GRAPH_SAYS = frozenset(
    {"partner", "app", "deleted", "ban", "review", "connection", "name_decision", "certification"}
)


def _returned_at(number: PhoneNumber, field: str) -> datetime:
    return age.last_answer(number, field)[0]


def _moment(given: object) -> datetime | None:
    """Unix seconds as a time, None for what is none."""
    try:
        return datetime.fromtimestamp(int(str(given)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _day(text: str) -> datetime | None:
    """A date as Meta writes it ("April 17, 2025"), None for any other text."""
    try:
        return datetime.strptime(text, "%B %d, %Y").replace(tzinfo=UTC)
    except ValueError:
        return None
