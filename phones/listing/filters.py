"""From the list's address to the numbers it means. The parameters are public; nothing is written here.

A condition can be put in two ways. Open, so that the database finds the rows by an index: best while few match. Or
hidden from the planner, which then reads the index of the sort and tests row after row: best where many match, because
a page is full soon. Neither database chooses well between the two by itself.
"""

from __future__ import annotations

import django_filters
from django.db import connections
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.forms import Field, MultipleHiddenInput
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property

from clients import roles
from clients.models import Waba
from phones.listing import search_index
from phones.listing.queues import QUEUES
from phones.models import Listing, PhoneNumber
from phones.numbers.search import LONGEST_NEEDLE, Needle
from portal.web.addresses import is_storable, row_key

NOT_RETURNED = "-"
NOBODY = "-"
ME = "me"

# More WABAs than this are named in a query by their condition, not one by one.
_MANY_WABAS = 500

Numbers = QuerySet[PhoneNumber]


class _Values(Field):
    """All values of a repeatable parameter, whatever they are; empty ones and repetitions are left out."""

    widget = MultipleHiddenInput

    def clean(self, value: list[str] | None) -> list[str]:
        return [text for text in dict.fromkeys(value or []) if text]


class _Filter(django_filters.Filter):  # type: ignore[misc] # django-filter has no types
    field_class = _Values
    parent: NumberFilters

    def filter(self, rows: Numbers, values: list[str]) -> Numbers:
        if not values:
            return rows
        condition = self.condition([value for value in values if is_storable(value)])
        return rows.none() if condition is None else self.parent.narrow(rows, condition)

    def condition(self, values: list[str]) -> Q | None:
        """What the storable ones among the given values ask for; None when nothing can match."""
        raise NotImplementedError


class _Exact(_Filter):
    """One of the values, as Graph spells them; "-" is a field that Graph did not return."""

    def condition(self, values: list[str]) -> Q | None:
        spelled = [value for value in values if value != NOT_RETURNED]
        either = Q(**{f"{self.field_name}__in": spelled}) if spelled else Q()
        if NOT_RETURNED in values:
            either |= Q(**{f"{self.field_name}__isnull": True})
        return either or None


class _OfClient(_Filter):
    def condition(self, values: list[str]) -> Q | None:
        keys = [key for key in map(row_key, values) if key is not None]
        return self.parent.on(Q(client__in=keys)) if keys else None


class _OfWaba(_Filter):
    def condition(self, values: list[str]) -> Q | None:
        return self.parent.on(Q(waba_id__in=values)) if values else None


class _OfOwner(_Filter):
    """Account managers by username, "me", or "-" for clients that have none."""

    def condition(self, values: list[str]) -> Q | None:
        either = Q()
        for value in values:
            if value == NOBODY:
                either |= Q(client__owner=None)
            elif value == ME:
                either |= Q(client__owner=self.parent.person.pk)
            else:
                either |= Q(client__owner__username=value)
        return self.parent.on(either) if either else None


class _InStage(_Filter):
    """Stages by name; "-" is a number whose stage is not worked out yet."""

    def condition(self, values: list[str]) -> Q | None:
        return Q(stage__in=["" if value == NOT_RETURNED else value for value in values]) if values else None


class _InQueue(_Filter):
    def condition(self, values: list[str]) -> Q | None:
        either = Q()
        for value in values:
            queue = QUEUES.get(value)
            if queue is None:
                self.parent.say(f"There is no queue “{value[:50]}”. There are: {', '.join(QUEUES)}.")
            elif queue.numbers:
                either |= queue.numbers(timezone.now())
            elif queue.wabas:
                either |= self.parent.on(queue.wabas())
        return either or None


class _Search(_Filter):
    def filter(self, rows: Numbers, values: list[str]) -> Numbers:
        needle = self.parent.needle if values else None
        return self.parent.narrow(rows, self.parent.found(needle)) if needle else rows


class NumberFilters(django_filters.FilterSet):  # type: ignore[misc] # django-filter has no types
    """The numbers that `person` may see and the address asks for.

    `qs` puts the conditions openly, `walked` hides them (see above). `notes` are sentences for the page about values
    that mean nothing.
    """

    status = _Exact()
    code_verification_status = _Exact()
    name_status = _Exact()
    new_name_status = _Exact()
    quality_rating = _Exact()
    account_mode = _Exact()
    platform_type = _Exact()
    throughput = _Exact()
    messaging_limit = _Exact()
    client = _OfClient()
    waba = _OfWaba()
    owner = _OfOwner()
    stage = _InStage()
    queue = _InQueue()
    q = _Search()

    def __init__(self, data: QueryDict, person: roles.Person) -> None:
        super().__init__(data, PhoneNumber.objects.visible_to(person))
        self.person = person
        self.notes: list[str] = []
        self.walking = False
        self.is_sqlite = connections[self.queryset.db].vendor == "sqlite"

    @cached_property
    def walked(self) -> Numbers:
        """The same numbers as `qs`, for reading a page of many along the index of the sort."""
        self.errors  # noqa: B018 - reading them validates the form, which filtering needs
        self.walking = True
        rows: Numbers = self.filter_queryset(self.queryset.all())
        self.walking = False
        return rows

    @cached_property
    def needle(self) -> Needle | None:
        """What is searched for; None when nothing is."""
        typed = " ".join(self.data.getlist("q"))
        if len(typed) > LONGEST_NEEDLE:
            self.say(f"Only the first {LONGEST_NEEDLE} characters are searched for.")
        return Needle.of(typed)

    @cached_property
    def is_narrowed(self) -> bool:
        """Whether the address asks for less than everything."""
        return self.needle is not None or any(values for name, values in self.form.cleaned_data.items() if name != "q")

    def say(self, note: str) -> None:
        """Have the page say `note`, once."""
        if note not in self.notes:
            self.notes.append(note)

    def narrow(self, rows: Numbers, condition: Q) -> Numbers:
        """The `rows` for which `condition` holds."""
        if self.walking:
            return rows.filter(_hidden(condition))
        return rows.filter(condition)

    def on(self, wabas: Q) -> Q:
        """The condition "it is on one of these WABAs, which the person may see"."""
        theirs = Waba.objects.visible_to(self.person).filter(wabas).values("pk")
        listings = Listing.objects.current()
        if self.walking:
            return Q(Exists(listings.filter(_hidden(Q(waba__in=theirs)), number=OuterRef("pk"))))
        return Q(pk__in=listings.filter(waba__in=theirs).values("number"))

    def found(self, needle: Needle) -> Q:
        """The condition "the search box means this number"."""
        either = self._in_text(needle.contains)
        for digits in needle.starts:
            either |= _starts("digits", digits)
        if needle.id_starts:
            either |= _starts("phone_number_id", needle.id_starts)
        if self._named is None:
            return either
        by_waba = self.on(self._named)
        if self.is_sqlite or self.walking or not all(len(text) >= search_index.SHORTEST for text in needle.contains):
            return either | by_waba
        # PostgreSQL uses no index for "this or in that query", but does for one query made of two.
        rows = PhoneNumber.objects.order_by().values("pk")
        return Q(pk__in=rows.filter(either).union(rows.filter(by_waba)))

    def _in_text(self, texts: tuple[str, ...]) -> Q:
        either = Q()
        indexed = self.is_sqlite and not self.walking and search_index.is_ready(self.queryset.db)
        if long := [text for text in texts if indexed and len(text) >= search_index.SHORTEST]:
            either |= Q(search_index.holds(long))
        for text in texts:
            if text not in long:
                either |= Q(search_text__contains=text)
        return either

    @cached_property
    def _named(self) -> Q | None:
        """The condition "this WABA is the one that was searched for"; None when none is."""
        if self.needle is None or not self.needle.name:
            return None
        either = _says("name", self.needle.name) | _says("client__name", self.needle.name)
        if self.needle.id_starts:
            either |= _starts("waba_id", self.needle.id_starts)
        found = Waba.objects.visible_to(self.person).filter(either).order_by().values_list("pk", flat=True)
        keys = list(found[: _MANY_WABAS + 1])
        if len(keys) > _MANY_WABAS:
            return either
        return Q(pk__in=keys) if keys else None


def _hidden(condition: Q) -> Case:
    """`condition`, as a test of rows that were found another way."""
    return Case(When(condition, then=Value(value=True)), default=Value(value=False))


def _starts(field: str, digits: str) -> Q:
    """`field`, which holds digits only, starts with `digits`: as a range, which any index of the column answers."""
    return Q(**{f"{field}__gte": digits, f"{field}__lte": digits + "9" * 50})


def _says(field: str, text: str) -> Q:
    """`field` contains `text`, whatever the case. SQLite knows the case of ASCII letters only, hence the spellings."""
    either = Q(**{f"{field}__icontains": text})
    if not text.isascii():
        for spelling in {text.lower(), text.upper(), text.title()} - {text}:
            either |= Q(**{f"{field}__icontains": spelling})
    return either
