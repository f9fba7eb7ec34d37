"""Rules and words load without settings, models or Graph, so that they can be tried on plain values."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RULES = [
    "phones.numbers.rules",
    "phones.numbers.age",
    "phones.numbers.clocks",
    "phones.numbers.health",
    "phones.numbers.lifecycle",
    "phones.numbers.moving",
    "phones.numbers.outside",
    "phones.numbers.reported",
    "phones.numbers.search",
    "phones.numbers.spellings",
    "phones.numbers.traits",
    "phones.sync.plan",
    "phones.sync.pace",
    "phones.actions.guards",
    "phones.actions.lost_answers",
    "phones.events.meanings",
    "phones.offboarding.rules",
    "phones.pool.clocks",
    "phones.pool.rules",
    "phones.changes.verdict",
    "phones.changes.folding",
    "phones.changes.as_of",
    "phones.pictures.bands",
    "phones.pictures.series",
]
WORDS = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in ("phones", "clients")
    for pattern in ("words.py", "*_words.py", "explanations.py")
    for path in sorted((ROOT / folder).rglob(pattern))
]
PURE = [*RULES, *WORDS]
LOADS = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
ours = {name for name in sys.modules if name.split(".")[0] in {"clients", "phones", "portal"}}
print(*sorted(name for name in ours if name.startswith("portal.graph") or {"models", "querysets"} & {*name.split(".")}))
"""


def test_pure_modules_bring_in_no_model_and_nothing_of_graph() -> None:
    found = subprocess.run(
        [sys.executable, "-c", LOADS, *PURE], cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout.strip()) == (0, ""), found.stderr


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_imports_nothing_of_the_database(module: str) -> None:
    assert not from_the_database(module)


def test_the_choices_take_from_the_database_what_an_enumeration_is() -> None:
    assert from_the_database("phones.choices") == ["django.db.models.TextChoices"]


def from_the_database(module: str) -> list[str]:
    """What the module itself imports of `django.db`; imports for types only are none."""
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    found = []
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{name.name}" for name in node.names]
        elif isinstance(node, ast.Import):
            found += [name.name for name in node.names]
    return [name for name in found if name.startswith("django.db")]
