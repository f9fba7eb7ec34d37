"""Whether the lock files are what the audit of packages may rest on, without asking the network.

`python -m tests.locks` prints what is wrong and exits with 1 then: a package without an exact version or without the
hashes of its files; one that requirements*.in ask for and the lock lacks, or has in a version that they don't allow;
an installed version that is not the locked one. Known faults of packages are asked for by `make audit`, which needs
the network.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def faults_of(asked: str, locked: str, installed: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the text of a lock file, beside what its .in file asks for and what is installed."""
    pins: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", locked)):
        if not entry.strip():
            continue
        stated = Requirement(entry.split(" \\", maxsplit=1)[0].split("--hash", maxsplit=1)[0].strip())
        name = canonicalize_name(stated.name)
        exact = [clause.version for clause in stated.specifier if clause.operator == "=="]
        if len(exact) != 1 or len(stated.specifier) != 1:
            yield f"{name} is not locked to one version."
            continue
        pins[name] = exact[0]
        if not _HASH.search(entry):
            yield f"{name} has no hash."
        if (stated.marker is None or stated.marker.evaluate()) and installed.get(name) != exact[0]:
            yield f"{name} is locked to {exact[0]}, and installed is {installed.get(name, 'none')}."
    for line in asked.splitlines():
        if text := line.split("#", maxsplit=1)[0].strip():
            yield from _unanswered(text, pins)


def _unanswered(line: str, pins: dict[str, str]) -> Iterator[str]:
    if line.startswith("-"):
        return
    wanted = Requirement(line)
    name = canonicalize_name(wanted.name)
    if name not in pins:
        yield f"{name} is asked for and not locked: run `make lock`."
    elif not wanted.specifier.contains(pins[name], prereleases=True):
        yield f"{name} is locked to {pins[name]}, and asked for is {wanted.specifier}."


def main() -> int:
    installed: dict[str, str] = {canonicalize_name(found.name): found.version for found in metadata.distributions()}
    faults = [
        f"{name}.txt: {fault}"
        for name in ("requirements", "requirements-tracing", "requirements-dev", "requirements-uv")
        for fault in faults_of(
            (ROOT / f"{name}.in").read_text(encoding="utf-8"),
            (ROOT / f"{name}.txt").read_text(encoding="utf-8"),
            installed,
        )
    ]
    print("\n".join(faults), end="\n" if faults else "")  # noqa: T201 - a command
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
