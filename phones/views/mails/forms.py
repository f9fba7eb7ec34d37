"""What people want to be sent, and when. The form checks; what it saves is their own row."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.db import transaction

from clients import roles
from clients.models import User
from phones.alert_choices import AlertKind, DigestDays, MailScope
from phones.alerts import people
from phones.models import MailSettings
from phones.views import time_zones


class Clock(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class AlertsForm(forms.Form):
    """Which kinds of alert somebody gets, and when not."""

    alerts = forms.MultipleChoiceField(
        label="At once, when a number or WABA is",
        choices=[
            (AlertKind.BANNED, "banned or disabled by Meta"),
            (AlertKind.DISCONNECTED, "disconnected"),
            (AlertKind.BLOCKED, "blocked from sending (its health at Meta)"),
            (AlertKind.DEADLINE, "less than 24 hours from its deadline"),
            (AlertKind.TOKEN, "out of reach, because Meta refuses its token"),
        ],
        widget=forms.CheckboxSelectMultiple(),
        required=False,
    )
    time_zone = forms.ChoiceField(label="Time zone", required=False)
    quiet_from = forms.TimeField(label="Quiet from", widget=Clock(), required=False)
    quiet_until = forms.TimeField(
        label="Quiet until",
        widget=Clock(),
        required=False,
        help_text="What happens meanwhile comes at once when they end, if it is not over by then.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = ("", f"The desk’s own ({settings.TIME_ZONE})")
        cast("forms.ChoiceField", self.fields["time_zone"]).choices = [usual, *time_zones.by_continent()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if (begins is None) != (ends is None) and not {"quiet_from", "quiet_until"} & self.errors.keys():
            missing = "quiet_from" if begins is None else "quiet_until"
            self.add_error(missing, "Quiet hours have a beginning and an end: fill in both, or neither.")
        return cleaned


class MailSettingsForm(AlertsForm):
    approvals = forms.BooleanField(
        label="At once, when something waits for your agreement",
        required=False,
        help_text="And what became of what you asked for yourself.",
    )
    digest_days = forms.ChoiceField(label="Morning mail", choices=DigestDays.choices)
    digest_at = forms.TimeField(label="At", widget=Clock())
    scope = forms.ChoiceField(label="About", choices=MailScope.choices)
    field_order = ("time_zone", "digest_days", "digest_at", "alerts", "approvals")

    def __init__(self, data: Any = None, *, person: User, wants: MailSettings) -> None:
        self.person, self.wants = person, wants
        columns = ("digest_days", "digest_at", "alerts", "approvals", "quiet_from", "quiet_until")
        initial = {name: getattr(wants, name) for name in columns}
        initial |= {"time_zone": person.time_zone, "scope": people.scope_of(person, wants)}
        super().__init__(data, initial=initial)
        self.fields["time_zone"].help_text = "Times on all pages and in mails are given in it."
        if not roles.sees_everything(person):
            del self.fields["scope"]
        if not (settings.TWO_PERSON_APPROVAL and roles.may_change(person)):
            del self.fields["approvals"]

    @transaction.atomic
    def save(self) -> None:
        chosen = dict(self.cleaned_data)
        self.person.time_zone = chosen.pop("time_zone")
        self.person.save(update_fields=["time_zone"])
        MailSettings.objects.update_or_create(person=self.person, defaults=chosen)
