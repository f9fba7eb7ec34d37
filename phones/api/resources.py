"""What the API has: each resource is a declared list of the desk, whose rows have the columns of the list's file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from django.http import QueryDict
from django.utils.functional import cached_property
from pydantic import BaseModel, Field, create_model

from clients.models import User
from phones.api.action_list import ActionList
from phones.choices import STATUSES
from phones.listing import values
from phones.listing.values import Values, names_of, type_of
from portal.rows import row_or_none
from portal.web.listing import DeclaredList
from portal.web.query import list_named


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One list under `/api/v1/<name>`, and its rows one by one, found by `lookup`, which `key_column` says.

    Its list is the one of that name, unless it is given.
    """

    name: str
    kind: str
    about: str
    lookup: str = ""
    key_column: str = ""
    given: type[DeclaredList[Any]] | None = None

    @cached_property
    def declared(self) -> type[DeclaredList[Any]]:
        return self.given or list_named(self.name)

    @property
    def names(self) -> Sequence[str]:
        return names_of(self.declared)

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

    def one(self, person: User, key: str) -> Values | None:
        """What is told of the row that `key` names; None where the person sees none."""
        found = self.open(QueryDict(), person)
        row = row_or_none(found.prepare(found.visible().filter(**{self.lookup: key})))
        return None if row is None else values.values_of(found, row)


def _words_of(kind: type[DeclaredList[Any]], name: str) -> str:
    """What a filter is about, and the values that are known of it."""
    one = kind.filter_set.base_filters[name]
    heads = {column.name: column.label for column in kind.columns}
    label = str(one.label or heads.get(name, name))
    known = ", ".join(one.choices or STATUSES.get(name, ()))
    return f"{label}. Known values: {known}." if known else f"{label}."


_ALL: Sequence[Resource] = (
    Resource(
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
    ),
    Resource(
        name="clients",
        kind="Client",
        about="Clients, and who looks after them.",
        lookup="pk",
        key_column="id",
    ),
    Resource(
        name="changes",
        kind="Change",
        about="What changed over the book, one row a happening. Lines of history that belong together are one.",
    ),
    Resource(
        name="signups",
        kind="Signup",
        about="Tries at Embedded Signup.",
        lookup="pk",
        key_column="signup",
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
    Resource(
        name="actions",
        kind="Action",
        about="What was asked of Meta, and what became of it.",
        lookup="pk",
        key_column="id",
        given=ActionList,
    ),
)
RESOURCES: Mapping[str, Resource] = MappingProxyType({each.name: each for each in _ALL})
