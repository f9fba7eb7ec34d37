"""What is filled in to make a link for a client, or to assign many clients. Checks; sends and writes nothing."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import F

from clients import roles
from clients.assigning import Keepers, Wanted
from clients.forms import DayField, people_for
from clients.models import Label, User
from phones.actions.options import LONGEST_NAME, SHORTEST_NAME
from phones.models import PreverifiedNumber
from phones.pool import reserve, words

LIFETIMES = [("7", "7 days"), ("30", "30 days"), ("90", "90 days")]


class StatusLinkForm(forms.Form):
    lifetime = forms.ChoiceField(choices=LIFETIMES, initial="30", label="Works for", required=False)

    def clean_lifetime(self) -> timedelta:
        return timedelta(days=int(self.cleaned_data["lifetime"] or "30"))


class PreverifiedField(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at run time
    """One of the numbers of our pool, shown with the day on which its verification lapses."""

    def label_from_instance(self, row: PreverifiedNumber) -> str:
        until = row.verification_expiry_time
        return f"{words.international(row.digits)}{f', verified until {until:%-d %b %Y}' if until else ''}"


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
    field_order = ("display_name", "preverified", "lifetime")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Those whose verification lapses last come first: the client may take some time.
        free = reserve.available().order_by(F("verification_expiry_time").desc(nulls_last=True), "pk")
        self.fields["preverified"].queryset = free  # type: ignore[attr-defined] # a ModelChoiceField


class AssignManyForm(forms.Form):
    """What is to be done to many clients. Who looks after them is for leads; labels are for whoever works on them."""

    KEEP, NOBODY = "", "-"

    owner = forms.ChoiceField(required=False)
    cover = forms.ChoiceField(required=False, label="Cover")
    cover_from = DayField(required=False, label="Cover from")
    cover_until = DayField(required=False, label="Until, that day too")
    add_label = forms.ModelChoiceField(
        Label.objects.all(), required=False, empty_label="None", label="Label to put on them"
    )
    remove_label = forms.ModelChoiceField(
        Label.objects.all(), required=False, empty_label="None", label="Label to take off"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not roles.sees_everything(user):
            for name in ("owner", "cover", "cover_from", "cover_until"):
                del self.fields[name]
            return
        self._people = {str(person.pk): person for person in people_for(None)}
        named = [(key, str(person)) for key, person in self._people.items()]
        for name in ("owner", "cover"):
            field = self.fields[name]
            field.choices = [(self.KEEP, "Leave as it is"), (self.NOBODY, "Nobody"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        first, last = cleaned.get("cover_from"), cleaned.get("cover_until")
        if (first or last) and cleaned.get("cover") in {self.KEEP, self.NOBODY}:
            self.add_error("cover", "Choose the person whose days these are.")
        if not any(cleaned.values()):
            raise forms.ValidationError("Choose what is to be changed.")
        return cleaned

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        owner, cover = given.get("owner", self.KEEP), given.get("cover", self.KEEP)
        sets = {"owner"} if owner != self.KEEP else set()
        if cover != self.KEEP:
            sets |= {"cover", "cover_from", "cover_until"}
        people = getattr(self, "_people", {})
        keepers = Keepers(people.get(owner), people.get(cover), given.get("cover_from"), given.get("cover_until"))
        return Wanted(frozenset(sets), keepers, given["add_label"], given["remove_label"])
