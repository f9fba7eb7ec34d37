"""What two spellings of a name have in common, so that a search finds either by the other. Pure: no Django."""

import unicodedata

# Letters that Unicode does not take apart into a base letter and a mark, and typographic forms of plain characters.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "’": "'", "‘": "'", "–": "-"})


def fold(text: str) -> str:
    """`text` without case, accents, width and invisible characters."""
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


def digits_of(text: str | None) -> str:
    """The digits in a text, in ASCII whatever script they came in; "" when there are none."""
    return "".join(str(unicodedata.decimal(letter)) for letter in text or "" if letter.isdecimal())
