"""What looks like a real secret in the files that git knows.

`python -m tests.secret_scan` prints each find with its place and exits with 1 when there is one. It asks no network:
detect-secrets brings the forms of some twenty services' keys and a measure for random text, and what it would ask of
those services is left out. Beside these it knows the forms of Meta's tokens, our encryption keys and `.env` files.

Secrets that tests need are made up so that anybody sees it: they count (`0123456789`), repeat a
character four times, or are words without a digit.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.settings import get_plugins, transient_settings

ROOT = Path(__file__).resolve().parent.parent

# Hashes of packages stand in one, prose in the other.
_LEFT_OUT = ("requirements.txt", "requirements-tracing.txt", "requirements-dev.txt", "requirements-uv.txt", "locale/")
_NEVER_KEPT = re.compile(r"(^|/)(\.env|id_\w+|.*\.(pem|key|p12|pfx|sqlite3|pyc))$")

# Addresses are no secrets; a word after "password" is none in tests, which are full of them.
_NOT_ASKED = {"IPPublicDetector"}
_NOT_ASKED_OF_TESTS = {"KeywordDetector", "BasicAuthDetector"}

_OURS = {
    "Meta access token": re.compile(r"\bEA[A-Z][A-Za-z0-9]{28,}"),
    "encryption key": re.compile(r"(?<![\w+/=-])[\w-]{43}=(?![\w=])"),
    "setting of a secret": re.compile(
        r"^\s*(?:export\s+)?[A-Z_]*(?:SECRET|TOKEN|PASSWORD|KEYS?|DSN)[A-Z_]*=([^\s$<({'\"]{12,})"
    ),
}

# Reading a line with every detector takes a millisecond, so those are left out in which none can find anything.
_WORTH_READING = re.compile(
    r"(?=[A-Za-z_+/=-]*\d)[\w+/=-]{16,}"
    r"|-----BEGIN"
    r"|://[^\s/:]+:[^\s/@]+@"
    r"|(?i:passw|pwd|secret|token|key)\w*['\"\]]*\s*(?::=|[:=]>?|=>)"
)
_COUNTS = re.compile(r"0123456789|1234567890|9876543210|(.)\1{3}")


@dataclass(frozen=True, slots=True)
class Find:
    path: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}"


def finds_in(files: Iterable[tuple[str, str]]) -> Iterator[Find]:
    """What looks like a secret in these files, each given as path and text."""
    detectors: dict[str, type] = get_mapping_from_secret_type_to_class()
    names = {found.__name__ for found in detectors.values()} - _NOT_ASKED
    with transient_settings({"plugins_used": [{"name": name} for name in sorted(names)], "filters_used": []}):
        for path, text in files:
            if _NEVER_KEPT.search(path):
                yield Find(path, 1, "file of a kind that is never kept in git")
            for number, line in enumerate(text.splitlines(), start=1):
                if _WORTH_READING.search(line):
                    yield from (Find(path, number, kind) for kind in sorted(set(_kinds(path, line))))


def _kinds(path: str, line: str) -> Iterator[str]:
    for kind, form in _OURS.items():
        yield from (kind for found in form.finditer(line) if not _is_made_up(found[found.lastindex or 0]))
    for detector in get_plugins():
        if path.startswith("tests/") and type(detector).__name__ in _NOT_ASKED_OF_TESTS:
            continue
        for secret in detector.analyze_line(filename=path, line=line):
            if secret.type == "Private Key" or not _is_made_up(secret.secret_value or ""):
                yield secret.type


def _is_made_up(value: str) -> bool:
    return bool(_COUNTS.search(value)) or not any(character.isdigit() for character in value)


def files_of_git() -> Iterator[tuple[str, str]]:
    """Path and text of each file that git knows or would add; of those that are no text the path only."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for path in filter(None, listed.stdout.split("\0")):
        if path.startswith(_LEFT_OUT) or not (ROOT / path).is_file():
            continue
        try:
            yield path, (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            yield path, ""


def main() -> int:
    found = list(finds_in(files_of_git()))
    for find in found:
        print(find)  # noqa: T201 - a command that people run
    if found:
        print("Replace what is real wherever it is used; tests/secret_scan.py says how made-up ones look.")  # noqa: T201 - as above
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
