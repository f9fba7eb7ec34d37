"""What the search box looks in, and what a person who types there means. Pure: no ORM, no database.

`digits_of` and `search_text_of` make the two derived columns of a number; whoever writes a number calls them.
`needles_of` reads the typed text. How the two meet in SQL is in `phones.listing.search`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from phones.numbers import spellings
from portal import folding
from portal.folding import fold

LONGEST_NEEDLE = 300
# Each is a condition of its own, so that a pasted page of text would be a query of a hundred of them.
MOST_NEEDLES = 10

# A needle that is part of a Graph id is taken for one from this many digits on. Shorter runs of digits occur in
# every other id, and would bury the phone number that was meant.
SHORTEST_ID = 6
# Digits without a plus sign are read as a whole number, country code first, from this many on.
_SHORTEST_WHOLE = 8
_LONGEST_DIGITS = 50
# Countries whose numbers are written in two ways inside the country, too.
_SPELLED_INSIDE = ("54", "55")

_NUMBER_LIKE = re.compile(r"[\d\s()+./\-\u2010-\u2015\u2212]+")
_TRUNK_ZERO = re.compile(r"\(\s*0(?!\s*0)")
_INTERNATIONAL = re.compile(r"[\s(]*\+")
_LINK = re.compile(r"\S*\b(?:wa\.me|whatsapp\.com)/\S*|\bwhatsapp://\S*")
_NUMBER_IN_LINK = re.compile(
    r"[?&]phone=\s*\+?(?:00)?([\d\-]+)|(?:wa\.me|whatsapp\.com)/(?:[a-z]+/)?\+?(?:00)?(\d[\d\-]*)"
)
_PARAMETERS = re.compile(r"(?<=\d)[;?]\S*")
# "Phone: +33 …", "tel:+33…", "whatsapp:+33…": what stands before the colon says that a number follows.
_COLON = re.compile(r"(?:^|(?<=\s))[^\s\d]*:\s*(?=[+(]?\s?\d)")
_AROUND = ",;:<>\"'[]"
_LABELS = frozenset(
    {"phone", "ph", "ph.", "telephone", "tel", "tel.", "mobile", "mob", "mob.", "cell", "number", "no", "no.", "n°"}
    | {"n.", "nr", "nr.", "whatsapp", "wa", "handy", "fax", "telefon", "telefone", "telefono", "movil", "celular"}
    | {"cel", "cel.", "tlf", "tlf.", "numero", "portable"}
)


def digits_of(display_phone_number: str | None) -> str:
    """The digits of a phone number as Graph displays it, in ASCII whatever script they came in; "" when there are none.

    At most 50, which is what the column holds.
    """
    return folding.digits_of(display_phone_number)[:_LONGEST_DIGITS]


def search_text_of(
    *,
    phone_number_id: str,
    digits: str,
    verified_name: str | None,
    new_display_name: str | None,
    former_names: Iterable[str],
) -> str:
    """What the search box finds a number by: its digits and its names, present, requested and former, folded.

    One to a line, so that no needle matches across two of them. `phone_number_id` is the text of a number that has
    nothing else; a number is found by its id through the id's own index, because the digits of ids would drown
    those of phone numbers.
    """
    names = [fold(name) for name in (verified_name, new_display_name, *former_names) if name]
    return "\n".join(dict.fromkeys(part for part in (digits, *names) if part)) or phone_number_id


@dataclass(frozen=True, slots=True)
class Needle:
    """What one word or one phone number in the typed text may mean. It is found where one of these holds.

    `contains`: the search text contains one of them. `starts`: the digits start with one of them (international
    notation). `id_starts`: the Graph id, or that of its WABA, starts with it. `name`: the folded name of its WABA or
    client contains it.
    """

    contains: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    id_starts: str = ""
    name: str = ""


def needles_of(typed: str) -> tuple[Needle, ...]:
    """Read what a person typed: a needle for each word and each phone number in it, in any order. All have to be found.

    Empty when it says nothing. Never raises.
    """
    storable = typed[:LONGEST_NEEDLE].replace("\0", " ").encode(errors="replace").decode()
    text = _COLON.sub(" ", _PARAMETERS.sub(" ", _LINK.sub(_number_in_link, fold(storable))))
    tokens = text.split()
    # A dash or "&" between words is no word.
    tokens = [token for token in tokens if not _is_punctuation(token)] or tokens
    return tuple(dict.fromkeys(map(_needle, _words_and_numbers(tokens))))


def _is_punctuation(token: str) -> bool:
    return all(unicodedata.category(letter).startswith("P") for letter in token)


def _number_in_link(link: re.Match[str]) -> str:
    """The number of a link that opens a chat; the link itself where it names none."""
    found = _NUMBER_IN_LINK.search(unquote(link[0]))
    return f" +{found[1] or found[2]} " if found else link[0]


def _words_and_numbers(tokens: Iterable[str]) -> list[str]:
    """The words as they are; tokens of digits and signs together as one number. A label of a number is left out."""
    runs: list[list[str]] = []
    for token in tokens:
        bare = token.strip(_AROUND) or token
        if runs and _goes_on(runs[-1], bare):
            runs[-1].append(bare)
        else:
            runs.append([bare])
    read: list[str] = []
    for run in runs:
        number = " ".join(run)
        digits = folding.digits_of(number)
        if not digits or not _NUMBER_LIKE.fullmatch(number):
            read += run
            continue
        while len(digits) >= _SHORTEST_WHOLE and read and read[-1] in _LABELS:
            read.pop()
        read.append(number)
    return read


def _goes_on(run: list[str], token: str) -> bool:
    """Whether `token` is more of the number that `run` is."""
    number = " ".join(run)
    if not (_NUMBER_LIKE.fullmatch(number) and _NUMBER_LIKE.fullmatch(token)):
        return False
    return not (_INTERNATIONAL.match(token) and folding.digits_of(number))


def _needle(text: str) -> Needle:
    digits = digits_of(text)
    if not digits or not _NUMBER_LIKE.fullmatch(text):
        return Needle(contains=(text,), name=text)
    # "(0)20" and "(020)": the zero is dialled inside the country only, and is no digit of the full number. Where it
    # is one (Italy), the digits as typed find it.
    readings = dict.fromkeys(reading for reading in (digits, digits_of(_TRUNK_ZERO.sub("", text))) if reading)
    if _INTERNATIONAL.match(text):
        return Needle(starts=_spelled(readings))
    whole = [digits] if len(digits) >= _SHORTEST_WHOLE else []
    if digits.startswith("0"):
        if not digits.startswith("00") and len(digits) > 3:
            readings[digits[1:]] = None
        whole = [digits[2:]] if digits.startswith("00") and len(digits) > 2 else []
    inside = digits.lstrip("0")
    if len("1187654321") <= len(inside) <= len("111523456789"):
        whole += [f"{country}{inside}" for country in _SPELLED_INSIDE]
    return Needle(
        contains=(*readings,) if text in readings else (text, *readings),
        starts=tuple(start for start in _spelled(whole) if start not in readings),
        id_starts=digits if text.isdecimal() and len(digits) >= SHORTEST_ID else "",
        name=text,
    )


def _spelled(numbers: Iterable[str]) -> tuple[str, ...]:
    """Numbers with their country code, and how else each is written."""
    found: dict[str, None] = {}
    for digits in numbers:
        plain = spellings.without_trunk_zero(digits)
        for each in (digits, plain) if plain else (digits,):
            found |= dict.fromkeys([each, *spellings.other_spellings(each)])
    return tuple(found)
