"""From an address to the clients or signups that it means. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from clients import roles
from clients.choices import AttemptState
from clients.models import Client, Waba
from portal.web.addresses import row_key
from portal.web.filters import KeyFilter, ListFilter, ListFilters

NOBODY = "-"
ME = "me"


class OwnerFilter(ListFilter):
    """Account managers by username, "me", or "-" for clients that have none."""

    def condition(self, values: list[str]) -> Q | None:
        either = Q()
        for value in values:
            if value == NOBODY:
                either |= Q(**{self.field_name: None})
            elif value == ME:
                either |= Q(**{self.field_name: self.parent.person.pk})
            else:
                either |= Q(**{f"{self.field_name}__username": value})
        return either or None

    def words(self, value: str) -> str:
        return {ME: "me", NOBODY: "nobody"}.get(value, value)


class ClientFilter(KeyFilter):
    """Rows by the key of their client, in the parameter `client`. In words: its name, where that is visible."""

    def words(self, value: str) -> str:
        return names_of_clients(self.parent.person, self.parent.data.getlist("client")).get(value, value)


def names_of_clients(person: roles.Person, keys: Iterable[str]) -> dict[str, str]:
    """The names of the clients with these keys that `person` may see, by key.

    They are kept on the person, who lives for one request: whoever asks for many asks for all of them first.
    """
    kept: dict[str, str | None] = person.__dict__.setdefault("_client_names", {})
    if new := [key for text in keys if text not in kept and (key := row_key(text)) is not None]:
        visible = Client.objects.visible_to(person).filter(pk__in=new)
        found = {str(key): name for key, name in visible.order_by().values_list("pk", "name")}
        kept.update({str(key): found.get(str(key)) for key in new})
    return {key: name for key, name in kept.items() if name is not None}


class _WithFailingWaba(ListFilter):
    def condition(self, values: list[str]) -> Q | None:
        failing = Waba.objects.filter(client=OuterRef("pk"), last_failure__isnull=False)
        return Q(Exists(failing)) if values else None


class ClientFilters(ListFilters):
    """Clients by who owns them, and those of which a WABA can't be read."""

    owner = OwnerFilter("owner", label="Account manager")
    failing = _WithFailingWaba(label="With a failing WABA")


class SignupFilters(ListFilters):
    """Attempts of one client, and those that came so far."""

    client = ClientFilter("link__client", label="Client")
    state = ListFilter("state", label="How far", choices=AttemptState.choices)
