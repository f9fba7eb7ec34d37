"""What people fill in to change a setting of a number. Each shows what Meta has and sends what differs from it."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from django import forms
from django.utils import timezone

from phones.actions.options import DATA_LOCALIZATION_REGIONS
from phones.actions.own_readings import known_setting
from phones.choices import ActionKind
from phones.numbers import automation, official
from phones.numbers import call_settings as calls
from phones.numbers.settings import KEPT_BY_DEFAULT, KEPT_IN_COUNTRY, SETTINGS, differing
from phones.views import time_zones
from phones.views.number.action_form import ActionForm

_ON_OR_OFF = [(calls.ON, "On"), (calls.OFF, "Off")]
_YES_OR_NO = [("True", "On"), ("False", "Off")]
NOTHING_DIFFERS = "Nothing differs from what Meta has: change something, or cancel."


def _is_true(value: str) -> bool:
    return value == "True"


def _keep_choice(field: forms.Field, value: str) -> None:
    """Let a word of Meta's that the desk does not know stay as it is."""
    choices = list(field.choices)  # type: ignore[attr-defined] # a ChoiceField
    if value not in dict(choices):
        field.choices = [*choices, (value, value)]  # type: ignore[attr-defined] # likewise


class SettingForm(ActionForm):
    """One setting. `before` is what the desk last read of it, `wanted` what the form asks for, in Meta's words."""

    kind: ClassVar[ActionKind]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = known_setting(getattr(self.number, "details", None), self.kind)
        self.before: Mapping[str, Any] = found.values if found is not None else SETTINGS[self.kind].by_default
        self.initial = {**self.initial, **self.shown()}

    def shown(self) -> dict[str, Any]:
        """What stands in the fields at first: `before`, as people read it."""
        return dict(self.before)

    def wanted(self) -> dict[str, Any]:
        """What is asked for. Called once every field is right by itself."""
        return {name: self.cleaned_data[name] for name in self.before}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not differing(self.before, self.wanted(), now=timezone.now()):
            raise forms.ValidationError(NOTHING_DIFFERS)
        return cleaned

    def details(self) -> dict[str, Any]:
        changes = differing(self.before, self.wanted(), now=timezone.now())
        return {"changes": changes, "before": {name: self.before.get(name) for name in changes}}


class CallsForm(SettingForm):
    """How the number takes calls. Meta replaces call hours as a whole, so all of them are sent where one differs."""

    kind = ActionKind.CALLS

    status = forms.ChoiceField(choices=_ON_OR_OFF, label="Calls")
    call_icon_visibility = forms.ChoiceField(
        choices=[(calls.SHOWN, "Shown"), (calls.HIDDEN, "Hidden: people are called, and call by a link only")],
        label="Call button",
    )
    callback_permission_status = forms.ChoiceField(
        choices=_ON_OR_OFF,
        label="Ask callers whether they may be called back",
    )
    hours_status = forms.ChoiceField(
        choices=[(calls.OFF, "At any time"), (calls.ON, "Within the hours below")], label="Calls are taken"
    )
    timezone_id = forms.ChoiceField(
        required=False,
        label="Time zone of the hours",
        help_text="Hours are written like 09:00-12:00, 13:30-18:00: two times a day at most. Empty: no calls that day.",
    )
    holidays = forms.CharField(
        required=False,
        max_length=2000,
        label="Days with other hours",
        widget=forms.Textarea({"rows": 3, "placeholder": "2026-12-24 09:00-12:00"}),
        help_text="A line for each day, in place of its weekly hours; 20 at most, and none that is over.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {name for _, group in time_zones.by_continent() for name, _ in group} | {""}
        zone = str(self.before["call_hours"].get("timezone_id", ""))
        others = [] if zone in offered else [(zone, zone)]
        self.fields["timezone_id"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", "Choose one"),
            *others,
            *time_zones.by_continent(),
        ]
        for name in ("status", "call_icon_visibility", "callback_permission_status"):
            _keep_choice(self.fields[name], str(self.before[name]))
        holidays = self.fields.pop("holidays")
        for day, label in calls.DAYS.items():
            self.fields[day.lower()] = forms.CharField(required=False, max_length=60, label=label)
        self.fields["holidays"] = holidays

    def shown(self) -> dict[str, Any]:
        hours = self.before["call_hours"]
        days = {day.lower(): calls.spans_in_words(calls.spans_of_day(hours, day)) for day in calls.DAYS}
        return {
            **self.before,
            **days,
            "hours_status": hours.get("status", calls.OFF),
            "timezone_id": hours.get("timezone_id", ""),
            "holidays": calls.holidays_in_words(calls.holidays_to_come(hours, now=timezone.now())),
        }

    def clean(self) -> dict[str, Any]:
        self._read_hours(self.cleaned_data)
        return super().clean()

    def _read_hours(self, cleaned: dict[str, Any]) -> None:
        """Put what people wrote into Meta's words, and say at each field what is wrong with it."""
        week = []
        for day in calls.DAYS:
            try:
                week += [calls.day_entry(day, span) for span in calls.spans_in(cleaned.get(day.lower(), ""))]
            except ValueError as problem:
                self.add_error(day.lower(), str(problem))
        zone, holidays = cleaned.get("timezone_id", ""), []
        try:
            today = calls.today_in(zone, timezone.now())
            holidays = calls.holidays_in(cleaned.get("holidays", ""), today=today)
        except ValueError as problem:
            self.add_error("holidays", str(problem))
        status = cleaned.get("hours_status", calls.OFF)
        if status == calls.ON and not zone:
            self.add_error("timezone_id", "Hours need a time zone.")
        if status == calls.ON and not week and not self.errors:
            self.add_error("monday", "Write at least one time, or take calls at any time.")
        # Meta takes hours as a whole or not at all, also those that are off.
        is_whole = bool(zone and week)
        cleaned["call_hours"] = calls.hours(status, zone, week, holidays) if is_whole else {"status": status}


class StorageForm(SettingForm):
    kind = ActionKind.STORAGE

    data_localization_region = forms.ChoiceField(
        choices=[("", "Where Meta keeps it by default"), *DATA_LOCALIZATION_REGIONS],
        required=False,
        label="Keep messages at rest in",
    )

    def wanted(self) -> dict[str, Any]:
        region = self.cleaned_data["data_localization_region"]
        return {"status": KEPT_IN_COUNTRY if region else KEPT_BY_DEFAULT, "data_localization_region": region}

    def details(self) -> dict[str, Any]:
        """All of it: the region is sent, whichever part differs."""
        return {"changes": self.wanted(), "before": dict(self.before)}


class IdentityCheckForm(SettingForm):
    kind = ActionKind.IDENTITY_CHECK

    enable_identity_key_check = forms.TypedChoiceField(choices=_YES_OR_NO, coerce=_is_true, label="Identity check")


class AutomationForm(SettingForm):
    """What WhatsApp offers people who open the chat. All of it is sent, as Meta may take what is left out for none."""

    kind = ActionKind.AUTOMATION

    prompts = forms.CharField(
        required=False,
        max_length=1000,
        label="Ice breakers",
        widget=forms.Textarea({"rows": 4, "placeholder": "What are your opening hours?"}),
        help_text="A line each, 4 at most, of up to 80 characters; without emojis. People tap one to begin.",
    )
    commands = forms.CharField(
        required=False,
        max_length=12_000,
        label="Commands",
        widget=forms.Textarea({"rows": 6, "placeholder": "menu: Shows what there is today"}),
        help_text="A line each, 30 at most: its name, a colon, what it does. People see them when they type a slash.",
    )
    enable_welcome_message = forms.TypedChoiceField(
        choices=_YES_OR_NO,
        coerce=_is_true,
        label="Welcome message",
        help_text="On: the client’s software is told when somebody opens the chat for the first time, and greets them. "
        "Meta says that it does not work as intended.",
    )

    def shown(self) -> dict[str, Any]:
        return {
            "enable_welcome_message": self.before["enable_welcome_message"],
            "prompts": "\n".join(self.before["prompts"]),
            "commands": automation.commands_in_words(self.before["commands"]),
        }

    def clean_prompts(self) -> list[str]:
        return _understood(automation.prompts_in, self.cleaned_data["prompts"])

    def clean_commands(self) -> list[dict[str, str]]:
        return _understood(automation.commands_in, self.cleaned_data["commands"])

    def details(self) -> dict[str, Any]:
        return {"changes": self.wanted(), "before": dict(self.before)}


class OfficialAccountForm(SettingForm):
    """What Meta wants to know of a business that asks for an official account."""

    kind = ActionKind.OFFICIAL_ACCOUNT

    business_website_url = forms.URLField(max_length=256, assume_scheme="https", label="Website of the business")
    primary_country_of_operation = forms.CharField(
        max_length=100, label="Country that it mainly works in", help_text="In English, like United States of America."
    )
    primary_language = forms.CharField(
        required=False, max_length=60, label="Main language", help_text="In English, like Spanish."
    )
    parent_business_or_brand = forms.CharField(required=False, max_length=200, label="Business or brand it belongs to")
    supporting_links = forms.CharField(
        required=False,
        max_length=3000,
        widget=forms.Textarea({"rows": 5}),
        help_text="Articles of well-known publications about the business, a line each: five, or none.",
    )
    additional_supporting_information = forms.CharField(
        required=False,
        max_length=official.LONGEST_TEXT,
        widget=forms.Textarea({"rows": 3}),
        label="What else speaks for it",
    )

    def shown(self) -> dict[str, Any]:
        return {}

    def clean_supporting_links(self) -> list[str]:
        return _understood(official.links_in, self.cleaned_data["supporting_links"])

    def clean(self) -> dict[str, Any]:
        """A request is new each time: it is compared with nothing."""
        if why_not := official.why_not_asked(self.before["oba_status"]):
            raise forms.ValidationError(why_not)
        return self.cleaned_data

    def details(self) -> dict[str, Any]:
        names = [name for name in self.declared_fields if name in self.cleaned_data]
        application = {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}
        return {"application": application, "before": dict(self.before)}


Understood = TypeVar("Understood")


def _understood(read: Callable[[str], Understood], text: str) -> Understood:
    """What `read` makes of a text, and what is wrong with it as an error of its field."""
    try:
        return read(text)
    except ValueError as problem:
        raise forms.ValidationError(str(problem)) from None
