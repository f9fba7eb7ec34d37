"""What a client fills in to ask for the one-time code and to type it: the desk's forms, in words for clients."""

from django import forms
from django.utils.translation import gettext_lazy as _

from phones.views.forms import CodeForm, CodeMethodForm


class AskForCodeForm(CodeMethodForm):
    code_method = forms.ChoiceField(
        choices=[("SMS", _("By SMS, to a mobile number")), ("VOICE", _("By a phone call, also to a landline"))],
        label=_("How shall Meta send it?"),
        widget=forms.RadioSelect,
        initial="SMS",
        help_text=_("With a call, a person must answer: a menu or an answering machine swallows the code."),
    )


class TypeCodeForm(CodeForm):
    code = forms.CharField(
        max_length=20,
        label=_("Your code"),
        help_text=_("Six digits. Hyphens and spaces do not matter."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
