"""Templates lose the indentation of their lines when they are compiled, and nothing that a page shows."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template import TemplateSyntaxError, engines
from django.template.backends.django import DjangoTemplates

_TEMPLATES = settings.BASE_DIR / "templates"


@pytest.fixture
def templates(tmp_path: Path) -> DjangoTemplates:
    """The engine of the project, for templates in a directory of the test."""
    ours: Any = settings.TEMPLATES[0]["OPTIONS"]
    options = {"loaders": ours["loaders"]}
    return DjangoTemplates({"NAME": "test", "DIRS": [tmp_path], "APP_DIRS": False, "OPTIONS": options})


def test_a_page_has_no_indentation_and_its_words_stay_apart(templates: DjangoTemplates, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>\n    one\n  \ttwo  three\n</p>\n")

    assert templates.get_template("page.html").render() == "<p>\none\ntwo  three\n</p>\n"


def test_values_keep_their_white_space(templates: DjangoTemplates, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("  <textarea>{{ text }}</textarea>\n")

    assert templates.get_template("page.html").render({"text": "a\n    b"}) == "<textarea>a\n    b</textarea>\n"


def test_the_text_of_a_mail_keeps_its_white_space(templates: DjangoTemplates, tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_text("List:\n  - one\n")

    assert templates.get_template("mail.txt").render() == "List:\n  - one\n"


def test_an_error_names_the_line_of_the_file(templates: DjangoTemplates, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>\n\n    {% unheard_of %}\n</p>\n")

    with pytest.raises(TemplateSyntaxError, match="on line 3"):
        templates.get_template("page.html")


def test_the_projects_pages_are_read_so_and_the_administrations_as_they_come() -> None:
    assert "\n  " not in engines["django"].get_template("base.html").template.source  # type: ignore[attr-defined] # Django's
    assert "\n  " in engines["django"].get_template("admin/base.html").template.source  # type: ignore[attr-defined] # Django's


@pytest.mark.parametrize("element", ["pre", "textarea", "script"])
def test_no_template_has_lines_of_its_own_where_white_space_counts(element: str) -> None:
    within = re.compile(rf"<{element}\b[^>]*>(.*?)</{element}>", re.DOTALL)
    for template in _TEMPLATES.rglob("*.html"):
        assert not any("\n" in text for text in within.findall(template.read_text())), template
