"""What people fill in before something is done to the pre-verified pool. Checks and cleans; sends, writes nothing."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from phonenumbers import PhoneNumberFormat, format_number

from phones.choices import PoolActionKind
from phones.models import PreverifiedNumber
from phones.numbers.search import digits_of
from phones.views.number.forms import AddNumberForm
from phones.views.signup.forms import AskForCodeForm, TypeCodeForm

_BUSINESS_ID = re.compile(r"[0-9]{5,32}")


class PoolForm(forms.Form):
    """The base of all: knows the number."""

    def __init__(self, *args: Any, number: PreverifiedNumber, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number

    def details(self) -> dict[str, str]:
        """What of the form is kept with the action and may be shown: no code."""
        return {}


class RequestCodeForm(PoolForm, AskForCodeForm):
    """How the code comes."""

    code_method = forms.ChoiceField(
        choices=[("SMS", "SMS"), ("VOICE", "Call")],
        label="Send the code by",
        widget=forms.RadioSelect,
        initial="SMS",
        help_text="A landline can’t take an SMS. With a call, somebody must answer: a menu swallows the code.",
    )

    def details(self) -> dict[str, str]:
        """The method and the language."""
        return {name: self.cleaned_data[name] for name in ("code_method", "language")}


class VerifyCodeForm(PoolForm, TypeCodeForm):
    """The code that the number received."""

    code = forms.CharField(
        max_length=20,
        label="Code",
        help_text="Six digits. The hyphen of the message does not matter.",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class ShareForm(PoolForm):
    """The business that may offer the number too."""

    business_id = forms.CharField(
        max_length=40,
        label="Business portfolio id of the partner",
        help_text="Digits; the partner finds it in Meta’s business settings.",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_business_id(self) -> str:
        """Digits."""
        typed: str = self.cleaned_data["business_id"].strip()
        if not _BUSINESS_ID.fullmatch(typed):
            raise forms.ValidationError("The id of a business portfolio is made of digits, some 15 of them.")
        return typed

    def details(self) -> dict[str, str]:
        """The business."""
        return {"business_id": self.cleaned_data["business_id"]}


class UnshareForm(PoolForm):
    """The business that shall no longer offer the number."""

    business_id = forms.ChoiceField(label="Partner")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(share.business_id, f"{share} ({share.business_id})") for share in self.number.shares.all()]
        self.fields["business_id"].choices = choices  # type: ignore[attr-defined] # a ChoiceField

    def details(self) -> dict[str, str]:
        """The business."""
        return {"business_id": self.cleaned_data["business_id"]}


class DeleteForm(PoolForm):
    """Proof that the person means this number."""

    last_digits = forms.CharField(
        max_length=10,
        label="Type its last four digits",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_last_digits(self) -> str:
        """The last four digits of the number; of one whose number Meta did not tell, of its id."""
        typed: str = self.cleaned_data["last_digits"].strip()
        if typed != (self.number.digits or self.number.preverified_id)[-4:]:
            raise forms.ValidationError("These are not the last four digits of this number.")
        return typed


class AddToPoolForm(AddNumberForm):
    """A number of ours for the pool."""

    verified_name = None  # type: ignore[assignment] # a field of the base that is not wanted: the client brings a name

    def digits(self) -> str:
        """The number with its calling code."""
        return digits_of(format_number(self.cleaned_data["phone_number"], PhoneNumberFormat.E164))


FORMS: dict[PoolActionKind, type[PoolForm]] = {
    PoolActionKind.REQUEST_CODE: RequestCodeForm,
    PoolActionKind.VERIFY_CODE: VerifyCodeForm,
    PoolActionKind.SHARE: ShareForm,
    PoolActionKind.UNSHARE: UnshareForm,
    PoolActionKind.DELETE: DeleteForm,
}
