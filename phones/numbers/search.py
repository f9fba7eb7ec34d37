"""What the search box looks in, and what a person who types there means. Pure: no ORM, no database.

`digits_of` and `search_text_of` make the two derived columns of a number; whoever writes a number calls them.
`Needle.of` reads the typed text. How the two meet in SQL is in `phones.listing.filters`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

LONGEST_NEEDLE = 300

# A needle that is part of a Graph id is taken for one from this many digits on. Shorter runs of digits occur in
# every other id, and would bury the phone number that was meant.
SHORTEST_ID = 6

# Letters that Unicode does not take apart into a base letter and a mark, and typographic forms of plain characters.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "’": "'", "‘": "'", "–": "-"})
_NUMBER_LIKE = re.compile(r"[\d\s()+./\-\u2010-\u2015\u2212]+")
_TRUNK_ZERO = re.compile(r"\(\s*0(?!\s*0)")


def fold(text: str) -> str:
    """`text` without case, accents, width and invisible characters: what two spellings of a name have in common."""
    if text.isascii():
        folded = text.lower()
    else:
        # Twice, because some letters have a small form only once taken apart (𝑨, as names in fancy type have it).
        taken_apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        folded = "".join(letter for letter in taken_apart if not _is_mark(letter)).translate(_PLAIN)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in folded).split())


def _is_mark(letter: str) -> bool:
    # Cf: the marks of writing direction that messengers put around a copied phone number.
    return unicodedata.combining(letter) > 0 or unicodedata.category(letter) == "Cf"


def digits_of(display_phone_number: str | None) -> str:
    """The digits of a phone number as Graph displays it, in ASCII whatever script they came in; "" when there are none.

    At most 50, which is what the column holds.
    """
    return "".join(str(unicodedata.decimal(letter)) for letter in display_phone_number or "" if letter.isdecimal())[:50]


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
    """What the typed text may mean. A number matches when one of these holds.

    `contains`: its search text contains one of them. `starts`: its digits start with one of them (international
    notation). `id_starts`: its Graph id, or that of its WABA, starts with it. `name`: the name of its WABA or client
    contains it.
    """

    contains: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    id_starts: str = ""
    name: str = ""

    @classmethod
    def of(cls, typed: str) -> Self | None:
        """Read what a person typed; None when it says nothing. Never raises."""
        storable = typed[:LONGEST_NEEDLE].replace("\0", " ").encode(errors="replace").decode()
        typed = " ".join(storable.split())
        folded = fold(typed)
        if not folded:
            return None
        digits = digits_of(folded)
        if not digits or not _NUMBER_LIKE.fullmatch(folded):
            return cls(contains=(folded,), name=typed)
        # "(0)20" and "(020)": the zero is dialled inside the country only, and is no digit of the full number. Where it
        # is one (Italy), the digits as typed find it.
        readings = dict.fromkeys(reading for reading in (digits, digits_of(_TRUNK_ZERO.sub("", folded))) if reading)
        if folded.startswith("+"):
            return cls(starts=tuple(readings))
        if digits.startswith("0") and not digits.startswith("00") and len(digits) > 3:
            readings[digits[1:]] = None
        return cls(
            contains=(*readings,) if folded in readings else (folded, *readings),
            starts=(digits[2:],) if digits.startswith("00") and len(digits) > 2 else (),
            id_starts=digits if folded.isdecimal() and len(digits) >= SHORTEST_ID else "",
            name=typed,
        )
