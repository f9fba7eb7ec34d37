"""The form of a team's channel, new or there already. It checks; the service writes."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from clients.forms import people_for
from clients.models import User
from phones.alert_choices import ChannelKind, ChannelScope
from phones.models import Channel
from phones.views.mails.forms import AlertsForm
from portal import outgoing
from portal.web.unknown_rows import RowsChoiceField

SHORTEST_SECRET = 16
_COLUMNS = ("name", "scope", "alerts", "time_zone", "quiet_from", "quiet_until")


class ChannelForm(AlertsForm):
    """A channel. Its address and secret are stored encrypted and never shown again; left empty, they stay."""

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
    scope = forms.ChoiceField(label="About", choices=ChannelScope.choices, widget=forms.RadioSelect())
    members = RowsChoiceField(
        User.objects.none(),
        label="People",
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text="About the clients that they own or cover today.",
    )
    field_order = ("name", "kind", "address", "secret", "scope", "members", "alerts")

    def __init__(self, data: Any = None, *, channel: Channel) -> None:
        self.channel = channel
        is_new = channel.pk is None
        initial = {name: getattr(channel, name) for name in _COLUMNS}
        super().__init__(data, initial=initial if is_new else initial | {"members": list(channel.members.all())})
        self.fields["time_zone"].help_text = "In which its quiet hours are."
        members = cast("forms.ModelMultipleChoiceField[User]", self.fields["members"])
        members.queryset = people_for(None)
        if is_new:
            return
        # Who has left since is shown, so that the form takes nobody away unseen.
        now = Q(pk__in=channel.members.values("pk"))
        members.queryset = User.objects.filter(Q(pk__in=people_for(None).values("pk")) | now).order_by("username")
        del self.fields["kind"]
        self.fields["address"].required = False
        for name in ("address", "secret"):
            self.fields[name].label = f"New {self.fields[name].label}".lower().capitalize()
            self.fields[name].help_text = "Left empty, the stored one stays."
        if channel.kind == ChannelKind.SLACK:
            del self.fields["secret"]

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if Channel.objects.filter(name=name).exclude(pk=self.channel.pk).exists():
            raise forms.ValidationError("There is a channel of that name already.")
        return name

    @sensitive_variables()
    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        if not address:
            return ""
        try:
            allowed = {"private_too": settings.CHANNELS_MAY_BE_PRIVATE, "hosts": settings.CHANNEL_HOSTS}
            self.host = outgoing.check_address(address, **allowed)
        except outgoing.NotPostedError as error:
            raise forms.ValidationError(str(error)) from None
        return address

    def clean_alerts(self) -> list[str]:
        alerts: list[str] = self.cleaned_data["alerts"]
        if not alerts:
            raise forms.ValidationError("Choose at least one. A channel that is to get none can be switched off.")
        return alerts

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        secret = cleaned.get("secret", "")
        is_signed = cleaned.get("kind", self.channel.kind) == ChannelKind.WEBHOOK
        is_given = bool(secret) or self.channel.pk is None
        if is_signed and is_given and "secret" not in self.errors and len(secret) < SHORTEST_SECRET:
            self.add_error("secret", f"A signed webhook needs a secret of {SHORTEST_SECRET} characters or more.")
        scope, has_members = cleaned.get("scope"), bool(cleaned.get("members"))
        if scope == ChannelScope.PEOPLE and not has_members and "members" not in self.errors:
            self.add_error("members", "Choose whose clients it is about, or “All clients” above.")
        if scope == ChannelScope.ALL and has_members:
            self.add_error("scope", "All clients, or those of the people that are ticked below: not both.")
        return cleaned

    @sensitive_variables()
    def columns(self) -> dict[str, Any]:
        """What the service is given: of an address, its host too."""
        host = {"host": self.host} if self.cleaned_data["address"] else {}
        return {**self.cleaned_data, **host}
