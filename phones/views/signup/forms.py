"""What is filled in around a client's links: by the manager who makes one, by the client who asks for a code.

Checks and cleans; sends and writes nothing.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from phones.choices import CODE_LANGUAGES
from phones.models import PreverifiedNumber
from phones.pool import reserve as reserving
from phones.pool import words
from phones.views.number.forms import LONGEST_NAME, SHORTEST_NAME

LIFETIMES = [("7", "7 days"), ("30", "30 days"), ("90", "90 days")]
_CODE = re.compile(r"[0-9]{6}")


class StatusLinkForm(forms.Form):
    """How long the link works."""

    lifetime = forms.ChoiceField(choices=LIFETIMES, initial="30", label="Works for", required=False)

    def clean_lifetime(self) -> timedelta:
        """A length of time; the usual one when none was chosen."""
        return timedelta(days=int(self.cleaned_data["lifetime"] or "30"))


class PreverifiedField(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at run time
    """One of the numbers of our pool, shown with the day on which its verification lapses."""

    def label_from_instance(self, row: PreverifiedNumber) -> str:
        """The number and the day."""
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
        free = reserving.available().order_by(F("verification_expiry_time").desc(nulls_last=True), "pk")
        self.fields["preverified"].queryset = free  # type: ignore[attr-defined] # a ModelChoiceField


class AskForCodeForm(forms.Form):
    """How the client wants to get the code."""

    code_method = forms.ChoiceField(
        choices=[("SMS", _("By SMS, to a mobile number")), ("VOICE", _("By a phone call, also to a landline"))],
        label=_("How shall Meta send it?"),
        widget=forms.RadioSelect,
        initial="SMS",
        help_text=_("With a call, a person must answer: a menu or an answering machine swallows the code."),
    )
    language = forms.ChoiceField(choices=CODE_LANGUAGES, initial="en_US", label=_("Language of the message"))


class TypeCodeForm(forms.Form):
    """The code that the client received."""

    code = forms.CharField(
        max_length=20,
        label=_("Your code"),
        help_text=_("Six digits. Hyphens and spaces do not matter."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        """Six digits, whatever stands between them."""
        code = re.sub(r"[\s\-\u2010-\u2015]", "", self.cleaned_data["code"])
        if not _CODE.fullmatch(code):
            raise forms.ValidationError(_("The code is six digits, such as 123-830."))
        return code
