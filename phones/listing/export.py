"""The numbers as rows of a file, a piece at a time, so that a file of any length takes no memory.

Columns and their order are public: new ones go to the end. `portal.web.files` writes CSV and Excel of them.

A piece is turned into text column by column, because that is done by functions in C: a lookup where a column holds few
values, each of which is made into text once, and a function of its own where it holds many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from clients import roles
from clients.choices import CoverState
from clients.models import ClientLabel, Label, User, Waba
from clients.models.clients import cover_state
from phones.listing.columns import COLUMNS, FIRST
from phones.listing.rows import shown
from phones.models import NumberLabel, PhoneNumber
from phones.numbers.lifecycle import Facts
from phones.numbers.words import registered_word, trait_word
from phones.trait_choices import TRAIT_COLUMNS
from portal.web.files import guarded, guarded_number, text_of

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
    "username",
    "profile",
    "calling",
]

# Rows read at once. Larger pieces are not faster, and five people may export at the same time.
_PIECE = 2_000
# Each has a column of the table, under another name, and a word for what is not known.
_TRAITS = ("username", "profile", "calling")
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
_AGES = {"synced_at": "age__synced_at", "facts_as_of": "age__facts_as_of"}
# Nearly every row has a value of its own.
_OF_MANY_VALUES = {"phone_number_id", "display_phone_number", "verified_name"}
# What one cell of the list shows beside its own fact stands in a column of its own.
_SHOWN_WITH = {FIRST.name: ["verified_name"], "client": ["waba_id", "waba_name"], "synced_at": ["facts_as_of"]}
_ALL = list(dict.fromkeys(each for name in COLUMNS for each in (name, *_SHOWN_WITH.get(name, []))))

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


def pieces_of(
    keys: Sequence[int], person: roles.Person, columns: Sequence[str], *, guard: bool
) -> Iterator[list[tuple[str, ...]]]:
    """The numbers of `keys`, which `person` may see, in this order: some rows at a time, each with its values as text.

    "" for what Graph did not return. `guard`: fit for CSV, which has no other way to say that a cell is no formula.
    """
    facts = [name for name in columns if name not in (*_OF_WABA, *_WORKED_OUT, _LABELS)]
    facts = list(dict.fromkeys([*facts, *(_OF_REGISTERED if "registered" in columns else ())]))
    # Times as the database writes them, in UTC on both: making datetimes of them is a third of the work.
    times = {f"{name}_text": Cast(_AGES.get(name, name), TextField()) for name in facts if name in _TIMES}
    numbers = PhoneNumber.objects.annotate(shown_key=shown(person, "pk"), **times).order_by()
    found = numbers.values_list("pk", "shown_key", *(_path_of(name) for name in facts))
    wabas = _Wabas(guard=guard)
    made = {name: _maker_of(name, guard=guard) for name in columns if name not in _OF_WABA}
    has_labels = _LABELS in columns and Label.objects.exists()
    for start in range(0, len(keys), _PIECE):
        piece = keys[start : start + _PIECE]
        by_key = {row[0]: row for row in found.filter(pk__in=piece)}
        # A number that went away meanwhile is left out.
        rows = [by_key[key] for key in piece if key in by_key]
        values: dict[str, Iterable[Any]] = {}
        if rows:
            values = dict(zip(("pk", "shown_key", *facts), zip(*rows, strict=True), strict=True))
        shown_keys = list(values.get("shown_key", ()))
        wabas.fetch(set(shown_keys))
        if "registered" in columns and rows:
            values["registered"] = zip(*(values[name] for name in _OF_REGISTERED), strict=True)
        if has_labels:
            labels = _labels_of(by_key, person)
            values[_LABELS] = [labels.get(row[0], "") for row in rows]
        elif _LABELS in columns:
            values[_LABELS] = [""] * len(rows)
        texts = (
            map(wabas[name].__getitem__, shown_keys) if name in _OF_WABA else map(made[name], values.get(name, ()))
            for name in columns
        )
        yield list(zip(*texts, strict=True))


def _path_of(name: str) -> str:
    """Where the value of a column stands."""
    if name in _TIMES:
        return f"{name}_text"
    return TRAIT_COLUMNS[name] if name in _TRAITS else name


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


def _maker_of(name: str, *, guard: bool) -> Callable[[Any], str]:
    """What makes the text of this column out of a value."""
    if name in _TIMES:
        return _time
    if name in _WORKED_OUT:
        return _Texts(_registered).__getitem__
    if name in _TRAITS:
        return _Texts(trait_word).__getitem__
    if name not in _OF_MANY_VALUES:
        return _Texts(lambda value: guarded(text_of(value)) if guard else text_of(value)).__getitem__
    if not guard:
        return text_of
    return _guarded_number if name == FIRST.name else _guarded


class _Texts(dict[Any, str]):
    """The texts of one column by its values: each is made into text once."""

    def __init__(self, text: Callable[[Any], str]) -> None:
        self._text = text

    def __missing__(self, value: Any) -> str:
        text = self._text(value)
        if len(self) < _TEXTS_KEPT:
            self[value] = text
        return text


class _Wabas(dict[str, dict[int, str]]):
    """What the file says of a number's WABA: by the column, then by the WABA's key. Read as they are met."""

    def __init__(self, *, guard: bool) -> None:
        super().__init__({name: defaultdict(str) for name in _OF_WABA})
        self._guard = guard
        self._people: dict[tuple[str | None, ...], str] = {(None, None, None): ""}

    def fetch(self, keys: set[int]) -> None:
        """Know these; one query for those that are new."""
        if len(self["client"]) > _WABAS_KEPT:
            for known in self.values():
                known.clear()
        if new := keys - self["client"].keys():
            wabas = Waba.objects.filter(pk__in=new).values_list("pk", "waba_id", "name", *_OF_CLIENT)
            for key, waba_id, name, client, cover_from, cover_until, *names in wabas:
                owner, cover = self._person(names[:3]), self._person(names[3:])
                if cover and cover_state(cover_from, cover_until) != CoverState.NOW:
                    cover = ""
                for column, text in zip(_OF_WABA, (client, waba_id, name, owner, cover), strict=True):
                    self[column][key] = guarded(text) if self._guard else text

    def _person(self, names: Sequence[str | None]) -> str:
        """A person as the desk names them: made once of each, who look after many WABAs."""
        key = tuple(names)
        if key not in self._people:
            self._people[key] = str(User(**{name: value or "" for name, value in zip(_NAMES, names, strict=True)}))
        return self._people[key]


def _registered(facts: tuple[str | None, str | None]) -> str:
    return registered_word(Facts(status=facts[0], platform_type=facts[1]))


def _guarded(text: str | None) -> str:
    return guarded(text) if text else ""


def _guarded_number(text: str | None) -> str:
    return guarded_number(text) if text else ""


def _time(text: str | None) -> str:
    """ISO 8601, of a database's "2026-03-04 09:08:07" with or without fractions and offset."""
    return f"{text[:10]}T{text[11:19]}Z" if text else ""
