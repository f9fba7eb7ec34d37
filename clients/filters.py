"""From an address to the clients or signups that it means. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from clients import roles
from clients.choices import AttemptState
from clients.models import Client, ClientLabel, ClientWatch, Label, Waba
from clients.models.clients import AS_THE_BROWSER_ASKS
from clients.querysets import cover_not_ended
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


class CoverFilter(OwnerFilter):
    """Covers by username, "me", or "-" for clients that have none. A cover that is over is none."""

    def condition(self, values: list[str]) -> Q | None:
        by_name = super().condition([value for value in values if value != NOBODY])
        lasts = cover_not_ended(self.field_name.rpartition("__")[0])
        either = by_name & lasts if by_name else Q()
        if NOBODY in values:
            either |= Q(**{self.field_name: None}) | ~lasts
        return either or None


class LabelFilter(KeyFilter):
    """Clients by the keys of their labels."""

    def condition(self, values: list[str]) -> Q | None:
        keys = [key for key in map(row_key, values) if key is not None]
        return self.labelled(keys) if keys else None

    def labelled(self, keys: list[int]) -> Q:
        return Q(pk__in=ClientLabel.objects.filter(label__in=keys).order_by().values("client"))

    def words(self, value: str) -> str:
        label = labels_by_key(self.parent.person).get(value)
        return label.name if label else value


def labels_by_key(person: roles.Person) -> dict[str, Label]:
    """All labels of the team, by their keys as an address has them. They are kept on the person for one request."""
    kept: dict[str, Label] | None = person.__dict__.get("_labels")
    if kept is None:
        kept = person.__dict__["_labels"] = {str(label.pk): label for label in Label.objects.order_by("folded_name")}
    return kept


class WatchedFilter(ListFilter):
    """Clients that the person watches, whatever the parameter says."""

    def spelled(self, values: Iterable[str]) -> list[str]:
        return ["yes"] if any(values) else []

    def condition(self, values: list[str]) -> Q | None:
        return self.watched() if values else None

    def watched(self) -> Q:
        return Q(pk__in=ClientWatch.objects.filter(person=self.parent.person.pk).values("client"))

    def words(self, value: str) -> str:  # noqa: ARG002 - there is one answer
        return "by me"


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


class LanguageFilter(ListFilter):
    """Clients by the language of their links; "-" for those that have none."""

    def condition(self, values: list[str]) -> Q | None:
        return super().condition(["" if value == NOBODY else value for value in values])


class ClientFilters(ListFilters):
    """Clients by who looks after them, label, language, those one watches, and those of which a WABA can't be read."""

    owner = OwnerFilter("owner", label="Account manager")
    cover = CoverFilter("cover", label="Cover")
    label = LabelFilter(label="Label")
    language = LanguageFilter(
        "language", label="Language", choices=[*settings.LANGUAGES, (NOBODY, AS_THE_BROWSER_ASKS)]
    )
    watched = WatchedFilter(label="Watched")
    external_id = ListFilter("external_id", label="Your id")
    failing = _WithFailingWaba(label="With a failing WABA")


class SignupFilters(ListFilters):
    """Attempts of one client, and those that came so far."""

    client = ClientFilter("link__client", label="Client")
    state = ListFilter("state", label="How far", choices=AttemptState.choices)
