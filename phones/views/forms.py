"""Forms that several pages are made of: codes, a phone number, its last digits, a callback. Send nothing."""

from typing import Any

import phonenumbers
from django import forms
from django.utils.translation import gettext_lazy as _

from phones.actions.options import CODE_LANGUAGES
from phones.actions.six_digits import LONGEST_PASTED, six_digits_in
from phones.numbers.callbacks import problem_with
from portal.folding import digits_of, fold


class CodeMethodForm(forms.Form):
    code_method = forms.ChoiceField(
        choices=[("SMS", "SMS"), ("VOICE", "Call")],
        label="Send the code by",
        widget=forms.RadioSelect,
        initial="SMS",
        help_text="A landline can’t take an SMS. With a call, somebody must answer: a menu swallows the code.",
    )
    language = forms.ChoiceField(choices=CODE_LANGUAGES, initial="en_US", label=_("Language of the message"))

    def details(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("code_method", "language")}


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=LONGEST_PASTED,
        label="Code",
        help_text="Six digits. The hyphen of the message does not matter.",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )

    def clean_code(self) -> str:
        code = six_digits_in(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(_("The code is six digits, such as 123-830."))
        return code


class LastDigitsForm(forms.Form):
    """Proof that the person means this number."""

    last_digits = forms.CharField(
        max_length=10,
        label="Type its last four digits",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def all_digits(self) -> str:
        """What the typed digits are compared with the end of."""
        raise NotImplementedError

    def clean_last_digits(self) -> str:
        typed = digits_of(self.cleaned_data["last_digits"])
        if typed != self.all_digits()[-4:]:
            raise forms.ValidationError("These are not the last four digits of this number.")
        return typed


class PhoneNumberForm(forms.Form):
    phone_number = forms.CharField(
        max_length=40, label="Phone number", help_text="With the country code, such as +34 912 34 56 78."
    )

    def clean_phone_number(self) -> phonenumbers.PhoneNumber:
        typed = fold(self.cleaned_data["phone_number"])
        if typed.startswith("00"):
            typed = f"+{typed[2:]}"
        if not typed.startswith("+"):
            raise forms.ValidationError("Start with the country code, such as +34 for Spain.")
        try:
            number = phonenumbers.parse(typed)
        except phonenumbers.NumberParseException:
            raise forms.ValidationError("This is not a phone number with a country code.") from None
        if not phonenumbers.is_possible_number(number):
            raise forms.ValidationError("This number has too few or too many digits for its country.")
        return number


class CallbackForm(forms.Form):
    """Where messages are to be sent. `before` is where they go now, empty: nowhere by a callback of its own."""

    callback_url = forms.CharField(
        required=False,
        max_length=1000,
        label="Callback",
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://…", "autocomplete": "off"}),
        help_text="Empty: no callback of its own.",
    )
    verify_token = forms.CharField(
        required=False,
        max_length=1024,
        label="Verify token",
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text="The receiver’s own. Meta asks the address for its consent with it; the desk does not keep it.",
    )

    before: str

    def clean_callback_url(self) -> str:
        address = str(self.cleaned_data["callback_url"])
        if address and (problem := problem_with(address)):
            raise forms.ValidationError(problem)
        if address == self.before and not address:
            raise forms.ValidationError("There is no callback to take away.")
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("callback_url") and not cleaned.get("verify_token") and "verify_token" not in self.errors:
            self.add_error("verify_token", "Meta wants the receiver’s verify token.")
        return cleaned
