"""The last release: its code in a folder of its own, with the packages that it asks for.

A release is a tag that begins with `v`, and the last one is the newest that this code comes from. As long as there is
none, the code stands in from which tests/test_migrations.py holds migrations to the rules for a running desk: that
before the first migration after them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.migrated import ROOT
from tests.test_migrations import BEFORE_THE_RULES

KEPT = ROOT / ".pytest_cache" / "releases"


class NoReleaseError(Exception):
    """The last release can't be had here; the words say what to do."""


def last_release() -> str:
    """The commit of the last release."""
    if _git("rev-parse", "--is-shallow-repository") != "false":
        raise NoReleaseError("The history is not here: run `git fetch --unshallow --tags`.")
    tags = _git("tag", "--list", "v*", "--merged", "HEAD", "--sort=-creatordate").split()
    if _git("rev-parse", "HEAD") == (tags and _git("rev-list", "-n1", tags[0])):
        tags = tags[1:]  # this is the release itself, and the one before it is the last
    return _git("rev-list", "-n1", tags[0]) if tags else _before_the_rules()


def installed(commit: str) -> Path:
    """A folder with the code of this commit, and with its packages in `.venv`; made once and kept."""
    folder = KEPT / commit
    if not folder.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in KEPT.iterdir():
            shutil.rmtree(old)
        with tempfile.TemporaryDirectory(dir=KEPT, prefix="unfinished-") as made:
            code = Path(made) / "code"
            code.mkdir()
            _git("archive", f"--output={made}/code.tar", commit)
            subprocess.run(["tar", "-xf", f"{made}/code.tar", "-C", str(code)], check=True)
            _install(code)
            code.rename(folder)
    return folder


def _before_the_rules() -> str:
    first = [f"{app}/migrations/{int(last[:4]) + 1:04}*.py" for app, last in BEFORE_THE_RULES.items()]
    brought = _git("log", "--diff-filter=A", "--format=%H", "--", *first).split()
    if not brought:
        raise NoReleaseError("No migration came after the rules for migrations, and there is no tag of a release.")
    return _git("rev-parse", f"{brought[-1]}^")


def _install(code: Path) -> None:
    uv, venv = Path(sys.executable).with_name("uv"), code / ".venv"
    install = ["pip", "install", "--quiet", "--python", str(venv / "bin/python"), "--require-hashes"]
    for command in (
        ["venv", "--quiet", "--relocatable", "--python", sys.executable, str(venv)],
        [*install, "--requirement", str(code / "requirements.txt")],
    ):
        done = subprocess.run([str(uv), *command], capture_output=True, text=True)
        if done.returncode:
            raise NoReleaseError(f"The packages of the last release can't be installed: {done.stderr}")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise NoReleaseError(f"git does not know the history of this code: {done.stderr}")
    return done.stdout.strip()
