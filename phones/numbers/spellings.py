"""Other ways to write a phone number in digits: WhatsApp's own, and those of before a country's reform. Pure.

Mexico: until 2019 a mobile number had a 1 after the country code, and WhatsApp goes on writing it. Brazil: mobile
numbers got a 9 in front between 2012 and 2016, and WhatsApp leaves it out for those that are older. Argentina: a mobile
number has a 9 after the country code when dialled from abroad, and a 15 after the area code when dialled inside. Ivory
Coast: since 2021 a number has two digits more in front.
"""

from collections.abc import Iterator

import phonenumbers

_LONGEST_AREA = 4
_BRAZILIAN_AREA = 2
_IVORIAN_PREFIXES = ("01", "05", "07", "21", "25", "27")


def other_spellings(digits: str) -> list[str]:
    """How else the number that begins with these digits (country code first) is written; also part of a number."""
    country, rest = digits[:2], digits[2:]
    if digits.startswith("225"):
        spelled = _ivorian(digits[3:])
        country = "225"
    else:
        reading = {"52": _mexican, "55": _brazilian, "54": _argentinian}.get(country)
        spelled = reading(rest) if reading else iter(())
    return [each for each in dict.fromkeys(f"{country}{one}" for one in spelled) if each != digits]


def without_trunk_zero(digits: str) -> str | None:
    """These digits (country code first) without the zero that is dialled inside the country only (+33 06 → +33 6).

    None where there is no such zero: in Italy it is a digit of the number.
    """
    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length] or 0))
        if regions and digits[length : length + 1] == "0":
            metadata = phonenumbers.PhoneMetadata.metadata_for_region(regions[0])
            if metadata is not None and metadata.national_prefix == "0":
                return digits[:length] + digits[length:].lstrip("0")
    return None


def _mexican(rest: str) -> Iterator[str]:
    if rest.startswith("1"):
        yield rest[1:]
    elif rest:
        yield f"1{rest}"


def _brazilian(rest: str) -> Iterator[str]:
    area, line = rest[:_BRAZILIAN_AREA], rest[_BRAZILIAN_AREA:]
    # A mobile number of before the reform began with 6 to 9.
    if line[:1] == "9" and line[1:2] >= "6":
        yield area + line[1:]
    if line[:1] >= "6" and len(line) <= len("87654321"):
        yield f"{area}9{line}"


def _argentinian(rest: str) -> Iterator[str]:
    rest = rest.removeprefix("0")
    line = rest.removeprefix("9")
    if len(line) == len("111523456789"):
        areas = [length for length in range(2, _LONGEST_AREA + 1) if line[length : length + 2] == "15"]
        lines = [line[:length] + line[length + 2 :] for length in areas]
    else:
        lines = [line]
    for one in filter(None, lines):
        yield one
        yield f"9{one}"
        if len(one) == len("1123456789"):
            yield from (f"{one[:length]}15{one[length:]}" for length in range(2, _LONGEST_AREA + 1))


def _ivorian(rest: str) -> Iterator[str]:
    if len(rest) == len("0712345678") and rest.startswith(_IVORIAN_PREFIXES):
        yield rest[2:]
    elif len(rest) == len("12345678"):
        yield from (f"{prefix}{rest}" for prefix in _IVORIAN_PREFIXES)
