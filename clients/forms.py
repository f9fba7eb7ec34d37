"""Forms about clients that the desk's pages and the admin share. They check; the services write."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet

from clients import roles
from clients.assigning import Keepers, Wanted
from clients.choices import Role
from clients.models import Client, Label, User
from clients.models.clients import AS_THE_BROWSER_ASKS
from portal.web.unknown_rows import RowChoiceField

ADDRESSES_ARE_KNOWN = "Whoever has the address of a signup, code or status link can open it."
WHAT_IS_USUAL = f"Usually kept, and revoked where who had the client has left the desk. {ADDRESSES_ARE_KNOWN}"


def people_for(client: Client | None) -> QuerySet[User]:
    """Who may be chosen to look after `client`: active people with a role, and who does so now."""
    may = Q(is_active=True) & (Q(is_superuser=True) | Q(groups__name__in=Role.values))
    if client is not None:
        may |= Q(pk__in=[client.owner_id, client.cover_id])
    return User.objects.filter(may, is_service=False).distinct().order_by("username")


class LanguageForm(forms.Form):
    language = forms.ChoiceField(
        choices=[("", AS_THE_BROWSER_ASKS), *settings.LANGUAGES], required=False, label="Language"
    )


class NewClientForm(LanguageForm):
    name = forms.CharField(
        label="Name",
        max_length=512,
        help_text="As your people know it. The client sees it on the signup page.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    field_order = ("name", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].help_text = "Of its links and of the messages with them."


class ContactForm(forms.Form):
    """Where links for a client are mailed to."""

    contact_email = forms.EmailField(
        required=False,
        max_length=254,
        label="Mail contact",
        help_text="Links that are made for many clients at once can be mailed there. Empty: nothing is mailed.",
        widget=forms.EmailInput({"autocomplete": "off"}),
    )


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OpenLinksField(forms.ChoiceField):
    """What becomes of a client's open links when somebody loses the client; its value is None where nobody chose."""

    def __init__(self, *, is_asked: bool = False, **options: Any) -> None:
        """`is_asked`: one of the two is chosen beforehand; else the field may be left as usual."""
        choices = [("keep", "Keep them open"), ("revoke", "Revoke them")]
        choices = choices if is_asked else [("", "As usual"), *choices]
        help_text = ADDRESSES_ARE_KNOWN if is_asked else WHAT_IS_USUAL
        given = {"label": "Open links", "required": False, "help_text": help_text, "choices": choices}
        super().__init__(**{**given, **options})

    def clean(self, value: Any) -> bool | None:
        return {"keep": False, "revoke": True}.get(super().clean(value))


class AssignForm(forms.Form):
    """Who looks after `client`, and who stands in and when; either may be nobody."""

    owner = RowChoiceField(User.objects.none(), required=False, empty_label="Nobody", label="Account manager")
    cover = RowChoiceField(
        User.objects.none(), required=False, empty_label="Nobody", label="Cover, while the account manager is away"
    )
    cover_from = DayField(required=False, label="Cover from")
    cover_until = DayField(required=False, label="Until, that day too")
    links = OpenLinksField()

    def __init__(self, data: Any = None, *, client: Client, people: Iterable[User] | None = None) -> None:
        """`people` are those to choose from besides who looks after the client now, where they are at hand already."""
        days = {"cover_from": client.cover_from, "cover_until": client.cover_until}
        super().__init__(data, initial={"owner": client.owner_id, "cover": client.cover_id, **days})
        for name in ("owner", "cover"):
            cast("forms.ModelChoiceField[User]", self.fields[name]).queryset = people_for(client)
        if people is not None:
            now = [person for person in (client.owner, client.cover) if person is not None]
            known = sorted({person.pk: person for person in (*now, *people)}.values(), key=lambda one: one.username)
            choices = [("", "Nobody"), *((person.pk, str(person)) for person in known)]
            for name in ("owner", "cover"):
                cast("forms.ModelChoiceField[User]", self.fields[name]).choices = choices

    def keepers(self) -> Keepers:
        return Keepers(**{name: value for name, value in self.cleaned_data.items() if name != "links"})


class AssignManyForm(forms.Form):
    """What is to be done to many clients. Who looks after them is for leads; the rest is for whoever works on them."""

    KEEP, NOBODY = "", "-"

    owner = forms.ChoiceField(required=False, label="Account manager")
    cover = forms.ChoiceField(required=False, label="Cover")
    cover_from = DayField(required=False, label="Cover from")
    cover_until = DayField(required=False, label="Until, that day too")
    links = OpenLinksField()
    language = forms.ChoiceField(
        choices=[(KEEP, "Leave as it is"), (NOBODY, AS_THE_BROWSER_ASKS), *settings.LANGUAGES],
        required=False,
        label="Language of new links and messages",
    )
    add_label = RowChoiceField(Label.objects.all(), required=False, empty_label="None", label="Label to put on them")
    remove_label = RowChoiceField(Label.objects.all(), required=False, empty_label="None", label="Label to take off")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not roles.may_assign(user):
            for name in ("owner", "cover", "cover_from", "cover_until", "links"):
                del self.fields[name]
            return
        self._people = {str(person.pk): person for person in people_for(None)}
        named = [(key, str(person)) for key, person in self._people.items()]
        for name in ("owner", "cover"):
            choices = [(self.KEEP, "Leave as it is"), (self.NOBODY, "Nobody"), *named]
            cast("forms.ChoiceField", self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        first, last = cleaned.get("cover_from"), cleaned.get("cover_until")
        if (first or last) and cleaned.get("cover") in {self.KEEP, self.NOBODY}:
            self.add_error("cover", "Choose the person whose days these are.")
        if not any(value for name, value in cleaned.items() if name != "links"):
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
        language = {self.KEEP: None, self.NOBODY: ""}.get(given["language"], given["language"])
        labels = (given["add_label"], given["remove_label"])
        return Wanted(frozenset(sets), keepers, *labels, language, given.get("links"))
