"""Whose book the desk shows: one's own, for a team lead a colleague's or everybody's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from clients import roles
from clients.models import Client, User, Waba
from phones.models import PhoneNumber
from phones.querysets import of_clients

MINE, EVERYBODY = "mine", "all"


@dataclass(frozen=True, slots=True)
class Book:
    """The clients that `reader` looks at now: those that `owner` owns, or, without one, all that they may see.

    With a `client` it is that one alone. `note` says what the address got wrong.
    """

    reader: User
    owner: User | None = None
    note: str = ""
    client: Client | None = None

    @property
    def sees_everything(self) -> bool:
        return roles.sees_everything(self.reader)

    @property
    def is_everybodys(self) -> bool:
        """Whether it holds the clients of all account managers."""
        return self.sees_everything and self.owner is None and self.client is None

    @property
    def is_mine(self) -> bool:
        return self.owner == self.reader

    def numbers(self) -> QuerySet[PhoneNumber]:
        rows = PhoneNumber.objects.visible_to(self.reader)
        if self.client is not None:
            return rows.of(Client.objects.filter(pk=self.client.pk))
        return rows if self.owner is None else rows.filter(self._is_owners())

    def _is_owners(self) -> Q:
        return of_clients(Client.objects.filter(owner=self.owner), further=roles.may_see_further(self.reader))

    def wabas(self) -> QuerySet[Waba]:
        rows = Waba.objects.visible_to(self.reader)
        return rows if self.owner is None else rows.filter(client__owner=self.owner)

    def clients(self) -> QuerySet[Client]:
        rows = Client.objects.visible_to(self.reader)
        if self.client is not None:
            return rows.filter(pk=self.client.pk)
        return rows if self.owner is None else rows.filter(owner=self.owner)

    def list_address(self, pairs: Iterable[tuple[str, str]]) -> str:
        """The numbers list, narrowed by `pairs` and to this book."""
        if self.client is not None:
            return f"{reverse('phones:list')}?{urlencode([*pairs, ('client', self.client.pk)])}"
        owner = [] if self.owner is None else [("owner", "me" if self.is_mine else self.owner.username)]
        return f"{reverse('phones:list')}?{urlencode([*pairs, *owner])}"


def book_named(name: str, reader: User) -> Book:
    """The book that the address names; who does not see everything has none but their own."""
    if not roles.sees_everything(reader) or name in {"", EVERYBODY}:
        return Book(reader)
    if name == MINE:
        return Book(reader, reader)
    owner = User.objects.filter(username=name).first() if "\0" not in name else None
    return Book(reader, owner, "" if owner else f"Nobody here is called “{name[:50]}”. Here is everybody’s book.")
