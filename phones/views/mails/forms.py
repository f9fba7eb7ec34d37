"""What people want to be sent, and the channels of teams. The forms check; what they save is their own row."""

import zoneinfo
from functools import cache
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from clients import roles
from clients.forms import people_for
from clients.models import User
from phones.alert_choices import AlertKind, ChannelKind, DigestDays, MailScope
from phones.alerts import people
from phones.models import Channel, MailSettings
from portal import outgoing

SHORTEST_SECRET = 16


class _Clock(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class MailSettingsForm(forms.Form):
    time_zone = forms.ChoiceField(
        label="Time zone", required=False, help_text="Times on all pages and in mails are given in it."
    )
    digest_days = forms.ChoiceField(label="Morning mail", choices=DigestDays.choices)
    digest_at = forms.TimeField(label="At", widget=_Clock())
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
    quiet_from = forms.TimeField(label="Quiet from", widget=_Clock(), required=False)
    quiet_until = forms.TimeField(
        label="Quiet until",
        widget=_Clock(),
        required=False,
        help_text="What happens meanwhile comes in one mail when they end, if it is not over by then.",
    )
    scope = forms.ChoiceField(label="About", choices=MailScope.choices)

    def __init__(self, data: Any = None, *, person: User, wants: MailSettings) -> None:
        self.person, self.wants = person, wants
        columns = ("digest_days", "digest_at", "alerts", "quiet_from", "quiet_until")
        initial = {name: getattr(wants, name) for name in columns}
        initial |= {"time_zone": person.time_zone, "scope": people.scope_of(person, wants)}
        super().__init__(data, initial=initial)
        usual = ("", f"The desk’s own ({settings.TIME_ZONE})")
        cast("forms.ChoiceField", self.fields["time_zone"]).choices = [usual, *_zones()]
        if not roles.sees_everything(person):
            del self.fields["scope"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if (begins is None) != (ends is None) and not {"quiet_from", "quiet_until"} & self.errors.keys():
            missing = "quiet_from" if begins is None else "quiet_until"
            self.add_error(missing, "Quiet hours have a beginning and an end: fill in both, or neither.")
        return cleaned

    @transaction.atomic
    def save(self) -> None:
        chosen = dict(self.cleaned_data)
        self.person.time_zone = chosen.pop("time_zone")
        self.person.save(update_fields=["time_zone"])
        MailSettings.objects.update_or_create(person=self.person, defaults=chosen)


@cache
def _zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """The time zones by continent, as the system knows them."""
    groups: dict[str, list[tuple[str, str]]] = {"UTC": [("UTC", "UTC")]}
    for name in sorted(zoneinfo.available_timezones()):
        continent, is_place, place = name.partition("/")
        if is_place and continent not in {"Etc", "SystemV", "US", "posix", "right"}:
            groups.setdefault(continent, []).append((name, place.replace("_", " ")))
    return list(groups.items())


class ChannelForm(forms.Form):
    """A new channel. Its address and secret are stored encrypted, and never shown again."""

    name = forms.CharField(label="Name", max_length=100, help_text="The team, or the room that it posts to.")
    kind = forms.ChoiceField(label="Kind", choices=ChannelKind.choices)
    address = forms.CharField(
        label="Address",
        max_length=2_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="https:// and a host on the public internet. Who has it can post, so it is not shown again.",
    )
    secret = forms.CharField(
        label="Signing secret",
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=f"For a signed webhook: {SHORTEST_SECRET} characters or more, which the receiver knows too.",
    )
    members = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label="About the clients of",
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text="Those whom they own or cover. Nobody chosen: all clients.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        cast("forms.ModelMultipleChoiceField[User]", self.fields["members"]).queryset = people_for(None)

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if Channel.objects.filter(name=name).exists():
            raise forms.ValidationError("There is a channel of that name already.")
        return name

    @sensitive_variables()
    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        try:
            outgoing.check_address(address, private_too=settings.CHANNELS_MAY_BE_PRIVATE)
        except outgoing.NotPostedError as error:
            raise forms.ValidationError(str(error)) from None
        return address

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_signed = cleaned.get("kind") == ChannelKind.WEBHOOK
        if is_signed and "secret" not in self.errors and len(cleaned.get("secret", "")) < SHORTEST_SECRET:
            self.add_error("secret", f"A signed webhook needs a secret of {SHORTEST_SECRET} characters or more.")
        return cleaned

    @sensitive_variables()
    @transaction.atomic
    def save(self) -> Channel:
        chosen = self.cleaned_data
        host = outgoing.check_address(chosen["address"], private_too=settings.CHANNELS_MAY_BE_PRIVATE)
        channel = Channel(name=chosen["name"], kind=chosen["kind"], host=host)
        channel.store(address=chosen["address"], secret=chosen["secret"])
        channel.save()
        channel.members.set(chosen["members"])
        return channel
