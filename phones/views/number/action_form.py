"""What the forms of all actions on a number have in common."""

from typing import Any

from django import forms

from phones.models import PhoneNumber
from phones.views.request import DeskRequest


class ActionForm(forms.Form):
    """The base of all: knows the number and who fills it in, and takes a team lead's reason to go beyond our limits."""

    override_reason = forms.CharField(
        required=False,
        max_length=300,
        label="Reason to go on all the same",
        help_text="For team leads. It is kept with your name.",
    )

    def __init__(
        self, *args: Any, number: PhoneNumber, request: DeskRequest, may_override: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        self.request = request
        reason = self.fields.pop("override_reason")
        if may_override:
            self.fields["override_reason"] = reason

    def details(self) -> dict[str, Any]:
        """What of the form is kept with the action and may be shown: no PIN, no code."""
        return {}
