"""The facts of a number or a WABA as a page shows them: label, value in words, age and source of each.

No rules about what a number needs next, and no rows are written.
"""

from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from clients.models import Waba
from phones.choices import STATUSES, WABA_STATUSES, Source, Status
from phones.events.callback import expected_address
from phones.models import PhoneNumber
from phones.numbers import time_zones
from phones.numbers.age import last_answer, last_answer_of_waba
from phones.numbers.words import LABELS, WABA_LABELS, describe_of, describe_registration, describe_waba, yes_or_no

_GROUPS = {
    "Identity": (
        "display_phone_number",
        "account_mode",
        "is_official_business_account",
        "is_on_biz_app",
        "is_preverified_number",
    ),
    "Name": ("verified_name", "name_status", "new_display_name", "new_name_status"),
    "Quality and limits": ("quality_rating", "messaging_limit", "throughput"),
}
_REGISTRATION = ("status", "platform_type", "is_pin_enabled", "last_onboarded_time")
_ONLY_AFTER_A_REQUEST = "Meta returns this only where a change of name was asked for."
_WHY_ABSENT = {"new_display_name": _ONLY_AFTER_A_REQUEST, "new_name_status": _ONLY_AFTER_A_REQUEST}
_NOTED = {"code_verification_status", "messaging_limit", "throughput"}
# From the narrowest to the widest: the narrowest that is set gets the events.
_CALLBACK_LEVELS = {"phone_number": "This number", "whatsapp_business_account": "Its WABA", "application": "Our app"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One value. Shown by its `status` (words with a tone), by its `text`, by its `moment`, or as "not returned".

    `raw` is what Graph sent; `odd` is what it sent where something else was due; `at` and `source` say how old the
    value is and where it came from; `is_older`: the latest reading of all left it out, which a list that gives one age
    for all has to say; `note` is a sentence below the value.
    """

    label: str
    field: str
    raw: str
    at: datetime | None
    source: str
    status: Status | None = None
    text: str = ""
    moment: datetime | None = None
    is_returned: bool = True
    why_absent: str = ""
    odd: str = ""
    note: str = ""
    is_older: bool = False


@dataclass(frozen=True, slots=True)
class Callback:
    """The callback set at one level, if any. The narrowest is `in_effect`; `is_ours`: it is the expected one."""

    level: str
    field: str
    url: str
    in_effect: bool
    is_ours: bool

    @property
    def meaning(self) -> str:
        """What is sent there, and whether it is this desk, in sentences."""
        whose = "This desk." if self.is_ours else "Not this desk."
        narrowest = "The number’s messages go to it: it is the narrowest that is set."
        messages = narrowest if self.in_effect else "The number’s messages go to a narrower one."
        events = ["Events about its state go to it in any case."] if self.field == "application" else []
        return " ".join([whose, messages, *events])


def groups_of(number: PhoneNumber) -> dict[str, list[Fact]]:
    """The facts of `number` by group. Registration, the one-time code and the webhook have functions of their own."""
    return {title: [fact_of(number, field) for field in fields] for title, fields in _GROUPS.items()}


def registration_of(number: PhoneNumber) -> list[Fact]:
    """Whether `number` is registered and whether it may send, and what that is read from."""
    facts = [fact_of(number, field) for field in _REGISTRATION]
    # Both answers are as old as the older of what they rest on.
    at, source = min(last_answer(number, "status"), last_answer(number, "platform_type"), key=itemgetter(0))
    raw = f"status {number.status or 'not returned'}, platform_type {number.platform_type or 'not returned'}"
    answers = [
        Fact(label, "status", raw, at, str(source.label), status=words, note=words.meaning)
        for label, words in [
            ("Registration", describe_registration(number)),
            (LABELS["may_send"], describe_of(number, "may_send")),
        ]
    ]
    return [*answers, *facts]


def fact_of(number: PhoneNumber, field: str) -> Fact:
    value = getattr(number, field)
    at, source = last_answer(number, field)
    status = describe_of(number, field) if value is not None and field in STATUSES else None
    return Fact(
        label=LABELS[field],
        field=field,
        raw=str(value),
        at=at,
        source=str(source.label),
        status=status,
        text=_text(field, value),
        moment=value if isinstance(value, datetime) else None,
        is_returned=value is not None,
        why_absent=_WHY_ABSENT.get(field, ""),
        odd=str(number.odd_values.get(field, "")),
        note=status.meaning if status and field in _NOTED else "",
    )


def callbacks_of(number: PhoneNumber) -> list[Callback]:
    """The three levels at which a callback may be set, and any other level that Graph names. Empty: none returned."""
    returned = number.webhook_configuration
    if not isinstance(returned, dict) or not returned:
        return []
    levels = {**_CALLBACK_LEVELS, **{str(name): str(name) for name in returned if name not in _CALLBACK_LEVELS}}
    in_effect = next((name for name in _CALLBACK_LEVELS if returned.get(name)), "")
    urls = {name: str(returned.get(name) or "") for name in levels}
    ours = expected_address()
    return [Callback(label, name, urls[name], name == in_effect, urls[name] == ours) for name, label in levels.items()]


def facts_of_waba(waba: Waba) -> list[Fact]:
    facts = []
    for field, label in WABA_LABELS.items():
        value = getattr(waba, field)
        returned = value not in (None, "")
        facts.append(
            Fact(
                label=label,
                field=field,
                raw=str(value),
                at=last_answer_of_waba(waba, field),
                is_older=field in waba.provenance,
                source=str(Source.SYNC.label),
                status=describe_waba(field, value) if returned and field in WABA_STATUSES else None,
                text=_text(field, value),
                moment=value if isinstance(value, datetime) else None,
                is_returned=returned,
            )
        )
    return facts


def _text(field: str, value: object) -> str:
    if isinstance(value, bool):
        return yes_or_no(field, yes=value)
    if field == "timezone_id" and value:
        return time_zones.name_of(str(value))
    return "" if value is None else str(value)
