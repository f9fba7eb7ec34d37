"""Forms about clients that the desk's pages and the admin share. They check; the services write."""

from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet

from clients.assigning import Keepers
from clients.choices import Role
from clients.models import Client, User


def people_for(client: Client | None) -> QuerySet[User]:
    """Who may be chosen to look after `client`: active people with a role, and who does so now."""
    may = Q(is_active=True) & (Q(is_superuser=True) | Q(groups__name__in=Role.values))
    if client is not None:
        may |= Q(pk__in=[client.owner_id, client.cover_id])
    return User.objects.filter(may).distinct().order_by("username")


class NewClientForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=512,
        help_text="As your people know it. The client sees it on the signup page.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AssignForm(forms.Form):
    """Who looks after `client`, and who stands in and when; either may be nobody."""

    owner = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Nobody")
    cover = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="Nobody", label="Cover, while the owner is away"
    )
    cover_from = DayField(required=False, label="Cover from")
    cover_until = DayField(required=False, label="Until, that day too")

    def __init__(self, data: Any = None, *, client: Client) -> None:
        days = {"cover_from": client.cover_from, "cover_until": client.cover_until}
        super().__init__(data, initial={"owner": client.owner_id, "cover": client.cover_id, **days})
        for name in ("owner", "cover"):
            cast("forms.ModelChoiceField[User]", self.fields[name]).queryset = people_for(client)

    def keepers(self) -> Keepers:
        return Keepers(**self.cleaned_data)
