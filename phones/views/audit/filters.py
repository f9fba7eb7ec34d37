"""From an address to the lines of the audit log that it asks for. Each filter is answered by an index."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from clients.choices import AuditKind, AuditOutcome
from clients.filters import ME, ClientFilter
from clients.models import Client, User
from phones.listing.search import numbers_meant
from phones.models import PhoneNumber
from phones.numbers.search import needles_of
from portal.web.filters import ListFilter, ListFilters

# What one search term may mean; more say nothing to anybody.
_MOST_MEANT = 200
_LONGEST_TERM = 200


class _PersonFilter(ListFilter):
    """Lines of a person by username, or "me": what they did, and what was done to their login."""

    def condition(self, values: list[str]) -> Q | None:
        names = [self.parent.person.username if value == ME else value for value in values]
        keys = list(User.objects.filter(username__in=names).values_list("pk", flat=True))
        return done_by(keys) if keys else None

    def words(self, value: str) -> str:
        return "me" if value == ME else value


class _ObjectFilter(ListFilter):
    """Lines about one thing, by its table and key: "clients.waba:12"; or about any of a table: "clients.waba"."""

    def condition(self, values: list[str]) -> Q | None:
        either = Q()
        for value in values:
            table, _, key = value.partition(":")
            either |= Q(object_type=table, **({"object_id": key} if key else {}))
        return either or None


class _Days(ListFilter):
    """Lines from a day on, or up to its end, in the reader's time zone. The first value counts."""

    def spelled(self, values: Iterable[str]) -> list[str]:
        return list(values)[:1]

    def condition(self, values: list[str]) -> Q | None:
        try:
            day = date.fromisoformat(values[0]) if values else None
            moment = _start_of(day + timedelta(days=self.lookup_expr == "lt")) if day else None
        except (ValueError, OverflowError):
            moment = None
        if moment is None:
            self.parent.say(f"“{values[0][:50] if values else ''}” is no day. A day is written like 2026-12-31.")
            return None
        return Q(**{f"at__{self.lookup_expr}": moment})

    @classmethod
    def of(cls, lookup: str, label: str) -> _Days:
        made = cls("at", label=label)
        made.lookup_expr = lookup
        return made


class _Search(ListFilter):
    """A client or a number as the look-up knows them, an address, a name or an id. Sentences are not searched."""

    def condition(self, values: list[str]) -> Q | None:
        term = " ".join(values).strip()[:_LONGEST_TERM]
        either = Q(object_id=term) | Q(object_name=term)
        for one in self._meant(term):
            either |= one
        return either

    def _meant(self, term: str) -> Iterator[Q]:
        with suppress(ValueError):
            yield Q(address=str(ipaddress.ip_address(term)))
        if people := list(User.objects.filter(username__iexact=term).values_list("pk", flat=True)):
            yield done_by(people)
        for needle in needles_of(term)[:1]:
            if needle.name:
                clients = Client.objects.filter(folded_name__contains=needle.name).order_by()
                yield Q(client__in=list(clients.values_list("pk", flat=True)[:_MOST_MEANT]))
            numbers = numbers_meant(needle).values_list("pk", flat=True)[:_MOST_MEANT]
            yield Q(object_type=PhoneNumber._meta.label_lower, object_id__in=[str(key) for key in numbers])


class AuditFilters(ListFilters):
    """Lines by who did it, what kind it is, what came of it, for whom, about what, when, and a search."""

    person = _PersonFilter("actor", label="Person")
    kind = ListFilter("kind", label="Kind", choices=AuditKind.choices)
    outcome = ListFilter("outcome", label="Outcome", choices=AuditOutcome.choices)
    client = ClientFilter("client", label="Client")
    object = _ObjectFilter(label="About")
    since = _Days.of("gte", "From")
    until = _Days.of("lt", "Until")
    q = _Search(label="Search")


def done_by(people: list[int]) -> Q:
    """The condition "one of these people did it, or it was done to their login"."""
    table = User._meta.label_lower
    return Q(actor__in=people) | Q(object_type=table, object_id__in=[str(key) for key in people])


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
