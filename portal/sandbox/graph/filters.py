"""``filtering``, ``sort`` and the number search of Graph's listings: what they accept, and what they keep.

From Meta's guide "Client phone numbers", the reference of the edge, and "Manage accounts" for the business edges.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from portal.sandbox.graph import errors
from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import Number, PreverifiedNumber, Waba, timestamp

Clause: TypeAlias = tuple[str, str, object]

_TIERS = ("TIER_50", "TIER_250", "TIER_1K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED", "TIER_NOT_SET")
NUMBER_FILTERS: Mapping[str, tuple[object, ...]] = {
    "account_mode": ("SANDBOX", "LIVE"),
    "messaging_limit_tier": _TIERS,
    "is_official_business_account": (True, False),
}
_POOL_STATUSES = ("VERIFIED", "NOT_VERIFIED", "EXPIRED")
_SORT_FORM = re.compile(r"(last_onboarded_time|creation_time)[._](ascending|descending|asc|desc)")


def clauses_of(text: str | None) -> list[Clause]:
    """The ``filtering`` parameter as (field, operator, value). Raises GraphError 100 when it has another shape."""
    if not text:
        return []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise errors.bad_parameter("Param filtering must be an array, written in JSON") from error
    if not isinstance(found, list):
        raise errors.bad_parameter("Param filtering must be an array")
    return [_clause(each) for each in found]


def _clause(found: object) -> Clause:
    if not isinstance(found, dict) or set(found) != {"field", "operator", "value"}:
        raise errors.bad_parameter("Each filter needs field, operator and value, and nothing else")
    return str(found["field"]), str(found["operator"]), found["value"]


def keep_numbers(numbers: Sequence[Number], clauses: list[Clause]) -> Sequence[Number]:
    """The numbers that pass every clause. Raises GraphError 100 for a field, operator or value that is not offered."""
    for field, operator, value in clauses:
        if field not in NUMBER_FILTERS:
            raise errors.bad_parameter(f"Filtering field {field} is not supported")
        if operator != "EQUAL":
            raise errors.bad_parameter(f"Filtering operator {operator} is not supported on {field}")
        wanted = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
        if wanted not in NUMBER_FILTERS[field]:
            raise errors.bad_parameter(f"Filtering value is not one of those of {field}")
        numbers = [number for number in numbers if number_value(number, field) == wanted]
    return numbers


def keep_display_number(numbers: Sequence[Number], digits: str | None) -> Sequence[Number]:
    """The numbers whose digits are these; all of them when none are given."""
    if not digits:
        return numbers
    wanted = re.sub(r"\D", "", digits)
    return [
        number for number in numbers if re.sub(r"\D", "", str(number_value(number, "display_phone_number"))) == wanted
    ]


def keep_preverified(
    entries: Iterable[PreverifiedNumber], parameters: Mapping[str, str]
) -> Sequence[PreverifiedNumber]:
    """The numbers of a pool in the state and with the digits asked for. Raises GraphError 100 for no such state."""
    status, digits = parameters.get("code_verification_status"), parameters.get("phone_number")
    if status and status not in _POOL_STATUSES:
        raise errors.bad_parameter(f"Param code_verification_status must be one of {', '.join(_POOL_STATUSES)}")
    return [
        entry
        for entry in entries
        if status in (None, "", entry.code_verification_status) and digits in (None, "", entry.phone_number)
    ]


def order_numbers(numbers: Sequence[Number], sort: str | None) -> Sequence[Number]:
    """The numbers in the order asked for; by default the last onboarded first, those never onboarded at the end."""
    name, descending = _order(sort, ("last_onboarded_time", "creation_time")) or ("last_onboarded_time", True)
    if name == "creation_time":
        return list(reversed(numbers)) if descending else numbers
    return sorted(numbers, key=_onboarded, reverse=descending)


def _onboarded(number: Number) -> str:
    value = number_value(number, "last_onboarded_time")
    if isinstance(value, str):
        return value
    return timestamp(value) if isinstance(value, int) else ""


def keep_wabas(wabas: Sequence[Waba], clauses: list[Clause]) -> Sequence[Waba]:
    """The WABAs created before or after the times given. Raises GraphError 100 for any other clause."""
    for field, operator, value in clauses:
        if field != "creation_time":
            raise errors.bad_parameter(f"Filtering field {field} is not supported")
        if not re.fullmatch("[0-9]{1,12}", str(value)):
            raise errors.bad_parameter("Filtering value of creation_time must be Unix seconds")
        wabas = _created(wabas, operator, int(str(value)))
    return wabas


def _created(wabas: Sequence[Waba], operator: str, second: int) -> Sequence[Waba]:
    compare: dict[str, Callable[[int], bool]] = {
        "LESS_THAN": lambda created: created < second,
        "GREATER_THAN": lambda created: created > second,
    }
    if operator not in compare:
        raise errors.bad_parameter(f"Filtering operator {operator} is not supported on creation_time")
    return [waba for waba in wabas if compare[operator](waba.created)]


def order_wabas(wabas: Sequence[Waba], sort: str | None) -> Sequence[Waba]:
    """The WABAs by creation time when asked, otherwise in the order in which they were shared."""
    wish = _order(sort, ("creation_time",))
    return wabas if wish is None else sorted(wabas, key=lambda waba: waba.created, reverse=wish[1])


def _order(sort: str | None, offered: tuple[str, ...]) -> tuple[str, bool] | None:
    """(field, descending) from ``x_ascending``, ``x.asc`` or a list of one such word; None without ``sort``."""
    if not sort:
        return None
    match = _SORT_FORM.fullmatch(sort.strip().strip("[]").strip().strip("'\""))
    if match is None or match[1] not in offered:
        raise errors.bad_parameter("Param sort is not one of the orders of this endpoint")
    return match[1], match[2].startswith("desc")
