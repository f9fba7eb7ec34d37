"""Codes and PINs as people type or paste them. Pure."""

import re
import unicodedata

# Digits, and what messages and people put between them.
_RUN = re.compile(r"[0-9](?:[\s.\-\u2010-\u2015\u2212]*[0-9])*")
# A whole message may be pasted.
LONGEST_PASTED = 200


def six_digits_in(typed: str) -> str | None:
    """The one code or PIN in the typed text, in ASCII whatever script its digits are in; None unless there is just one.

    Words may stand around it and not inside.
    """
    letters = (
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
        for letter in typed
        if unicodedata.category(letter) != "Cf"
    )
    runs = [re.sub(r"[^0-9]", "", run) for run in _RUN.findall("".join(letters))]
    found = [run for run in runs if len(run) == len("123830")]
    return found[0] if len(found) == 1 else None
