"""What Graph says of a WABA beside its state, as its page shows it: each line with its age, and why one is missing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from clients.models import Waba
from phones.actions.credit_line import CreditStanding, standings_after
from phones.choices import ActionState, Source
from phones.models import Action, WabaDetails
from phones.numbers.words import WABA_DETAIL_LABELS, describe_waba
from phones.sync.write_waba_details import FACTS
from phones.views.detail_lines import DetailLine, DetailsSheet, failures_of

_PARTS = {
    "waba": "The account",
    "funding": "What pays for it",
    "people": "Who may work on it",
    "solutions": "Its Multi-Partner Solutions",
    "owner": "The portfolio that owns it",
}
_TWO_FACTOR = {"none": "Not required", "admin_required": "For admins", "all_required": "For everyone"}
_ONBOARDING = {
    "ELIGIBLE": "May be turned on",
    "INELIGIBLE": "Not possible",
    "ONBOARDED": "On",
}
_SHOWN = 5
PART_OF = {fact: part for part, facts in FACTS.items() for fact in facts.values()}


def details_of(waba: Waba, done: Sequence[Action]) -> DetailsSheet:
    """`done`: the latest actions on the WABA, the newest first, which tell how our line of credit stands with it."""
    row: WabaDetails | None = getattr(waba, "details", None)
    if row is None or not row.parts:
        return DetailsSheet([], [])
    credit = standings_after(reversed(done)).get(waba.pk, CreditStanding())
    shared = credit.share is not None and credit.share.state == ActionState.SUCCEEDED and not credit.is_in_doubt
    lines = [_line(row, fact, label, PART_OF[fact], shared=shared) for fact, label in WABA_DETAIL_LABELS.items()]
    return DetailsSheet(lines, failures_of(row.parts, _PARTS))


def newest_line(wabas: Iterable[Waba], fact: str) -> DetailLine | None:
    """What was read last of a fact that these WABAs share, as that of the portfolio that owns them."""
    rows: list[WabaDetails] = [
        waba.details for waba in wabas if hasattr(waba, "details") and fact in waba.details.facts
    ]
    if not rows:
        return None
    newest = max(rows, key=lambda row: datetime.fromisoformat(row.facts[fact]["at"]))
    return _line(newest, fact, WABA_DETAIL_LABELS[fact], PART_OF[fact], shared=False)


def _line(row: WabaDetails, fact: str, label: str, part: str, *, shared: bool) -> DetailLine:
    said = row.facts.get(fact)
    told: Mapping[str, Any] = row.parts.get(part, {})
    if said is None:
        return DetailLine(fact, label, "", why=_why_absent(fact, told))
    note = "The desk shared our credit line with it." if fact == "primary_funding_id" and shared else ""
    if fact in told.get("refused", ()):
        note = "Meta refused to say it again."
    source = str(Source(said["by"]).label)
    at = datetime.fromisoformat(said["at"])
    return DetailLine(fact, label, _in_words(fact, said["value"]), at, source, note=note)


def _why_absent(fact: str, told: Mapping[str, Any]) -> str:
    if fact in told.get("refused", ()):
        return "Meta refused to say: its version or our token does not have this field."
    if "at" in told:
        return ""
    return "It could not be read so far." if "failure" in told else "Meta was not asked for it yet."


def _in_words(fact: str, value: Any) -> str:
    words: dict[str, Callable[[Any], str]] = {
        "primary_funding_id": lambda value: f"A payment method, {value}" if value else "Nothing: no payment method",
        "assigned_users": _people,
        "solutions": lambda value: _named(value, nobody="In none"),
        "is_shared_with_partners": lambda value: "Yes" if value else "No",
        "on_behalf_of_business_info": lambda value: " · ".join(filter(None, (value.get("name"), value.get("status")))),
        "marketing_messages_onboarding_status": lambda value: _ONBOARDING.get(value, value),
        "owner_two_factor_type": lambda value: _TWO_FACTOR.get(value, value),
        "owner_verification_status": lambda value: str(describe_waba("business_verification_status", value).label),
        "owner_messaging_limit": lambda value: str(describe_waba("messaging_limit", value).label),
    }
    return words.get(fact, str)(value)


def _people(value: list[dict[str, Any]]) -> str:
    managers = sum("MANAGE" in one.get("tasks", ()) for one in value)
    return f"{_named(value, nobody='Nobody')} ({managers} may manage it)" if value else "Nobody"


def _named(value: list[dict[str, Any]], *, nobody: str) -> str:
    said = [" ".join(filter(None, (one.get("name") or one["id"], _status(one)))) for one in value]
    more = [f"{len(said) - _SHOWN} more"] if len(said) > _SHOWN else []
    return ", ".join([*said[:_SHOWN], *more]) or nobody


def _status(one: dict[str, Any]) -> str:
    return f"({one['status'].lower()})" if one.get("status") else ""
