"""What a manager fills in on a client's page: for a link, a language, a WABA. Checks and cleans; writes nothing."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.db.models import F

from clients.connect import WHERE_THE_ID_IS
from clients.credentials import LONGEST_TOKEN
from clients.forms import LanguageForm
from clients.models import Client
from phones.actions.options import LONGEST_NAME, SHORTEST_NAME
from phones.models import PreverifiedNumber
from phones.pool import reserve, words
from portal.web.templatetags.desk import day
from portal.web.unknown_rows import RowChoiceField

# So many numbers of the pool are there to choose from.
MOST_OFFERED = 100
LIFETIMES = [("7", "7 days"), ("30", "30 days"), ("90", "90 days")]


class ConnectForm(LanguageForm):
    """A WABA and its token, and the language of the client, which whoever connects it may know."""

    waba_id = forms.RegexField(
        r"^[0-9]+$",
        max_length=32,
        label="WABA id",
        help_text=WHERE_THE_ID_IS,
        error_messages={"invalid": "A WABA’s id is made of digits."},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    token = forms.CharField(
        max_length=LONGEST_TOKEN,
        label="Its token",
        help_text="The client’s business token, or a system user’s that may manage this WABA. Stored encrypted.",
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
    field_order = ("waba_id", "token", "language")

    def __init__(self, data: Any = None, *, client: Client) -> None:
        super().__init__(data, initial={"language": client.language})
        self.fields["language"].label = "Language of the client"


class StatusLinkForm(LanguageForm):
    lifetime = forms.ChoiceField(choices=LIFETIMES, initial="30", label="Works for", required=False)

    def clean_lifetime(self) -> timedelta:
        return timedelta(days=int(self.cleaned_data["lifetime"] or "30"))


class PreverifiedField(RowChoiceField):
    """One of the numbers of our pool, shown with the day on which its verification lapses."""

    def label_from_instance(self, row: PreverifiedNumber) -> str:
        until = row.verification_expiry_time
        return f"{words.international(row.digits)}{f', verified until {day(until)}' if until else ''}"


class SignupLinkForm(StatusLinkForm):
    """What is filled in for the client: the display name that they want, and a number of our pool if they need one."""

    display_name = forms.CharField(
        required=False,
        min_length=SHORTEST_NAME,
        max_length=LONGEST_NAME,
        label="Display name",
        help_text="Filled in for the client, who may change it. Leave it empty if you don’t know it.",
    )
    preverified = PreverifiedField(
        PreverifiedNumber.objects.none(),
        required=False,
        label="Pre-verified number",
        empty_label="None: the client brings one",
        help_text="Offered in Meta’s window, needs no code, and is kept for this link while it works.",
        error_messages={"invalid_choice": "That number is taken, or no longer verified: choose another one."},
    )
    field_order = ("display_name", "preverified", "language", "lifetime")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Those whose verification lapses last come first: the client may take some time.
        free = reserve.available().order_by(F("verification_expiry_time").desc(nulls_last=True), "pk")
        field = cast("PreverifiedField", self.fields["preverified"])
        field.queryset = free
        if not self.is_bound:
            _offer(field, list(free[: MOST_OFFERED + 1]))


def _offer(field: PreverifiedField, free: list[PreverifiedNumber]) -> None:
    """Show the first of these to choose from, and say so where there are more."""
    named = [(row.pk, field.label_from_instance(row)) for row in free[:MOST_OFFERED]]
    field.choices = [("", field.empty_label), *named]
    if len(free) > MOST_OFFERED:
        field.help_text = f"{field.help_text} Of more than {MOST_OFFERED} the ones that stay verified longest."
