"""Icons: one file of drawings, which the style sheet finds its way in."""

import re

import pytest
from django.conf import settings

from phones.views.find.kinds import KINDS
from phones.views.find.places import _PLACES
from portal.web.icons import NAMES, TONES, icon, tone_icon
from tests.icons import made

TEMPLATES = [path.read_text() for path in settings.BASE_DIR.glob("templates/**/*.html")]


def test_both_files_are_as_the_library_draws() -> None:
    kept = {path: (settings.BASE_DIR / path).read_text() for path in made()}

    assert kept == made(), "python -m tests.icons makes them anew"


def test_every_icon_that_a_template_names_is_drawn() -> None:
    named = {name for text in TEMPLATES for name in re.findall(r'{% icon "([^"]+)"', text)}

    assert named <= set(NAMES)
    assert {name for text in TEMPLATES for name in re.findall(r'{% tone_icon "([^"]+)"', text)} <= set(TONES)


def test_every_icon_of_what_the_look_up_finds_is_drawn() -> None:
    assert {place.icon for place in _PLACES} | {kind.icon for kind in KINDS.values()} <= set(NAMES)


def test_an_icon_that_is_not_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="No icon is called unicorn"):
        icon("unicorn")


def test_what_has_no_tone_is_a_dot_and_a_level_of_messages_has_the_icon_of_its_tone() -> None:
    assert tone_icon("shiny") == tone_icon("none")
    assert tone_icon("error") == tone_icon("bad") != tone_icon("none")
