"""The form of a new webhook. It checks; the service writes."""

from typing import Any

from django import forms
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from clients.models import User
from phones.choices import ChangeKind
from portal import outgoing
from portal.web.query import ListQuery, UnusableQueryError

SHORTEST_SECRET = 16
_NOT_CHOSEN = {ChangeKind.ADDED.value: "First seen (all numbers of a first sync, too)"}


class WebhookForm(forms.Form):
    """A webhook. Its address and secret are stored encrypted and never shown again."""

    name = forms.CharField(max_length=100, label="Name", help_text="The program that it posts to.")
    address = forms.CharField(
        max_length=2_000,
        label="Address",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="https:// and a host on the public internet. It is not shown again.",
    )
    secret = forms.CharField(
        max_length=200,
        min_length=SHORTEST_SECRET,
        label="Signing secret",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=f"{SHORTEST_SECRET} characters or more, which the program knows too.",
    )
    kinds = forms.MultipleChoiceField(
        choices=[(value, _NOT_CHOSEN.get(value, label)) for value, label in ChangeKind.choices],
        initial=[kind.value for kind in ChangeKind if kind != ChangeKind.ADDED],
        widget=forms.CheckboxSelectMultiple,
        label="What it gets",
    )
    numbers = forms.CharField(
        max_length=2_000,
        required=False,
        label="Of which numbers",
        help_text="The address of a list of numbers, with its filters: /phones/?client=7. Empty: all, and WABAs.",
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    @sensitive_variables()
    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        try:
            allowed = {"private_too": settings.CHANNELS_MAY_BE_PRIVATE, "hosts": settings.CHANNEL_HOSTS}
            self.host = outgoing.check_address(address, **allowed)
        except outgoing.NotPostedError as error:
            raise forms.ValidationError(str(error)) from None
        return address

    def clean_numbers(self) -> ListQuery | None:
        typed = str(self.cleaned_data["numbers"]).strip()
        if not typed:
            return None
        try:
            return ListQuery.of_address("numbers", typed, self.actor)
        except UnusableQueryError as error:
            raise forms.ValidationError(str(error)) from None

    @sensitive_variables()
    def wanted(self) -> dict[str, Any]:
        """What the service is given."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in ("name", "address", "secret", "kinds")},
            "host": self.host,
            "query": given["numbers"],
        }
