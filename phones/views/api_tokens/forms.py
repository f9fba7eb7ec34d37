"""What is filled in for a token of the HTTP API, and for a service."""

from typing import Any, cast

from django import forms

from clients import api_tokens, roles
from clients.choices import Act, Role, TokenScope
from clients.models import Client, User
from portal.web.unknown_rows import RowChoiceField, RowsChoiceField

# More are named one by one in no form: a token for that many is one for all.
MOST_CLIENTS = 1_000


class TokenForm(forms.Form):
    """A token for oneself; administrators make those of services too."""

    name = forms.CharField(max_length=100, label="What uses it", help_text="For example the program and its machine.")
    person = RowChoiceField(
        User.objects.none(),
        required=False,
        label="Whose it is",
        empty_label="Mine",
        help_text="What it does is done in their name.",
    )
    scope = forms.ChoiceField(
        label="It may", choices=TokenScope.choices, initial=TokenScope.READ, widget=forms.RadioSelect
    )
    days = forms.IntegerField(
        min_value=1, max_value=api_tokens.LONGEST_DAYS, initial=90, label="Works for so many days"
    )
    clients = RowsChoiceField(
        Client.objects.none(),
        required=False,
        label="Only these clients",
        help_text="None chosen: all that its person or service sees.",
        widget=forms.SelectMultiple(attrs={"size": "6"}),
    )
    requests_a_minute = forms.IntegerField(
        min_value=1, max_value=100_000, required=False, label="Requests a minute", help_text="Empty: as many as usual."
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Client.objects.visible_to(actor).order_by("folded_name")[:MOST_CLIENTS]
        chosen = Client.objects.filter(pk__in=visible.values("pk")).order_by("folded_name")
        cast("forms.ModelMultipleChoiceField[Client]", self.fields["clients"]).queryset = chosen
        if roles.may(actor, Act.ADMINISTER):
            cast("forms.ModelChoiceField[User]", self.fields["person"]).queryset = api_tokens.services()
        else:
            del self.fields["person"]
        if not roles.may_change(actor):
            given = [(TokenScope.READ.value, TokenScope.READ.label)]
            cast("forms.ChoiceField", self.fields["scope"]).choices = given

    def wanted(self) -> dict[str, Any]:
        """What the service is given, but for whose it is."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "scope": TokenScope(given["scope"]),
            "days": given["days"],
            "clients": list(given["clients"]),
            "requests_a_minute": given["requests_a_minute"] or 0,
        }


class ServiceForm(forms.Form):
    username = forms.CharField(max_length=150, label="Name", help_text="Letters, digits and @ . + - _ only.")
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, str(role.label)) for role in Role],
        initial=Role.AUDITOR.value,
        help_text="What its tokens may see and do at most.",
    )
