"""Invented phone numbers, by country, in the many ways in which Meta shows them.

Ranges are those that regulators keep for fiction where there are any (United States, United Kingdom, Germany, France,
Ireland, Australia); elsewhere blocks of zeros and fives that are hardly in use. Each number is handed out once.
"""

import re

_AREAS_US = "205 212 213 303 305 312 404 415 469 503 512 602 617 631 646 702 713 718 773 818 832 904 917 954 972"
_TOWNS_GB = "113 496|114 496|115 496|116 496|117 496|118 496|121 496|131 496|141 496|151 496|161 496|191 498"

_PATTERNS: dict[str, tuple[str, ...]] = {
    "US": tuple(f"+1 {area}-555-01##" for area in _AREAS_US.split()),
    "GB": (
        "+44 20 7946 0###",
        "+44 7700 900###",
        "+44 1632 960###",
        *(f"+44 {town} 0###" for town in _TOWNS_GB.split("|")),
    ),
    "DE": ("+49 30 23125###", "+49 69 90009###", "+49 40 66969###", "+49 221 4710###", "+49 89 99998###"),
    "FR": ("+33 1 99 00 ## ##", "+33 6 39 98 ## ##", "+33 2 61 91 ## ##", "+33 4 65 71 ## ##", "+33 5 36 49 ## ##"),
    "ES": ("+34 600 00 0# ##", "+34 910 00 0# ##", "+34 930 00 0# ##", "+34 954 00 0# ##", "+34 700 00 0# ##"),
    "IE": ("+353 20 91# ####",),
    "AU": ("+61 2 5550 ####", "+61 3 7010 ####", "+61 7 5550 ####", "+61 8 7010 ####"),
    "BR": ("+55 11 95550-0###", "+55 21 3555-0###", "+55 31 95550-0###", "+55 71 3555-0###"),
    "MX": ("+52 1 446 000 0###", "+52 55 5550 0###", "+52 33 5550 0###"),
    "IN": ("+91 60000 0####", "+91 70000 0####", "+91 80000 0####"),
    "ID": ("+62 8##-0000-####",),
    "AE": ("+971 4 555 0###", "+971 50 555 0###", "+971 2 555 0###"),
    "IL": ("+972 3-555-0###", "+972 55-500-0###", "+972 73-300-0###"),
    "JP": ("+81 3-5550-0###", "+81 50-5550-0###", "+81 6-5550-0###"),
    "TH": ("+66 2 555 0###", "+66 80 555 0###"),
    "UA": ("+380 44 555 0###", "+380 50 555 0###"),
    "GR": ("+30 21 0555 0###", "+30 690 555 0###"),
    "NG": ("+234 800 555 0###", "+234 1 555 0###"),
}
# How national numbers begin that belong to a landline, by calling code. Where the two kinds cannot be told apart, as in
# the United States, all of them take text messages.
_LANDLINES = {
    "44": "[12]",
    "49": "[2-9]",
    "33": "[1-5]",
    "34": "9",
    "353": "[124-79]",
    "61": "[2378]",
    "55": "..[2-5]",
    "971": "[2-46]",
    "972": "[2-489]",
    "81": "[36]",
    "66": "[2-57]",
    "380": "4",
    "30": "2",
    "234": "1",
}
# One digit in North America and Russia, two in most large countries, else three.
_CALLING_CODE = re.compile(
    "1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9]{2}",
)
_SPARE = "ID"  # the roomiest plan takes what others have no room for
_MIXING = 7919  # a prime: multiplied with it, neighbours in the book get numbers far apart


class Numbering:
    """Hands out numbers, the same ones in the same order each time. ``given`` counts them by block and country."""

    def __init__(self) -> None:
        self._plans = {code: [_Block(pattern) for pattern in patterns] for code, patterns in _PATTERNS.items()}
        self._used_up: set[str] = set()
        self.given = {code: [0] * len(patterns) for code, patterns in _PATTERNS.items()}
        self.count = 0

    def next_number(self, country: str, owner_id: str) -> tuple[str, str]:
        """The next display number for this owner, whose numbers keep together, and the ISO code of its country.

        The country is another one when this one is used up.
        """
        blocks, given = self._plans[country], self.given[country]
        if country not in self._used_up:
            for step in range(len(blocks)):
                place = (int(owner_id) + step) % len(blocks)
                serial = given[place]
                if serial < blocks[place].room:
                    given[place] += 1
                    self.count += 1
                    return _displayed(blocks[place].number(serial), self.count), country
        if country == _SPARE:
            raise OverflowError("The practice book has given out all its phone numbers")
        self._used_up.add(country)
        return self.next_number(_SPARE, owner_id)


class _Block:
    """A run of numbers that differ in the digits marked ``#``."""

    def __init__(self, pattern: str) -> None:
        self._template = pattern.replace("#", "%s")
        self._digits = pattern.count("#")
        self.room = 10**self._digits

    def number(self, serial: int) -> str:
        return self._template % tuple(f"{serial * _MIXING % self.room:0{self._digits}d}")


def dial_code(country: str) -> str:
    """The calling code, e.g. ``44``."""
    return _PATTERNS[country][0].split(" ")[0].removeprefix("+")


def country_of(dial: str) -> str:
    """The ISO code of the country with this calling code; empty when the practice world has no such country."""
    return next((code for code in _PATTERNS if dial_code(code) == dial), "")


def calling_code(digits: str) -> str:
    """The calling code that an international number begins with, as the ITU has dealt them out (E.164)."""
    found = _CALLING_CODE.match(digits)
    return found[0] if found else ""


def international(dial: str, national: str) -> str:
    """A number as Meta shows one that a partner brought in."""
    if dial == "1" and len(national) == 10:
        return f"+1 {national[:3]}-{national[3:6]}-{national[6:]}"
    return f"+{dial} {national}"


def is_landline(digits: str) -> bool:
    """Whether these digits, calling code first, are a number that cannot get text messages."""
    return any(re.match(dial + start, digits) for dial, start in _LANDLINES.items())


def _displayed(number: str, count: int) -> str:
    """Most numbers are shown grouped, some as bare digits, some unformatted, and a few with brackets or dots."""
    if count % 23 == 5:
        return re.sub(r"\D", "", number)
    if count % 29 == 7:
        return "+" + re.sub(r"\D", "", number)
    if count % 47 == 11:
        dial, area, rest = number.split(" ", 2) if number.count(" ") > 1 else (number, "", "")
        return f"{dial} ({area}) {rest}" if area else number
    return number
