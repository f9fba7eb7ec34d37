"""What a client fills in to ask for the one-time code and to type it.

Checks and cleans; sends and writes nothing.
"""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from phones.actions.options import CODE_LANGUAGES

_CODE = re.compile(r"[0-9]{6}")


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
