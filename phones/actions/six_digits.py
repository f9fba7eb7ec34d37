"""Codes and PINs as people type or paste them. Pure."""

import re
import unicodedata

# Digits, and what messages and people put between them: on one line and within one sentence, or anywhere.
_WITHIN_A_SENTENCE = re.compile(r"[0-9](?:(?:[^\S\r\n]|[\-\u2010-\u2015\u2212]|\.(?!\s))*[0-9])*")
_ANYWHERE = re.compile(r"[0-9](?:[\s.\-\u2010-\u2015\u2212]*[0-9])*")
# A whole message may be pasted.
LONGEST_PASTED = 200


def six_digits_in(typed: str) -> str | None:
    """The one code or PIN in the typed text, in ASCII whatever script its digits are in; None unless there is just one.

    Words, and other numbers in other sentences or lines, may stand around it and not inside.
    """
    letters = (
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
        for letter in typed
        if unicodedata.category(letter) != "Cf"
    )
    text = "".join(letters)
    found = _sixes(_WITHIN_A_SENTENCE, text) or _sixes(_ANYWHERE, text)
    return found[0] if len(found) == 1 else None


def _sixes(run: re.Pattern[str], text: str) -> list[str]:
    digits = (re.sub(r"[^0-9]", "", found) for found in run.findall(text))
    return [found for found in digits if len(found) == len("123830")]
