"""The numbers as CSV, a piece at a time, so that a file of any length takes no memory.

Columns and their order are public: new ones go to the end.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from clients import roles
from clients.models import Waba
from phones.listing.rows import shown
from phones.models import PhoneNumber
from phones.numbers.lifecycle import Facts
from phones.numbers.words import registered_word

HEADER = [
    "phone_number_id",
    "display_phone_number",
    "verified_name",
    "client",
    "waba_id",
    "waba_name",
    "status",
    "code_verification_status",
    "name_status",
    "new_name_status",
    "quality_rating",
    "platform_type",
    "throughput",
    "account_mode",
    "messaging_limit",
    "is_official_business_account",
    "is_pin_enabled",
    "last_onboarded_time",
    "stage",
    "registration_deadline",
    "synced_at",
    "registered",
    "may_send",
    "facts_as_of",
]

# Rows read at once. Larger pieces are not faster, and five people may export at the same time.
_PIECE = 2_000
_OF_WABA = {"client", "waba_id", "waba_name"}
_FACTS = [name for name in HEADER if name not in _OF_WABA | {"registered"}]
# Where the two stand among the facts that follow the display name.
_STATUS, _PLATFORM = (_FACTS.index(name) - _FACTS.index("verified_name") - 1 for name in ("status", "platform_type"))
_TIMES = ("last_onboarded_time", "registration_deadline", "synced_at", "facts_as_of")

# What makes a spreadsheet take a cell for a formula or a command (OWASP, "CSV Injection"), also in full width.
_STARTS_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n\0]")
_PHONE_NUMBER = re.compile(r"\+[0-9 ()\-.]+")
_WABAS_KEPT = 20_000


def lines_of(keys: Sequence[int], person: roles.Person) -> Iterator[bytes]:
    """The file in pieces of many lines: the numbers of `keys`, which `person` may see, in this order."""
    yield _written([HEADER])
    # Times as the database writes them, in UTC on both: making datetimes of them is a third of the work.
    times = {f"{name}_text": Cast(name, TextField()) for name in _TIMES}
    numbers = PhoneNumber.objects.annotate(shown_key=shown(person, "pk"), **times).order_by()
    facts = numbers.values_list("pk", "shown_key", *(f"{name}_text" if name in _TIMES else name for name in _FACTS))
    wabas = _Wabas()
    for start in range(0, len(keys), _PIECE):
        piece = keys[start : start + _PIECE]
        rows = {row[0]: row for row in facts.filter(pk__in=piece)}
        wabas.fetch({row[1] for row in rows.values()})
        # A number that went away meanwhile is left out.
        yield _written(_line(rows[key], wabas) for key in piece if key in rows)


class _Wabas(dict[int, list[str]]):
    """What the file says of a number's WABA: client, Graph id and name, by the WABA's key. Read as they are met."""

    def fetch(self, keys: set[int]) -> None:
        """Know these; one query for those that are new."""
        if len(self) > _WABAS_KEPT:
            self.clear()
        if new := keys - self.keys():
            for key, *words in Waba.objects.filter(pk__in=new).values_list("pk", "client__name", "waba_id", "name"):
                self[key] = [_text(word) for word in words]

    def __missing__(self, key: int) -> list[str]:
        return ["", "", ""]


def _line(row: tuple[Any, ...], wabas: _Wabas) -> list[str]:
    _, waba, phone_number_id, display_phone_number, verified_name, *facts = row
    *states, onboarded, stage, deadline, synced_at, sends, as_of = facts
    return [
        _text(phone_number_id),
        _phone_number(display_phone_number),
        _text(verified_name),
        *wabas[waba],
        *map(_fact, states),
        _time(onboarded),
        _fact(stage),
        _time(deadline),
        _time(synced_at),
        _registered(states[_STATUS], states[_PLATFORM]),
        _fact(sends),
        _time(as_of),
    ]


def _phone_number(text: str | None) -> str:
    """The number as Graph displays it, plus sign and all: people paste it into dialers and other systems."""
    return text if text and _PHONE_NUMBER.fullmatch(text) else _text(text)


def _text(text: str | None) -> str:
    """The text as a cell that no spreadsheet takes for a formula; empty for what Graph did not return."""
    if not text:
        return ""
    safe = text if text[0].isalnum() or not _STARTS_FORMULA.match(text) else f"'{text}"
    return safe.replace("\0", "")


@lru_cache(maxsize=1_000)
def _registered(status: str | None, platform_type: str | None) -> str:
    return registered_word(Facts(status=status, platform_type=platform_type))


# Facts have few values, so that most cells are written already.
@lru_cache(maxsize=1_000)
def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _text(str(value))


def _time(text: str | None) -> str:
    """ISO 8601, of a database's "2026-03-04 09:08:07" with or without fractions and offset."""
    return f"{text[:10]}T{text[11:19]}Z" if text else ""


def _written(lines: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
