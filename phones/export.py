"""The numbers as CSV, a piece at a time, so that a file of any length takes no memory.

Columns and their order are public (`docs/`): new ones go to the end.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F, QuerySet

from clients import roles
from clients.models import Waba
from phones.models import PhoneNumber
from phones.shown import shown
from portal.lists import Order, Position, walk

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
]

# Rows read at once. Larger pieces are not faster, and five people may export at the same time.
_PIECE = 4_000
_OF_WABA = {"client", "waba_id", "waba_name"}
_NOT_YET = {"stage", "registration_deadline"}
_FACTS = [name for name in HEADER if name not in _OF_WABA | _NOT_YET]

# What makes a spreadsheet take a cell for a formula or a command (OWASP, "CSV Injection"), also in full width.
_STARTS_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n\0]")
_PHONE_NUMBER = re.compile(r"\+[0-9 ()\-.]+")
_WABAS_KEPT = 20_000


def lines_of(rows: QuerySet[PhoneNumber], order: Order, person: roles.Person) -> Iterator[bytes]:
    """The file in pieces of many lines: `rows`, which `person` may see, in the order of the list."""
    yield _written([HEADER])
    facts = rows.annotate(shown_key=shown(person, "pk"), sorted_by=F(order.path)).values_list(
        "pk", "sorted_by", "shown_key", *_FACTS
    )
    wabas = _Wabas()
    start: Position | None = None
    while piece := walk(facts, order, start, limit=_PIECE):
        start = order.position(piece[-1][1], piece[-1][0])
        wabas.fetch({row[2] for row in piece})
        yield _written(_line(row, wabas) for row in piece)
        if len(piece) < _PIECE:
            return


class _Wabas:
    """What the file says of a number's WABA: client, Graph id and name, by the WABA's key. Read as they are met."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[str, str, str]] = {}

    def fetch(self, keys: set[int]) -> None:
        """Know these; one query for those that are new."""
        if len(self._known) > _WABAS_KEPT:
            self._known.clear()
        if new := keys - self._known.keys():
            for key, *words in Waba.objects.filter(pk__in=new).values_list("pk", "client__name", "waba_id", "name"):
                client, waba_id, name = map(_cell, words)
                self._known[key] = (client, waba_id, name)

    def __getitem__(self, key: int) -> tuple[str, str, str]:
        return self._known.get(key, ("", "", ""))


def _line(row: tuple[Any, ...], wabas: _Wabas) -> list[str]:
    _, _, waba, phone_number_id, display_phone_number, verified_name, *facts, synced_at = row
    return [
        _cell(phone_number_id),
        _phone_number(display_phone_number),
        _cell(verified_name),
        *wabas[waba],
        *map(_cell, facts),
        *("" for _ in _NOT_YET),
        _cell(synced_at),
    ]


def _phone_number(text: str | None) -> str:
    """The number as Graph displays it, plus sign and all: people paste it into dialers and other systems."""
    return text if text and _PHONE_NUMBER.fullmatch(text) else _cell(text)


def _cell(value: object) -> str:
    """One cell: what Graph did not return is empty, and no spreadsheet takes text for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return f"{value.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
    text = str(value)
    return (f"'{text}" if _STARTS_FORMULA.match(text) else text).replace("\0", "")


def _written(lines: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
