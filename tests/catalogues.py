"""The catalogues of the client pages, in `locale/`.

`python -m tests.catalogues` checks them; with `--write` it takes new words in first and compiles.

Words are found as Django finds them: `translate` and `blocktranslate` in templates, gettext and its kin in Python.
Babel reads and compiles, so that nobody needs gettext's own programs.
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import to_language, to_locale
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "locale"
PACKAGES = ("clients", "phones", "portal")
_KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS, "gettext_lazy": None, "gettext_noop": None, "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|</?\w+[^>]*>")

Words = str | tuple[str, ...] | list[str]


def words_in(source: bytes) -> Iterator[Words]:
    """The words that a Python source marks for translation."""
    for _line, words, _comments, _context in extract("python", io.BytesIO(source), _KEYWORDS):
        yield words


def marked() -> Catalog:
    """Every word that is marked for translation, with the files it stands in."""
    found = Catalog(project="numberdesk")
    for path in sorted(ROOT.glob("templates/**/*.html")):
        # What is no tag becomes a row of X; without its indentation it is Python enough.
        python = "\n".join(map(str.strip, templatize(path.read_text()).splitlines()))
        for words in words_in(python.encode()):
            found.add(words, locations=[(str(path.relative_to(ROOT)), 0)])
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for words in words_in(path.read_bytes()):
                found.add(words, locations=[(str(path.relative_to(ROOT)), 0)])
    return found


def languages() -> list[str]:
    """The languages that need a catalogue, as gettext spells them: all but the one that the words are written in."""
    return [to_locale(code) for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def path_of(language: str, suffix: str = "po") -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"django.{suffix}"


def read(language: str) -> Catalog:
    """The catalogue of one language; an empty one for a language that is new."""
    path = path_of(language)
    if path.exists():
        with path.open("rb") as file:
            return read_po(file, locale=language)
    name = dict(settings.LANGUAGES)[to_language(language)]
    return Catalog(locale=language, project="Numberdesk", header_comment=f"# {name}: the client pages.", fuzzy=False)


def compiled(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def faults_of(language: str, wanted: Catalog, catalogue: Catalog) -> list[str]:
    """What is wrong with the catalogue of one language, a line each."""
    faults = []
    for message in wanted:
        if not message.id:
            continue
        found = catalogue.get(message.id)
        where = f"{language}: “{_first(message.id)}”"
        if found is None:
            faults.append(f"{where} is missing")
        elif found.fuzzy:
            faults.append(f"{where} is fuzzy")
        else:
            faults += [f"{where} {fault}" for fault in _faults_of_words(message.id, found.string or "", catalogue)]
    strays = [message.id for message in catalogue if message.id and message.id not in wanted]
    faults += [f"{language}: “{_first(words)}” is no longer in use" for words in strays]
    path = path_of(language, "mo")
    if not path.exists() or path.read_bytes() != compiled(catalogue):
        faults.append(f"{language}: what is compiled is not the .po file: run `make catalogues`")
    return faults


def _faults_of_words(words: Words, translations: Words, catalogue: Catalog) -> Iterator[str]:
    forms = (translations,) if isinstance(translations, str) else translations
    expected = 1 if isinstance(words, str) else catalogue.num_plurals
    if len(forms) != expected or not all(forms):
        yield "is not translated" if expected == 1 else f"needs {expected} plural forms"
        return
    # A form for one or two may say it in words, so it need not have what the others have, but nothing else.
    allowed = sorted(_PLACEHOLDER.findall(words if isinstance(words, str) else words[-1]))
    for form in forms:
        has = sorted(_PLACEHOLDER.findall(form))
        if has != allowed and not (expected > 1 and not has):
            yield f"has other placeholders: {', '.join(has) or 'none'}"


def _first(words: Words) -> str:
    return words if isinstance(words, str) else words[0]


def write() -> None:
    """Take new words into every catalogue, untranslated; drop what is no longer in use; compile."""
    wanted = marked()
    for language in languages():
        catalogue = read(language)
        catalogue.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        with path_of(language).open("wb") as file:
            write_po(file, catalogue, width=110, include_lineno=False)
        path_of(language, "mo").write_bytes(compiled(catalogue))


def check() -> list[str]:
    """What is wrong with the catalogues, a line each."""
    wanted = marked()
    return [fault for language in languages() for fault in faults_of(language, wanted, read(language))]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if "--write" in sys.argv:
        write()
    found = check()
    print("\n".join(found), end="\n" if found else "")  # noqa: T201 - a command
    sys.exit(bool(found))
