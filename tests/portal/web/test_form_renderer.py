"""Selects say what Django's own say."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from portal.web.form_renderer import FormRenderer

PEOPLE = [("", "Nobody"), (1, "Ann <b>"), (2, 'Bo "the" & Co'), (1_000, "Zoë")]


class Choosing(forms.Form):
    one = forms.ChoiceField(choices=PEOPLE, required=False)
    several = forms.MultipleChoiceField(choices=PEOPLE, widget=forms.SelectMultiple(attrs={"size": 4}))
    grouped = forms.ChoiceField(choices=[("Team <A>", PEOPLE[1:3]), ("", "None"), ("Team B", PEOPLE[3:])])
    odd = forms.ChoiceField(choices=PEOPLE, widget=forms.Select(attrs={"data-a": '"', "hidden": True, "x": False}))
    none = forms.ChoiceField(choices=[])
    written = forms.CharField()


@pytest.mark.parametrize("data", [None, {"one": "1000", "several": ["1", "2"], "grouped": "2", "odd": "<"}], ids=repr)
def test_every_widget_is_written_as_django_writes_it(data: dict[str, object] | None) -> None:
    ours = Choosing(data, initial={"one": 2}, renderer=FormRenderer())
    djangos = Choosing(data, initial={"one": 2}, renderer=DjangoTemplates())

    for name in ours.fields:
        assert str(ours[name]) == re.sub(r">\s+<", "><", str(djangos[name])), name


def test_an_option_with_a_template_of_its_own_keeps_it() -> None:
    class Own(forms.Select):
        option_template_name = "django/forms/widgets/checkbox_option.html"

    class Form(forms.Form):
        choice = forms.ChoiceField(choices=PEOPLE, widget=Own)

    assert 'type="' in str(Form(renderer=FormRenderer())["choice"])
