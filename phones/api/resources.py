"""What the API has: each resource is a declared list of the desk, whose rows have the columns of the list's file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from django.http import QueryDict
from django.utils.functional import cached_property
from pydantic import BaseModel, Field, create_model

from clients.models import User
from phones.api.action_list import ActionList
from phones.choices import STATUSES
from phones.listing import export
from phones.listing.export import HEADER
from phones.models import PhoneNumber
from portal.rows import row_or_none
from portal.web.listing import DeclaredList
from portal.web.query import list_named

Values = dict[str, Any]

_FLAGS = frozenset({"is_official_business_account", "is_pin_enabled", "reading_fails", "settled_by_reading"})
_COUNTS = frozenset(
    {"id", "client_id", "run", "signup", "wabas", "numbers", "failing_wabas", "partners", "read", "failed"}
    | {"added", "changed", "missing", "graph_calls", "code", "subcode", "http_status"}
)
_TEXT_BY_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One list under `/api/v1/<name>`, and its rows one by one, found by `lookup`, which `key_column` says.

    `more` are columns beside those of the list's file, by name.
    """

    name: str
    kind: str
    about: str
    list_name: str = ""
    lookup: str = ""
    key_column: str = ""
    more: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)

    @cached_property
    def declared(self) -> type[DeclaredList[Any]]:
        return list_named(self.list_name or self.name)

    @cached_property
    def columns(self) -> Mapping[str, Callable[[Any], object]]:
        """What gives the value of each column of a row."""
        return {**self.more, **self.declared.file_columns}

    @property
    def names(self) -> Sequence[str]:
        return list(self.columns)

    @cached_property
    def row_model(self) -> type[BaseModel]:
        """The form of one row."""
        columns: dict[str, Any] = {name: (type_of(name) | None, ...) for name in self.names}
        return create_model(self.kind, **columns)

    @cached_property
    def page_model(self) -> type[BaseModel]:
        """The form of one page."""
        link = (str | None, Field(..., description="The address of that page; null where there is none."))
        columns: dict[str, Any] = {
            "data": (list[self.row_model], ...),  # type: ignore[name-defined] # made at run time
            "next": link,
            "previous": link,
            "notes": (list[str], Field(..., description="What in the query means nothing.")),
        }
        return create_model(f"PageOf{self.name.capitalize()}", **columns)

    @cached_property
    def query_model(self) -> type[BaseModel]:
        """The parameters of the list: its filters, each of which may be repeated, its sorts and pages."""
        kind = self.declared
        sorts = tuple(f"{way}{name}" for name in kind.orders for way in ("", "-"))
        filters: dict[str, Any] = {
            name: (list[str], Field(default_factory=list, description=_words_of(kind, name)))
            for name in kind.filter_set.base_filters
        }
        place = (str | None, Field(None, description="Where the page begins: as next and previous have it."))
        usual, most = kind.page_sizes[0], kind.page_sizes[-1]
        paging: dict[str, Any] = {
            "sort": (Literal[sorts] | None, Field(None, description="A dash in front turns the sort round.")),
            "per_page": (int, Field(usual, ge=1, le=most)),
            **dict.fromkeys(("page", "before", "after"), place),
        }
        return create_model(f"QueryOf{self.name.capitalize()}", **filters, **paging)

    def open(self, data: QueryDict, person: User) -> DeclaredList[Any]:
        return self.declared(data, person)

    def page_of(self, found: DeclaredList[Any]) -> list[Values]:
        """What is told of the rows of the page that the query asks for."""
        return [self.told(row) for row in found.rows]

    def told(self, row: Any) -> Values:
        """What is told of one row, as the list shows it."""
        return {name: _plain(value_of(row)) for name, value_of in self.columns.items()}

    def one(self, person: User, key: str) -> Values | None:
        """What is told of the row that `key` names; None where the person sees none."""
        found = self.open(QueryDict(), person)
        row = row_or_none(found.prepare(found.visible().filter(**{self.lookup: key})))
        return None if row is None else self.told_of(found, row)

    def told_of(self, found: DeclaredList[Any], row: Any) -> Values | None:
        """What is told of a row as the database has it."""
        return next(map(self.told, found.rows_of([row])), None)


class Numbers(Resource):
    """The numbers, as their file has them: its text is made in pieces, and so read here as well."""

    @property
    def names(self) -> Sequence[str]:
        return HEADER

    def page_of(self, found: DeclaredList[Any]) -> list[Values]:
        return _lines_of(found, found.found.rows)

    def told_of(self, found: DeclaredList[Any], row: Any) -> Values | None:
        return next(iter(_lines_of(found, [row])), None)


class Actions(Resource):
    """What was asked of Meta. The desk has no page of these alone."""

    @property
    def declared(self) -> type[DeclaredList[Any]]:
        return ActionList


def _lines_of(found: DeclaredList[Any], rows: Sequence[PhoneNumber]) -> list[Values]:
    pieces = export.pieces_of([row.pk for row in rows], found.person, HEADER, guard=False)
    return [
        {name: _of_text(name, text) for name, text in zip(HEADER, line, strict=True)}
        for piece in pieces
        for line in piece
    ]


def type_of(name: str) -> Any:
    """The type of a column by its name: names mean the same in every list."""
    return bool if name in _FLAGS else int if name in _COUNTS else str


def _of_text(name: str, text: str) -> object:
    if not text:
        return None
    return _TEXT_BY_TRUTH.get(text) if name in _FLAGS else text


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value if value is None or isinstance(value, bool | int) else str(value) or None


def _words_of(kind: type[DeclaredList[Any]], name: str) -> str:
    """What a filter is about, and the values that are known of it."""
    one = kind.filter_set.base_filters[name]
    heads = {column.name: column.label for column in kind.columns}
    label = str(one.label or heads.get(name, name))
    known = ", ".join(one.choices or STATUSES.get(name, ()))
    return f"{label}. Known values: {known}." if known else f"{label}."


_ALL: Sequence[Resource] = (
    Numbers(
        name="numbers",
        kind="Number",
        about="Phone numbers, with the columns of their CSV file.",
        lookup="phone_number_id",
        key_column="phone_number_id",
    ),
    Resource(
        name="wabas",
        kind="Waba",
        about="WhatsApp Business Accounts.",
        lookup="waba_id",
        key_column="waba_id",
        more={"client_id": lambda row: row.waba.client_id},
    ),
    Resource(
        name="clients",
        kind="Client",
        about="Clients, and who looks after them.",
        lookup="pk",
        key_column="id",
        more={"id": lambda row: row.client.pk},
    ),
    Resource(
        name="changes",
        kind="Change",
        about="What changed over the book, one row a happening. Lines of history that belong together are one.",
        more={"id": lambda row: row.happening.key},
    ),
    Resource(
        name="signups",
        kind="Signup",
        about="Tries at Embedded Signup.",
        lookup="pk",
        key_column="signup",
        more={"client_id": lambda row: row.attempt.link.client_id},
    ),
    Resource(
        name="pool",
        kind="PoolNumber",
        about="The partner’s pre-verified numbers.",
        lookup="preverified_id",
        key_column="preverified_id",
    ),
    Resource(
        name="runs",
        kind="Run",
        about="Sync runs: readings of WABAs and their numbers from Meta.",
        lookup="pk",
        key_column="run",
    ),
    Actions(
        name="actions",
        kind="Action",
        about="What was asked of Meta, and what became of it.",
        lookup="pk",
        key_column="id",
    ),
)
RESOURCES: Mapping[str, Resource] = MappingProxyType({each.name: each for each in _ALL})
