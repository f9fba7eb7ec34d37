"""What people fill in before a bulk run starts. Checks and cleans; sends and writes nothing."""

from typing import Any, cast

from django import forms
from django.conf import settings

from clients.models import Label
from phones.actions.options import DATA_LOCALIZATION_REGIONS
from phones.bulk import words
from phones.bulk.words import counted
from phones.bulk_choices import BulkKind, ItemState
from phones.models import BulkItem, BulkRun
from phones.views.forms import CodeMethodForm
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

    def details(self) -> dict[str, str]:
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


_FORMS: dict[str, type[StartForm]] = {
    BulkKind.REQUEST_CODE: StartRequestCodeForm,
    BulkKind.REGISTER: StartRegisterForm,
    BulkKind.LABEL: StartLabelForm,
    BulkKind.CODE_LINK: StartLinksForm,
    BulkKind.SIGNUP_LINK: StartLinksForm,
}


def start_form(run: BulkRun, data: Any = None) -> StartForm:
    return _FORMS.get(run.kind, StartForm)(data, run=run)
