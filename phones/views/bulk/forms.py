"""What people fill in before a bulk run starts. Checks and cleans; sends and writes nothing."""

from typing import Any

from django import forms

from clients.models import Label
from phones.actions.options import DATA_LOCALIZATION_REGIONS
from phones.bulk.words import CHANGES_META, counted
from phones.bulk_choices import BulkKind
from phones.models import BulkRun
from phones.views.forms import CodeMethodForm
from portal.folding import digits_of


class StartForm(forms.Form):
    """For what changes something at Meta the person types how many it will be: proof that they mean so many."""

    typed_count = forms.CharField(
        max_length=10,
        label="Type how many that is",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, run: BulkRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        typed = self.fields.pop("typed_count")
        if BulkKind(run.kind) in CHANGES_META:
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
    label = forms.ModelChoiceField(Label.objects.all(), label="Label", empty_label="Choose one")

    def details(self) -> dict[str, str]:
        return {"label": str(self.cleaned_data["label"].pk)}


_FORMS: dict[str, type[StartForm]] = {
    BulkKind.REQUEST_CODE: StartRequestCodeForm,
    BulkKind.REGISTER: StartRegisterForm,
    BulkKind.LABEL: StartLabelForm,
}


def start_form(run: BulkRun, data: Any = None) -> StartForm:
    return _FORMS.get(run.kind, StartForm)(data, run=run)
