"""The time zones that people choose from."""

import zoneinfo
from functools import cache


@cache
def by_continent() -> list[tuple[str, list[tuple[str, str]]]]:
    """The time zones by continent, as the system knows them."""
    groups: dict[str, list[tuple[str, str]]] = {"UTC": [("UTC", "UTC")]}
    for name in sorted(zoneinfo.available_timezones()):
        continent, is_place, place = name.partition("/")
        if is_place and continent not in {"Etc", "SystemV", "US", "posix", "right"}:
            groups.setdefault(continent, []).append((name, place.replace("_", " ")))
    return list(groups.items())
