"""What a list is asked for, as a value of plain texts: kept, sent along, and opened again, by another person too.

A query never says who asks: whoever opens it finds what they may see themselves, and `me` in it is them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from django.http import QueryDict
from django.urls import get_resolver

from portal.web import unknown_rows
from portal.web.addresses import is_storable, row_key
from portal.web.filters import Rows

if TYPE_CHECKING:
    from portal.web.listing import DeclaredList

# The most rows that are chosen one by one. Whoever wants more chooses all that match.
MOST_CHOSEN = 2_000

# The lists that have a name; each enters itself when it is declared.
LISTS: dict[str, type[DeclaredList[Any]]] = {}


class UnusableQueryError(ValueError):
    """What is kept asks for a list or a filter that there is not, so that following the rest would find too much."""


def list_named(name: str) -> type[DeclaredList[Any]]:
    """The list of this name. Lists stand beside their pages, and the portal's addresses import all of those."""
    if name not in LISTS:
        get_resolver().url_patterns  # noqa: B018 - reading them imports the pages
    if name not in LISTS:
        raise UnusableQueryError(f"There is no list “{name[:50]}”.")
    return LISTS[name]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One list by its name, and the parameters of its address: filters, sort, columns, page size; no page."""

    name: str
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def data(self) -> QueryDict:
        """The parameters, as an address has them."""
        data = QueryDict(mutable=True)
        for name, value in self.pairs:
            data.appendlist(name, value)
        return data

    @classmethod
    def of_address(cls, name: str, address: str, person: Any) -> ListQuery:
        """What `address`, or its part behind the question mark, asks the list `name` for.

        Raises UnusableQueryError where it asks by what there is not, or for text that no database holds.
        """
        path, mark, behind = address.partition("?")
        pairs = tuple(parse_qsl(behind if mark and "=" not in path else address))
        if not all(is_storable(text) for pair in pairs for text in pair):
            raise UnusableQueryError("The address holds a character that no text has.")
        return cls(name, pairs).opened(person).query

    def opened(self, person: Any, *, to_work: bool = False) -> DeclaredList[Any]:
        """The list at this query, for `person`; `to_work`: only rows that they may act on.

        Raises UnusableQueryError when it names something that there is not.
        """
        found = list_named(self.name)(self.data, person, to_work=to_work)
        if unknown := found.unknown_parameters:
            raise UnusableQueryError(f"This list has no “{unknown[0][:50]}” to be narrowed by.")
        return found

    def as_json(self) -> dict[str, Any]:
        return {"list": self.name, "parameters": [list(pair) for pair in self.pairs]}

    @classmethod
    def of_json(cls, kept: object) -> Self:
        """What `as_json` gave. Raises UnusableQueryError for anything else."""
        match kept:
            case {"list": str(name), "parameters": list(pairs)} if all(map(_is_pair, pairs)):
                return cls(name, tuple((parameter, value) for parameter, value in pairs))
        raise UnusableQueryError("This is not a query of a list.")


def _is_pair(given: object) -> bool:
    return isinstance(given, list | tuple) and len(given) == 2 and all(isinstance(text, str) for text in given)


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows that a person chose in a list: those with these keys, or, where `keys` is None, all that match the query.

    Of all that match, those with the keys of `without` were unticked again.
    """

    query: ListQuery
    keys: tuple[int, ...] | None = None
    without: tuple[int, ...] = ()

    def rows(self, person: Any, *, to_work: bool = False) -> Rows:
        """The chosen rows that `person` may see, or, `to_work`, act on. A row with a key need not match any more."""
        return self._rows_of(self.query.opened(person, to_work=to_work))

    def keys_in_order(self, person: Any, *, to_work: bool = False) -> Sequence[int]:
        """The keys of the same rows, as the list sorts them."""
        found = self.query.opened(person, to_work=to_work)
        if self.keys is not None:
            return found.chosen_in_order(self.keys)
        without = frozenset(self.without)
        return [key for key in found.keys_in_order() if key not in without] if without else found.keys_in_order()

    def count(self, person: Any, *, to_work: bool = False) -> int:
        """How many these are, however many."""
        return self.rows(person, to_work=to_work).order_by().count()

    def as_json(self) -> dict[str, Any]:
        keys = None if self.keys is None else list(self.keys)
        return {**self.query.as_json(), "keys": keys, "without": list(self.without)}

    @classmethod
    def of_json(cls, kept: object) -> Self:
        """What `as_json` gave. Raises UnusableQueryError for anything else."""
        query = ListQuery.of_json(kept)
        match kept:
            case {"keys": None, "without": list(keys)} if all(type(key) is int for key in keys):
                return cls(query, without=tuple(keys))
            case {"keys": list(keys)} if all(type(key) is int for key in keys):
                return cls(query, tuple(keys))
        raise UnusableQueryError("This is not a selection of rows.")

    @classmethod
    def of_form(cls, form: QueryDict, name: str, person: Any) -> Self:
        """What the form over the list `name` says: `ids`, or all that match with `all` but for those in `except`.

        `query` is the list's address.

        Raises UnusableQueryError when it chooses nothing, too much, or by a filter that there is not.
        """
        query = ListQuery.of_address(name, form.get("query", ""), person)
        is_all = bool(form.get("all"))
        given = form.getlist("except" if is_all else "ids")
        keys = [key for key in map(row_key, dict.fromkeys(given)) if key is not None]
        if not keys and not is_all:
            raise UnusableQueryError("Choose at least one row.")
        if len(keys) > MOST_CHOSEN:
            raise UnusableQueryError(f"Choose at most {MOST_CHOSEN:,} rows one by one, or all that match.")
        if is_all:
            return cls(query, without=tuple(keys))
        chosen = cls(query, tuple(keys))
        if unknown_rows.is_noted() and chosen.count(person) < len(keys):
            unknown_rows.note("ticked rows")
        return chosen

    def _rows_of(self, found: DeclaredList[Any]) -> Rows:
        if self.keys is not None:
            return found.chosen(self.keys)
        return found.whole().exclude(pk__in=self.without) if self.without else found.whole()
