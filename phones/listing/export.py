"""The numbers as a file, a piece at a time, so that a file of any length takes no memory: rows of text, and CSV.

Columns and their order are public: new ones go to the end. The Excel file is made of the same rows in
`phones.listing.workbook`.
"""

from __future__ import annotations

import csv
import io
import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from clients import roles
from clients.choices import CoverState
from clients.models import ClientLabel, Label, Waba
from phones.listing.columns import COLUMNS, FIRST
from phones.listing.rows import shown
from phones.models import NumberLabel, PhoneNumber
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
    "owner",
    "cover",
    "labels",
]

# Excel takes a file without it for one in the encoding of the machine.
BYTE_ORDER_MARK = "\ufeff".encode()

# Rows read at once. Larger pieces are not faster, and five people may export at the same time.
_PIECE = 2_000
# Worked out of two facts.
_WORKED_OUT = ("registered",)
_OF_REGISTERED = ("status", "platform_type")
_OF_WABA = ("client", "waba_id", "waba_name", "owner", "cover")
_LABELS = "labels"
_NAMES = ("username", "first_name", "last_name")
_OF_CLIENT = (
    *(f"client__{name}" for name in ("name", "cover_from", "cover_until")),
    *(f"client__{place}__{name}" for place in ("owner", "cover") for name in _NAMES),
)
_TIMES = {"last_onboarded_time", "registration_deadline", "first_seen_at", "synced_at", "facts_as_of"}
# What one cell of the list shows beside its own fact stands in a column of its own.
_SHOWN_WITH = {FIRST.name: ["verified_name"], "client": ["waba_id", "waba_name"], "synced_at": ["facts_as_of"]}
_ALL = list(dict.fromkeys(each for name in COLUMNS for each in (name, *_SHOWN_WITH.get(name, []))))

# What makes a spreadsheet take a cell for a formula or a command (OWASP, "CSV Injection"), also in full width.
_STARTS_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n\0]")
_PHONE_NUMBER = re.compile(r"\+[0-9 ()\-.]+")
_WABAS_KEPT = 20_000
_TEXTS_KEPT = 2_000


def columns_asked(names: Iterable[str]) -> list[str]:
    """The columns of these names, in this order and led by the number; all public ones when none is known."""
    wanted = dict.fromkeys(name for text in names for name in text.split(","))
    chosen = [name for name in wanted if name in _ALL and name != FIRST.name]
    return [FIRST.name, *chosen] if chosen else HEADER


def columns_shown(names: Sequence[str]) -> list[str]:
    """What a file says that holds what these columns of the list show."""
    return [each for name in names for each in (name, *(one for one in _SHOWN_WITH.get(name, []) if one != "waba_id"))]


def lines_of(keys: Sequence[int], person: roles.Person, columns: Sequence[str]) -> Iterator[bytes]:
    """CSV in pieces of many lines: the numbers of `keys`, which `person` may see, in this order."""
    yield _written([columns])
    for piece in pieces_of(keys, person, columns, as_cell=_cell_of_csv):
        yield _written(piece)


def pieces_of(
    keys: Sequence[int], person: roles.Person, columns: Sequence[str], *, as_cell: Callable[[str, str], str]
) -> Iterator[list[list[str]]]:
    """Some rows at a time, each with its values as text; "" for what Graph did not return.

    `as_cell` makes of a column's name and a text what stands in the file.
    """
    facts = [name for name in columns if name not in (*_OF_WABA, *_WORKED_OUT, _LABELS)]
    facts = list(dict.fromkeys([*facts, *(_OF_REGISTERED if "registered" in columns else ())]))
    # Times as the database writes them, in UTC on both: making datetimes of them is a third of the work.
    times = {f"{name}_text": Cast(name, TextField()) for name in facts if name in _TIMES}
    numbers = PhoneNumber.objects.annotate(shown_key=shown(person, "pk"), **times).order_by()
    found = numbers.values_list("pk", "shown_key", *(f"{name}_text" if name in _TIMES else name for name in facts))
    wabas = _Wabas()
    texts = [_Texts(name, as_cell) for name in columns]
    values_of = _values_of(columns, facts)
    has_labels = _LABELS in columns and Label.objects.exists()
    for start in range(0, len(keys), _PIECE):
        piece = keys[start : start + _PIECE]
        rows = {row[0]: row for row in found.filter(pk__in=piece)}
        wabas.fetch({row[1] for row in rows.values()})
        labels = _labels_of(rows, person) if has_labels else {}
        # A number that went away meanwhile is left out.
        yield [
            [
                text[value]
                for text, value in zip(texts, values_of(rows[key], wabas[rows[key][1]], labels.get(key)), strict=True)
            ]
            for key in piece
            if key in rows
        ]


def _labels_of(rows: Mapping[int, tuple[Any, ...]], person: roles.Person) -> dict[int, str]:
    """The labels of numbers and of the clients shown for them, as far as `person` sees them, by the number's key."""
    of_wabas: dict[int, set[str]] = defaultdict(set)
    on_clients = ClientLabel.objects.filter(client__wabas__in={row[1] for row in rows.values()}).order_by()
    for waba, name in on_clients.values_list("client__wabas", "label__name"):
        of_wabas[waba].add(name)
    found = {key: set(of_wabas[row[1]]) for key, row in rows.items() if row[1] in of_wabas}
    on_numbers = NumberLabel.objects.visible_to(person).filter(number__in=rows).order_by()
    for number, name in on_numbers.values_list("number", "label__name"):
        found.setdefault(number, set()).add(name)
    return {key: ", ".join(sorted(names, key=str.casefold)) for key, names in found.items()}


def _values_of(
    columns: Sequence[str], facts: Sequence[str]
) -> Callable[[tuple[Any, ...], tuple[str, ...], str | None], Any]:
    """What picks a row's values, in the order of `columns`, out of the row, its WABA, and its labels."""
    known = ["pk", "shown_key", *facts, *_OF_WABA, *_WORKED_OUT, _LABELS]
    pick = operator.itemgetter(*(known.index(name) for name in columns), 0)
    registered = operator.itemgetter(*(known.index(name) for name in _OF_REGISTERED if name in known), 0, 0)
    return lambda row, waba, labels: pick(row + waba + (registered(row)[:2], labels))[:-1]


class _Texts(dict[Any, str]):
    """The texts of one column by its values: most columns hold few, each of which is made into text once."""

    def __init__(self, name: str, as_cell: Callable[[str, str], str]) -> None:
        self._name, self._as_cell = name, as_cell
        self._as_text = _registered if name in _WORKED_OUT else _time if name in _TIMES else _plain

    def __missing__(self, value: Any) -> str:
        text = self._as_cell(self._name, self._as_text(value))
        if len(self) < _TEXTS_KEPT:
            self[value] = text
        return text


class _Wabas(dict[int, tuple[str, ...]]):
    """What the file says of a number's WABA, by the WABA's key: as `_OF_WABA` counts them. Read as they are met."""

    def fetch(self, keys: set[int]) -> None:
        """Know these; one query for those that are new."""
        if len(self) > _WABAS_KEPT:
            self.clear()
        if new := keys - self.keys():
            people = Waba.objects.filter(pk__in=new).select_related("client__owner", "client__cover")
            for waba in people.only("waba_id", "name", *_OF_CLIENT):
                client = waba.client
                cover = str(client.cover) if client.cover_state == CoverState.NOW else ""
                self[waba.pk] = (client.name, waba.waba_id, waba.name, str(client.owner or ""), cover)

    def __missing__(self, key: int) -> tuple[str, ...]:
        return ("",) * len(_OF_WABA)


def _cell_of_csv(name: str, text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula.

    The number itself stays as Graph displays it, plus sign and all: people paste it into dialers and other systems.
    """
    if not text or (name == FIRST.name and _PHONE_NUMBER.fullmatch(text)):
        return text
    return neutral(text)


def neutral(text: str) -> str:
    """`text` as no spreadsheet takes it for a formula."""
    safe = text if text[:1].isalnum() or not _STARTS_FORMULA.match(text) else f"'{text}"
    return safe.replace("\0", "")


def _registered(facts: tuple[str | None, str | None]) -> str:
    return registered_word(Facts(status=facts[0], platform_type=facts[1]))


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _time(text: str | None) -> str:
    """ISO 8601, of a database's "2026-03-04 09:08:07" with or without fractions and offset."""
    return f"{text[:10]}T{text[11:19]}Z" if text else ""


def _written(lines: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
