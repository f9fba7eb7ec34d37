"""Other ways to write a phone number in digits: WhatsApp's own, and those of before a country's reform. Pure.

Mexico: until 2019 a mobile number had a 1 after the country code. Brazil: mobile numbers got a 9 in front of the line
between 2012 and 2016. Argentina: a mobile number has a 9 after the country code when dialled from abroad. Ivory Coast:
since 2021 a number has two digits more in front. Meta goes on writing some of them the older way.
"""

_IVORIAN_PREFIXES = ("01", "05", "07", "21", "25", "27")


def other_spellings(digits: str) -> list[str]:
    """How else the number with these digits (country code first) is written; empty where there is one way only."""
    country, rest = digits[:2], digits[2:]
    if digits.startswith("225"):
        return _ivorian(digits)
    if country == "52":
        return [country + rest[1:] if rest.startswith("1") else f"521{rest}"]
    if country == "54":
        return [country + rest[1:] if rest.startswith("9") else f"549{rest}"]
    if country == "55":
        return _brazilian(digits[:4], digits[4:])
    return []


def _brazilian(area: str, line: str) -> list[str]:
    # A mobile number of before the reform began with 6 to 9.
    if len(line) == len("987654321") and line.startswith("9") and line[1] >= "6":
        return [area + line[1:]]
    return [f"{area}9{line}"] if len(line) == len("87654321") and line[0] >= "6" else []


def _ivorian(digits: str) -> list[str]:
    rest = digits[3:]
    if len(rest) == len("0712345678") and rest.startswith(_IVORIAN_PREFIXES):
        return [f"225{rest[2:]}"]
    return [f"225{prefix}{rest}" for prefix in _IVORIAN_PREFIXES] if len(rest) == len("12345678") else []
