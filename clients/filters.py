"""From an address to the clients or signups that it means. Nothing is written here."""

from django.db.models import Exists, OuterRef, Q

from clients.choices import AttemptState
from clients.models import ClientLabel, ClientWatch, Label, Waba
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
        key = row_key(value)
        found = Label.objects.filter(pk=key).first() if key is not None else None
        return found.name if found else value


class WatchedFilter(ListFilter):
    """Clients that the person watches."""

    def condition(self, values: list[str]) -> Q | None:
        return self.watched() if values else None

    def watched(self) -> Q:
        return Q(pk__in=ClientWatch.objects.filter(person=self.parent.person.pk).values("client"))

    def words(self, value: str) -> str:  # noqa: ARG002 - there is one answer
        return "by me"


class _WithFailingWaba(ListFilter):
    def condition(self, values: list[str]) -> Q | None:
        failing = Waba.objects.filter(client=OuterRef("pk"), last_failure__isnull=False)
        return Q(Exists(failing)) if values else None


class ClientFilters(ListFilters):
    """Clients by who looks after them, by label, those one watches, and those of which a WABA can't be read."""

    owner = OwnerFilter("owner", label="Account manager")
    cover = CoverFilter("cover", label="Cover")
    label = LabelFilter(label="Label")
    watched = WatchedFilter(label="Watched")
    failing = _WithFailingWaba(label="With a failing WABA")


class SignupFilters(ListFilters):
    """Attempts of one client, and those that came so far."""

    client = KeyFilter("link__client", label="Client")
    state = ListFilter("state", label="How far", choices=AttemptState.choices)
