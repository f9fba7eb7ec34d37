"""What the comments on top of templates promise."""

import importlib
import re

import pytest
from django.conf import settings

CLASSES = re.compile(r"\b((?:clients|phones|portal)(?:\.[a-z_]+)+)\.([A-Z]\w+)")

NAMED = sorted(
    {
        (str(template.relative_to(settings.BASE_DIR)), *named)
        for template in settings.BASE_DIR.glob("templates/**/*.html")
        for named in CLASSES.findall(template.read_text())
    }
)


@pytest.mark.parametrize(("template", "module", "name"), NAMED)
def test_every_class_that_a_template_names_is_where_it_says(template: str, module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name), template
