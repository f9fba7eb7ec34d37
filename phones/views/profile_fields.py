"""The fields of a business profile as people fill them in, for one number or for many. Checks and cleans."""

from typing import Any

from django import forms

from phones.numbers.profile import LONGEST, NO_VERTICAL, TEXTS, VERTICALS
from phones.numbers.words import PROFILE_LABELS


class LinesField(forms.CharField):
    """A text of one line or more. Browsers end lines another way than Meta, and take the ends out of an <input>."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        """The text with the ends of lines that Meta has: what nobody changed is the same, and as long."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class ProfileFields(forms.Form):
    about = LinesField(
        required=False,
        max_length=LONGEST["about"],
        widget=forms.Textarea({"rows": 2}),
        help_text="One line below the name, 139 characters. Once there is one it can be changed and not taken away.",
    )
    description = LinesField(required=False, max_length=LONGEST["description"], widget=forms.Textarea({"rows": 4}))
    vertical = forms.ChoiceField(required=False, label=PROFILE_LABELS["vertical"])
    address = LinesField(required=False, max_length=LONGEST["address"], widget=forms.Textarea({"rows": 2}))
    email = forms.EmailField(required=False, max_length=LONGEST["email"], label=PROFILE_LABELS["email"])
    website = forms.URLField(required=False, max_length=LONGEST["websites"], assume_scheme="https")
    second_website = forms.URLField(required=False, max_length=LONGEST["websites"], assume_scheme="https")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_verticals()

    def offer_verticals(self, kept: str = "") -> None:
        """The categories to choose from, none of them first. One that the desk has no word for stays as it is."""
        none = kept if kept == NO_VERTICAL else ""
        others = {name: label for name, label in VERTICALS.items() if name != NO_VERTICAL}
        if kept != none:
            others.setdefault(kept, kept)
        choices = [(none, VERTICALS[NO_VERTICAL]), *others.items()]
        self.fields["vertical"].choices = choices  # type: ignore[attr-defined] # a ChoiceField

    def profile(self) -> dict[str, str | list[str]]:
        """What was filled in, by Graph's field name."""
        cleaned = self.cleaned_data
        websites = [each for each in (cleaned["website"], cleaned["second_website"]) if each]
        return {**{name: cleaned[name] for name in TEXTS}, "websites": websites}
