"""Named ways to read the tables of this app, and who sees a row. Every read for a person starts at `visible_to`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.utils import timezone

from clients import leases, roles
from clients.choices import Act, CredentialState, RunState
from portal.web.keys import KeysOf

if TYPE_CHECKING:
    from clients.models import (  # noqa: F401 - type parameters
        ApiToken,
        Client,
        ClientLabel,
        ClientWatch,
        Portfolio,
        SavedView,
        SignupAttempt,
        SyncFailure,
        SyncRun,
        Waba,
    )

Row = TypeVar("Row", bound=models.Model)
LinkRow = TypeVar("LinkRow", bound=models.Model)


class ClientsRowsQuerySet(models.QuerySet[Row]):
    """Rows that belong to clients. `client_path` leads from a row to its client, whose people see it and work on it."""

    client_path: ClassVar[str]

    def visible_to(self, user: roles.Person) -> Self:
        """The rows that `user` may see: all for leads and administrators, else those of clients they own or cover."""
        if roles.sees_everything(user):
            return self
        return self.none() if roles.role_of(user) is None else self.filter(self.in_book_of(user))

    def workable_by(self, user: roles.Person) -> Self:
        """The rows that `user` may act on: the visible ones, unless they may only look."""
        return self.visible_to(user) if roles.may_change(user) else self.none()

    def in_book_of(self, user: roles.Person) -> Q:
        """The condition "`user` owns or covers the client of the row", for someone with a role."""
        return Q(**{f"{self.client_path}__in": client_keys(user)})


def client_keys(user: roles.Person) -> KeysOf:
    """The keys of the clients that `user` owns or covers, who sees no others."""
    from clients.models import Client

    return _kept(user, "clients", lambda: Client.objects.filter(looked_after_by(user, "")))


def waba_keys(user: roles.Person) -> KeysOf:
    """The keys of their WABAs."""
    from clients.models import Waba

    return _kept(user, "wabas", lambda: Waba.objects.filter(client__in=client_keys(user)))


def _kept(user: roles.Person, name: str, rows: Callable[[], models.QuerySet[Any]]) -> KeysOf:
    """Kept on the person, who lives for one request: a page asks for them in most of its statements."""
    kept: dict[tuple[str, date], KeysOf] = user.__dict__.setdefault("_keys", {})
    of_today = name, timezone.localdate()
    if of_today not in kept:
        kept[of_today] = KeysOf(rows().order_by().values("pk"))
    return kept[of_today]


def looked_after_by(user: roles.Person, client_path: str) -> Q:
    """The condition "`user` owns the client at `client_path`, or covers it today".

    Through a token that is narrowed to some clients: "and it is one of these". Whoever sees every client has these.
    """
    theirs = looked_after_by_any([user.pk], client_path)
    token = roles.token_of(user)
    if token is None or token.clients is None:
        return theirs
    narrowed = Q(**{f"{client_path or 'pk'}__in": token.clients})
    return narrowed if roles.by_role(user, Act.SEE_EVERY_CLIENT) else narrowed & theirs


def looked_after_by_any(people: Collection[int | None], client_path: str) -> Q:
    """The same for several people, by their keys."""
    path = f"{client_path}__" if client_path else ""
    return Q(**{f"{path}owner__in": people}) | (Q(**{f"{path}cover__in": people}) & covered_today(client_path))


def covered_today(client_path: str) -> Q:
    """The condition "today is one of the days of the cover", for the client at `client_path` if it has a cover."""
    path = f"{client_path}__" if client_path else ""
    has_begun = Q(**{f"{path}cover_from": None}) | Q(**{f"{path}cover_from__lte": timezone.localdate()})
    return has_begun & cover_not_ended(client_path)


def cover_not_ended(client_path: str) -> Q:
    """The condition "the cover is on, or is still to come"."""
    path = f"{client_path}__" if client_path else ""
    return Q(**{f"{path}cover_until": None}) | Q(**{f"{path}cover_until__gte": timezone.localdate()})


def nobodys(client_path: str) -> Q:
    """The condition "nobody looks after the client at `client_path`": no owner, and no cover now or later."""
    path = f"{client_path}__" if client_path else ""
    return Q(**{f"{path}owner": None}) & (Q(**{f"{path}cover": None}) | ~cover_not_ended(client_path))


class ClientQuerySet(ClientsRowsQuerySet["Client"]):
    client_path = ""

    def in_book_of(self, user: roles.Person) -> Q:
        return looked_after_by(user, self.client_path)

    def unassigned(self) -> Self:
        return self.filter(owner=None)


class ClientLabelQuerySet(ClientsRowsQuerySet["ClientLabel"]):
    client_path = "client"


class ClientWatchQuerySet(ClientsRowsQuerySet["ClientWatch"]):
    client_path = "client"


class PortfolioQuerySet(ClientsRowsQuerySet["Portfolio"]):
    client_path = "client"


class WabaQuerySet(ClientsRowsQuerySet["Waba"]):
    client_path = "client"

    def readable(self, now: datetime) -> Self:
        """WABAs that may be read at `now`: with a token that Meta accepts, and with no wait asked for."""
        return self.filter(
            Q(not_before=None) | Q(not_before__lte=now),
            Q(credential__not_before=None) | Q(credential__not_before__lte=now),
            credential__isnull=False,
        ).exclude(credential__state=CredentialState.DEAD)

    def free(self, now: datetime) -> Self:
        return self.filter(leases.free(now))

    def due(self, now: datetime) -> Self:
        """WABAs that a worker may take at `now`, the longest waiting first."""
        return self.readable(now).free(now).filter(next_sync_at__lte=now).order_by("next_sync_at", "pk")


class SyncRunQuerySet(ClientsRowsQuerySet["SyncRun"]):
    client_path = "client"

    def in_book_of(self, user: roles.Person) -> Q:
        """Runs of one's clients and their WABAs, and those that one has asked for."""
        return super().in_book_of(user) | Q(waba__client__in=client_keys(user)) | Q(requested_by=user.pk)

    def open(self) -> Self:
        return self.exclude(state=RunState.FINISHED)


class SyncFailureQuerySet(ClientsRowsQuerySet["SyncFailure"]):
    """A failed discovery has no WABA, so that only those see it who see everything."""

    client_path = "waba__client"


class LinkQuerySet(ClientsRowsQuerySet[LinkRow]):
    client_path = "client"

    def open(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def of_clients(self, clients: Collection[int]) -> Self:
        """The links to pages of these clients, by their keys."""
        return self.filter(client__in=clients)

    def on_waba(self, waba: Waba) -> Self:  # noqa: ARG002 - pages of a client are on none
        """The links to pages of one number that is listed on `waba`."""
        return self.none()


class SignupAttemptQuerySet(ClientsRowsQuerySet["SignupAttempt"]):
    client_path = "link__client"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def live(self) -> Self:
        """Those that open the API, as far as they themselves are concerned."""
        return self.filter(self._is_live())

    def live_first(self) -> Self:
        """The newest first, those that open the API before those that don't any more."""
        is_live = ExpressionWrapper(self._is_live(), models.BooleanField())
        return self.order_by(is_live.desc(), "-pk")

    def _is_live(self) -> Q:
        return Q(revoked_at=None, expires_at__gt=timezone.now())


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Views of lists. They say what to ask for and hold no rows, so that a shared one is for whoever opens the list."""

    def visible_to(self, user: roles.Person) -> Self:
        if roles.role_of(user) is None:
            return self.none()
        found = self.filter(Q(owner=user.pk) | Q(is_shared=True))
        closed = roles.lists_closed_to(user)
        return found.exclude(list_name__in=closed) if closed else found

    def workable_by(self, user: roles.Person) -> Self:
        """Those that `user` may rename, share or delete: their own, and for leads all shared ones."""
        return self.visible_to(user) if roles.runs_the_desk(user) else self.visible_to(user).filter(owner=user.pk)
