"""The kinds of things that have a name or an id and a page: found in one statement, however many kinds they are.

Each kind brings its few best rows, and the database chooses them. Their tables are read whole where a name is looked
for in its middle: there are thousands of clients and WABAs where there are a million numbers. Numbers are a kind here
only to be read again by their key; `numbers` finds them through their indexes.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.db.models import Case, CharField, F, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, NullIf
from django.urls import reverse

from clients.choices import AttemptState
from clients.models import Client, SavedView, SignupAttempt, User, Waba
from clients.ownership import clients_portfolios
from clients.querysets import ClientsRowsQuerySet, SavedViewQuerySet
from phones.models import PhoneNumber, PreverifiedNumber
from phones.numbers.search import Needle
from phones.views.find.found import EXACT, HOLDS, STARTS, Found, fit_of
from portal.folding import fold

MOST_OF_A_KIND = 5
_SLUG = re.compile(r"[-a-zA-Z0-9_]+")
_LONGEST_SLUG = 80

Rows = ClientsRowsQuerySet[Any] | SavedViewQuerySet


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rows, and where what is typed is looked for in them.

    `names` are columns of folded text, the first of which decides how well a row fits; `ids` are columns of Graph ids
    and `digits` those of phone numbers. `key` is what the route takes. `words` makes a detail fit to be read.
    """

    name: str
    label: str
    icon: str
    route: str
    rows: Callable[[], Rows]
    key: str
    title: Combinable
    detail: Combinable
    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    digits: tuple[str, ...] = ()
    words: Callable[[str], str] = str

    def wanted(self, needles: Sequence[Needle]) -> Q | None:
        """The condition "a row is meant by all of `needles`"; None where no row of this kind can be."""
        each = [self._holds(needle) for needle in needles]
        return reduce(lambda one, other: one & other, each) if each and all(each) else None

    def _holds(self, needle: Needle) -> Q:
        either = Q()
        for field in self.names if needle.name else ():
            either |= Q(**{f"{field}__contains": needle.name})
        for field in self.ids if needle.id_starts else ():
            either |= Q(**{f"{field}__startswith": needle.id_starts})
        for field in self.digits:
            for digits in needle.contains:
                if digits.isdecimal():
                    either |= Q(**{f"{field}__contains": digits})
            for digits in needle.starts:
                either |= Q(**{f"{field}__startswith": digits})
        return either

    def best(self, user: User, condition: Q, typed: str) -> QuerySet[Any, Any]:
        """The few rows of this kind that fit best, as columns that all kinds have."""
        rows: QuerySet[Any, Any] = self.rows().visible_to(user).filter(condition)
        order: list[Any] = ["pk"]
        if self.names:
            fits = (
                When(**{self.names[0]: typed}, then=EXACT),
                When(**{f"{self.names[0]}__startswith": typed}, then=STARTS),
            )
            order = [Case(*fits, default=HOLDS, output_field=IntegerField()), self.names[0], "pk"]
        return self.columns(self.rows().filter(pk__in=rows.order_by(*order).values("pk")[:MOST_OF_A_KIND]))

    def columns(self, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
        columns: tuple[Combinable, ...] = (Value(self.name), F(self.key), self.title, self.detail)
        return rows.order_by().values_list(*(Cast(each, TextField()) for each in columns))

    def found(self, key: str, title: str, detail: str, *, typed: str = "") -> Found:
        exact = typed and typed in {key, fold(title)}
        return Found(
            kind=self.name,
            key=key,
            label=self.label,
            icon=self.icon,
            title=title,
            address=reverse(self.route, args=[key]),
            detail=self.words(detail) if detail and detail != title else "",
            fit=EXACT if exact else fit_of(fold(title), typed),
        )


def _named(name: str, key: str) -> Combinable:
    return Coalesce(NullIf(F(name), Value("")), F(key), output_field=CharField())


def _of_a_client(name: str, label: str, icon: str, rows: Callable[[], Rows], *, key: str) -> Kind:
    """Something of Meta's that belongs to a client, with a Graph id as its `key` and a name that it may lack."""
    return Kind(
        name,
        label,
        icon,
        f"phones:{name}",
        rows,
        key=key,
        title=_named("name", key),
        detail=F("client__name"),
        names=("folded_name",),
        ids=(key,),
    )


_STATES = {str(state.value): str(state.label) for state in AttemptState}
_NONE = Value("")

_ALL = [
    Kind(
        "client",
        "Client",
        "building-storefront",
        "phones:client",
        lambda: Client.objects.all(),
        key="pk",
        title=F("name"),
        detail=_NONE,
        names=("folded_name",),
    ),
    _of_a_client("waba", "WABA", "chat-bubble-left-right", lambda: Waba.objects.all(), key="waba_id"),
    _of_a_client("portfolio", "Portfolio", "briefcase", clients_portfolios, key="business_id"),
    Kind(
        "signup",
        "Signup",
        "user-plus",
        "signup:attempt",
        lambda: SignupAttempt.objects.all(),
        key="pk",
        title=F("link__client__name"),
        detail=F("state"),
        names=("link__client__folded_name",),
        ids=("said_waba_id", "said_phone_number_id", "said_business_id"),
        words=lambda state: _STATES.get(state, state),
    ),
    Kind(
        "preverified",
        "Pool number",
        "rectangle-stack",
        "preverified:number",
        lambda: PreverifiedNumber.objects.all(),
        key="preverified_id",
        title=_named("phone_number", "preverified_id"),
        detail=_NONE,
        ids=("preverified_id",),
        digits=("digits",),
    ),
    Kind(
        "view",
        "Saved view",
        "bookmark",
        "phones:view",
        lambda: SavedView.objects.all(),
        key="slug",
        title=F("name"),
        detail=F("list_name"),
        names=("folded_name",),
        words=str.capitalize,
    ),
]
NUMBER = Kind(
    "number",
    "Number",
    "phone",
    "phones:number",
    lambda: PhoneNumber.objects.all(),
    key="phone_number_id",
    title=_named("display_phone_number", "phone_number_id"),
    detail=F("verified_name"),
)
KINDS = {kind.name: kind for kind in (*_ALL, NUMBER)}


def is_key(kind: str, key: str) -> bool:
    """Whether a thing of this kind may have this key: digits, which of ours are integers to the database; a slug."""
    if kind not in KINDS:
        return False
    if KINDS[kind].key == "slug":
        return len(key) <= _LONGEST_SLUG and _SLUG.fullmatch(key) is not None
    longest = 18 if KINDS[kind].key == "pk" else 32
    return key.isascii() and key.isdecimal() and len(key) <= longest


def search(user: User, needles: Sequence[Needle], typed: str) -> list[Found]:
    """The few of every kind but numbers that fit best, in one statement. `typed` is folded."""
    wanted = {kind.name: kind.wanted(needles) for kind in _ALL}
    each = [KINDS[name].best(user, condition, typed) for name, condition in wanted.items() if condition]
    return [KINDS[name].found(*row, typed=typed) for name, *row in _together(each)]


def look_up(user: User, keys: Sequence[tuple[str, str]]) -> list[Found]:
    """The things that these pairs of kind and key name, as far as `user` may see them, in that order."""
    by_kind: dict[str, list[str]] = {}
    for name, key in keys:
        by_kind.setdefault(name, []).append(key)
    each = [
        kind.columns(kind.rows().visible_to(user).filter(**{f"{kind.key}__in": by_kind[name]}))
        for name, kind in KINDS.items()
        if name in by_kind
    ]
    found = {(name, row[0]): KINDS[name].found(*row) for name, *row in _together(each)}
    return [found[pair] for pair in keys if pair in found]


def _together(each: Sequence[QuerySet[Any, Any]]) -> list[tuple[str, str, str, str]]:
    if not each:
        return []
    first, *others = each
    return list(first.union(*others, all=True) if others else first)
