"""What people fill in before an action on a number. Checks and cleans; sends and writes nothing."""

from typing import Any

from django import forms
from django.conf import settings

from phones.actions import pins
from phones.actions.options import DATA_LOCALIZATION_REGIONS, LONGEST_NAME, SHORTEST_NAME
from phones.actions.six_digits import LONGEST_PASTED
from phones.choices import ActionKind
from phones.models import BusinessProfile
from phones.numbers.callbacks import own_callback
from phones.numbers.picture import MOST_BYTES, NotUsableError, Picture, checked
from phones.numbers.profile import changes
from phones.numbers.username import is_same, problem_with
from phones.sync.profile import values_of
from phones.views.forms import CallbackForm, CodeForm, CodeMethodForm, LastDigitsForm, PhoneNumberForm
from phones.views.number.action_form import ActionForm
from phones.views.number.details import known_username
from phones.views.number.settings_forms import (
    AutomationForm,
    CallsForm,
    IdentityCheckForm,
    OfficialAccountForm,
    StorageForm,
)
from phones.views.profile_fields import ProfileFields


class RequestCodeForm(CodeMethodForm, ActionForm):
    """How the client gets the code."""


class VerifyCodeForm(CodeForm, ActionForm):
    """The code that the client received."""


class PinForm(ActionForm):
    source = forms.ChoiceField(
        choices=[("generate", "Make one up (recommended)"), ("typed", "Type one")],
        widget=forms.RadioSelect,
        initial="generate",
        label="PIN",
    )
    pin = forms.CharField(
        required=False,
        max_length=LONGEST_PASTED,
        label="Six digits",
        widget=forms.PasswordInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """A typed PIN is six digits; one that is not asked for is dropped."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("source") != "typed":
            cleaned["pin"] = ""
            return cleaned
        try:
            cleaned["pin"] = pins.checked(cleaned.get("pin", ""))
        except pins.PinNotUsableError as error:
            self.add_error("pin", str(error))
        return cleaned


class RegisterForm(PinForm):
    """A PIN, and where Meta keeps the number's data. `pin_is_unknown`: it has a PIN that the desk does not know."""

    data_localization_region = forms.ChoiceField(
        choices=[("", "Not pinned to a country"), *DATA_LOCALIZATION_REGIONS],
        required=False,
        label="Keep data at rest in",
        help_text="To change it later the number has to be deregistered.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = pins.known(self.number) is not None
        self.pin_is_unknown = bool(self.number.is_pin_enabled) and not kept
        choices = [("kept", "Use the one that the desk keeps")] if kept else []
        if not self.number.is_pin_enabled:
            choices.append(("generate", "Make one up (recommended)"))
        choices.append(("typed", "Type the PIN" if self.number.is_pin_enabled else "Type one"))
        field = self.fields["source"]
        field.choices = choices  # type: ignore[attr-defined] # a ChoiceField
        field.initial = choices[0][0]

    def details(self) -> dict[str, str]:
        region = self.cleaned_data["data_localization_region"]
        return {"data_localization_region": region} if region else {}


class DeregisterForm(LastDigitsForm, ActionForm):
    """Proof that the person means this number. Who they are is asked before the form is shown."""

    def all_digits(self) -> str:
        return self.number.digits


class DisplayNameForm(ActionForm):
    new_display_name = forms.CharField(
        min_length=SHORTEST_NAME,
        max_length=LONGEST_NAME,
        label="New display name",
        help_text="2 to 75 characters, related to the business. Test names are declined.",
        error_messages={"min_length": "A display name has at least two characters."},
    )

    def details(self) -> dict[str, str]:
        return {"new_display_name": self.cleaned_data["new_display_name"]}


class ProfileForm(ProfileFields, ActionForm):
    """What WhatsApp shows of the business. Meta is sent what differs from `before`, as the desk last read it."""

    picture = forms.FileField(
        required=False,
        label="New picture",
        widget=forms.FileInput({"accept": "image/png,image/jpeg"}),
        help_text="PNG or JPEG, square, best 640 × 640 pixels, 4 MB at most. Meta has no way to take one away.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.META_APP_ID:
            self.fields["picture"].disabled = True
            self.fields["picture"].help_text = "Meta takes pictures for an app, and the desk has no META_APP_ID."
        kept = getattr(self.number, "profile", None) or BusinessProfile()
        self.before = values_of(kept)
        self.had_picture = kept.has_picture
        self.offer_verticals(kept.vertical)
        websites = [*kept.websites, "", ""]
        self.initial = {**self.initial, **self.before, "website": websites[0], "second_website": websites[1]}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "about" in cleaned and not cleaned["about"] and self.before["about"]:
            self.add_error("about", "Meta does not let it be taken away: write another one.")
        if not self.errors and not self._changes() and cleaned["picture"] is None:
            raise forms.ValidationError("Nothing differs from what Meta has: change something, or cancel.")
        return cleaned

    def clean_picture(self) -> Picture | None:
        file = self.cleaned_data["picture"]
        if not file:
            return None
        try:
            # One byte more than may be is enough to refuse it.
            return checked(file.read(MOST_BYTES + 1))
        except NotUsableError as error:
            raise forms.ValidationError(str(error)) from None

    def details(self) -> dict[str, Any]:
        changed, picture = self._changes(), self.cleaned_data["picture"]
        details = {"changes": changed, "before": {name: self.before[name] for name in changed}}
        if picture is None:
            return details
        return {**details, "picture": picture.in_words, "had_picture": self.had_picture}

    def _changes(self) -> dict[str, str | list[str]]:
        return changes(self.before, self.profile())


class UsernameForm(ActionForm):
    """A username, in place of the one that the desk last read."""

    username = forms.CharField(
        max_length=64, label="Username", help_text="3 to 35 letters, digits, periods, underscores."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = known_username(self.number)
        self.before = kept.username
        self.initial = {**self.initial, "username": kept.username}
        if kept.suggestions:
            self.fields["username"].help_text += f" Meta suggests: {', '.join(kept.suggestions)}."

    def clean_username(self) -> str:
        """The username without the @ that people write before it."""
        username = str(self.cleaned_data["username"]).strip().removeprefix("@")
        if problem := problem_with(username):
            raise forms.ValidationError(problem)
        if self.before and is_same(username, self.before):
            raise forms.ValidationError("The number has this username already.")
        return username

    def details(self) -> dict[str, Any]:
        return {"username": self.cleaned_data["username"], "before": self.before}


class DropUsernameForm(ActionForm):
    def details(self) -> dict[str, Any]:
        return {"before": known_username(self.number).username}


class NumberCallbackForm(CallbackForm, ActionForm):
    """Where Meta sends this number's messages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = own_callback(self.number.webhook_configuration)
        self.initial = {**self.initial, "callback_url": self.before}

    def details(self) -> dict[str, Any]:
        return {"callback_url": self.cleaned_data["callback_url"], "before": self.before}


class AddNumberForm(PhoneNumberForm):
    verified_name = forms.CharField(min_length=SHORTEST_NAME, max_length=LONGEST_NAME, label="Display name")


# What takes something away that may not come back.
DANGEROUS = frozenset({ActionKind.DEREGISTER, ActionKind.DROP_USERNAME})
FORMS: dict[ActionKind, type[ActionForm]] = {
    ActionKind.REQUEST_CODE: RequestCodeForm,
    ActionKind.VERIFY_CODE: VerifyCodeForm,
    ActionKind.REGISTER: RegisterForm,
    ActionKind.DEREGISTER: DeregisterForm,
    ActionKind.SET_PIN: PinForm,
    ActionKind.DISPLAY_NAME: DisplayNameForm,
    ActionKind.PROFILE: ProfileForm,
    ActionKind.USERNAME: UsernameForm,
    ActionKind.DROP_USERNAME: DropUsernameForm,
    ActionKind.CALLS: CallsForm,
    ActionKind.STORAGE: StorageForm,
    ActionKind.IDENTITY_CHECK: IdentityCheckForm,
    ActionKind.AUTOMATION: AutomationForm,
    ActionKind.OFFICIAL_ACCOUNT: OfficialAccountForm,
    ActionKind.NUMBER_CALLBACK: NumberCallbackForm,
}
