"""What people fill in before something is done to the pre-verified pool. Checks and cleans; sends, writes nothing."""

import re
from typing import Any

from django import forms
from phonenumbers import PhoneNumberFormat, format_number

from phones.choices import ActionKind
from phones.models import PreverifiedNumber
from phones.numbers.search import digits_of
from phones.views.forms import CodeForm, CodeMethodForm, LastDigitsForm, PhoneNumberForm
from portal.folding import fold

_BUSINESS_ID = re.compile(r"[0-9]{5,32}")


class PoolForm(forms.Form):
    """The base of all: knows the number."""

    def __init__(self, *args: Any, number: PreverifiedNumber, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number

    def details(self) -> dict[str, str]:
        """What of the form is kept with the action and may be shown: no code."""
        return {}


class RequestCodeForm(CodeMethodForm, PoolForm):
    """How the code comes."""


class VerifyCodeForm(CodeForm, PoolForm):
    """The code that the number received."""


class ShareForm(PoolForm):
    business_id = forms.CharField(
        max_length=40,
        label="Business portfolio id of the partner",
        help_text="Digits; the partner finds it in Meta’s business settings.",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_business_id(self) -> str:
        typed = fold(self.cleaned_data["business_id"])
        typed = digits_of(typed) if typed.isdecimal() else typed
        if not _BUSINESS_ID.fullmatch(typed):
            raise forms.ValidationError("The id of a business portfolio is made of digits, some 15 of them.")
        return typed

    def details(self) -> dict[str, str]:
        return {"business_id": self.cleaned_data["business_id"]}


class UnshareForm(ShareForm):
    business_id = forms.ChoiceField(label="Partner")  # type: ignore[assignment] # one of those that are known

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(share.business_id, f"{share} ({share.business_id})") for share in self.number.shares.all()]
        self.fields["business_id"].choices = choices  # type: ignore[attr-defined] # a ChoiceField


class DeleteForm(LastDigitsForm, PoolForm):
    def all_digits(self) -> str:
        """Those of the number; of one whose number Meta did not tell, of its id."""
        return self.number.digits or self.number.preverified_id


class AddToPoolForm(PhoneNumberForm):
    """A number of ours for the pool: the client brings the name."""

    def digits(self) -> str:
        return digits_of(format_number(self.cleaned_data["phone_number"], PhoneNumberFormat.E164))


FORMS: dict[ActionKind, type[PoolForm]] = {
    ActionKind.REQUEST_CODE: RequestCodeForm,
    ActionKind.VERIFY_CODE: VerifyCodeForm,
    ActionKind.SHARE: ShareForm,
    ActionKind.UNSHARE: UnshareForm,
    ActionKind.DELETE: DeleteForm,
}
