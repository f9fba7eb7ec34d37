"""What people fill in before a bulk run starts. Checks and cleans; sends and writes nothing."""

import json
from typing import Any, cast

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.crypto import salted_hmac

from clients.models import Label
from phones.actions.options import DATA_LOCALIZATION_REGIONS
from phones.bulk import words
from phones.bulk.words import counted
from phones.bulk_choices import BulkKind, ItemState
from phones.models import BulkItem, BulkRun
from phones.numbers.words import PROFILE_LABELS
from phones.views.forms import CodeMethodForm
from phones.views.profile_fields import ProfileFields
from portal.folding import digits_of
from portal.web.unknown_rows import RowChoiceField


class StartForm(forms.Form):
    """For what can't be taken back the person types how many it will be: proof that they mean so many."""

    typed_count = forms.CharField(
        max_length=10,
        label="Type how many that is",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, run: BulkRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        typed = self.fields.pop("typed_count")
        if BulkKind(run.kind) in words.TYPED:
            typed.help_text = f"It is {counted(BulkKind(run.kind), run.total)}."
            self.fields["typed_count"] = typed

    def clean_typed_count(self) -> str:
        typed = digits_of(self.cleaned_data["typed_count"])
        if typed != str(self.run.total):
            raise forms.ValidationError(f"That is not {self.run.total}: nothing was started.")
        return typed

    def details(self) -> dict[str, Any]:
        """What of the form is kept with the run and may be shown."""
        return {}


class StartRequestCodeForm(CodeMethodForm, StartForm):
    """How the clients get their codes."""


class StartRegisterForm(StartForm):
    data_localization_region = forms.ChoiceField(
        choices=[("", "Not pinned to a country"), *DATA_LOCALIZATION_REGIONS],
        required=False,
        label="Keep data at rest in",
        help_text="For all of them. To change it later a number has to be deregistered.",
    )

    def details(self) -> dict[str, str]:
        region = self.cleaned_data["data_localization_region"]
        return {"data_localization_region": region} if region else {}


class StartProfileForm(ProfileFields, StartForm):
    """What of a profile is set on all of the numbers. Sent first, it shows what changes; sent so again, it starts."""

    which = forms.MultipleChoiceField(
        choices=list(PROFILE_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
        label="What to set on all of them",
        help_text="The rest stays as each number has it. What is ticked and left empty is taken away.",
        error_messages={"required": "Tick what is to be set."},
    )
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    field_order = ("which",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.data.get("shown"):
            del self.fields["typed_count"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        which = cleaned.get("which", [])
        if "about" in which and "about" in cleaned and not cleaned["about"]:
            self.add_error("about", "Meta does not let it be taken away: write one, or do not tick it.")
        if which and not self.errors:
            left = [name for name, value in self.profile().items() if value and name not in which]
            for name in left:
                self.add_error(_FIELD_OF.get(name, name), "It is filled in and not ticked: tick it, or empty it.")
        return cleaned

    def is_shown_first(self) -> bool:
        """Whether this has to be looked at, beside what the numbers have, before it may start."""
        return bool(self.cleaned_data["shown"] != self._digest())

    def once_shown(self) -> "StartProfileForm":
        """The form with the same in it, that starts when it is sent as it is."""
        data = cast("QueryDict", self.data).copy()
        data["shown"] = self._digest()
        form = StartProfileForm(data, run=self.run)
        form.full_clean()
        # Nobody was asked for it yet.
        form.errors.pop("typed_count", None)
        return form

    def details(self) -> dict[str, Any]:
        profile = self.profile()
        return {"changes": {name: profile[name] for name in PROFILE_LABELS if name in self.cleaned_data["which"]}}

    def _digest(self) -> str:
        return salted_hmac("phones.bulk.profiles", json.dumps([self.run.pk, self.details()])).hexdigest()


class StartLabelForm(StartForm):
    label = RowChoiceField(Label.objects.all(), label="Label", empty_label="Choose one")

    def details(self) -> dict[str, str]:
        return {"label": str(self.cleaned_data["label"].pk)}


class StartLinksForm(StartForm):
    send = forms.ChoiceField(label="How the clients get them", required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, run: BulkRun, **kwargs: Any) -> None:
        super().__init__(*args, run=run, **kwargs)
        waiting = BulkItem.objects.filter(run=run, state=ItemState.WAITING)
        mailed = waiting.exclude(reason=words.NO_CONTACT).count() if settings.SENDS_MAIL else 0
        by_hand = ("", "I send them: the results have each address, for mail, WhatsApp and as a QR code")
        by_mail = (words.BY_MAIL, f"By mail to the clients’ contacts: {mailed:,} of {run.total:,}. I send the others")
        field = cast("forms.ChoiceField", self.fields["send"])
        field.choices = [by_mail, by_hand] if mailed else [by_hand]
        field.initial = words.BY_MAIL if mailed else ""
        if mailed:
            answers = run.requested_by.email or settings.DEFAULT_FROM_EMAIL
            field.help_text = f"In each client’s language, once. Answers go to {answers}."
        elif not settings.SENDS_MAIL:
            field.help_text = "The desk has no mail server (EMAIL_URL), so it mails none."
        else:
            field.help_text = "None of the clients has a mail contact; it stands on the client’s page."

    def details(self) -> dict[str, str]:
        return {"send": self.cleaned_data["send"]} if self.cleaned_data["send"] else {}


# Where the name of a field is not Graph's.
_FIELD_OF = {"websites": "website"}
_FORMS: dict[str, type[StartForm]] = {
    BulkKind.REQUEST_CODE: StartRequestCodeForm,
    BulkKind.REGISTER: StartRegisterForm,
    BulkKind.PROFILE: StartProfileForm,
    BulkKind.LABEL: StartLabelForm,
    BulkKind.CODE_LINK: StartLinksForm,
    BulkKind.SIGNUP_LINK: StartLinksForm,
}


def start_form(run: BulkRun, data: Any = None) -> StartForm:
    return _FORMS.get(run.kind, StartForm)(data, run=run)
