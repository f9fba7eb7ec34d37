"""Named ways to read the tables of this app. Every read for a person starts at `visible_to`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients import roles
from clients.choices import CredentialState, RunState

if TYPE_CHECKING:
    from clients.models import Client, SignupAttempt, SyncFailure, SyncRun, Waba  # noqa: F401 - type parameters

LinkRow = TypeVar("LinkRow", bound=models.Model)


def _book_of(user: roles.Person, path: str = "") -> Q:
    """The condition "`user` owns or covers the client at `path`"."""
    return Q(**{f"{path}owner": user.pk}) | Q(**{f"{path}cover": user.pk})


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, user: roles.Person) -> Self:
        """The clients that `user` may see: all for leads and administrators, else those they own or cover."""
        if roles.sees_everything(user):
            return self
        if roles.role_of(user) is None:
            return self.none()
        return self.filter(_book_of(user))

    def workable_by(self, user: roles.Person) -> Self:
        """The clients that `user` may act for: the visible ones, unless they may only look."""
        return self.visible_to(user) if roles.may_change(user) else self.none()

    def unassigned(self) -> Self:
        """Clients without an account manager."""
        return self.filter(owner=None)


class WabaQuerySet(models.QuerySet["Waba"]):
    def visible_to(self, user: roles.Person) -> Self:
        """The WABAs of the clients that `user` may see."""
        if roles.sees_everything(user):
            return self
        if roles.role_of(user) is None:
            return self.none()
        return self.filter(_book_of(user, "client__"))

    def workable_by(self, user: roles.Person) -> Self:
        """The WABAs that `user` may act for."""
        return self.visible_to(user) if roles.may_change(user) else self.none()

    def readable(self, now: datetime) -> Self:
        """WABAs that may be read at `now`: with a token that Meta accepts, and with no wait asked for."""
        return self.filter(
            Q(not_before=None) | Q(not_before__lte=now),
            Q(credential__not_before=None) | Q(credential__not_before__lte=now),
            credential__isnull=False,
        ).exclude(credential__state=CredentialState.DEAD)

    def free(self, now: datetime) -> Self:
        """WABAs that no worker holds at `now`."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=now))

    def due(self, now: datetime) -> Self:
        """WABAs that a worker may take at `now`, the longest waiting first."""
        return self.readable(now).free(now).filter(next_sync_at__lte=now).order_by("next_sync_at", "pk")


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def visible_to(self, user: roles.Person) -> Self:
        """All runs for who sees everything; else runs of visible clients and WABAs, and the person's own."""
        if roles.sees_everything(user):
            return self
        if roles.role_of(user) is None:
            return self.none()
        return self.filter(_book_of(user, "client__") | _book_of(user, "waba__client__") | Q(requested_by=user.pk))

    def open(self) -> Self:
        """Runs that are not finished."""
        return self.exclude(state=RunState.FINISHED)


class SyncFailureQuerySet(models.QuerySet["SyncFailure"]):
    def visible_to(self, user: roles.Person) -> Self:
        """Failures of visible WABAs; failures of a discovery only for who sees everything."""
        if roles.sees_everything(user):
            return self
        if roles.role_of(user) is None:
            return self.none()
        return self.filter(_book_of(user, "waba__client__"))


class LinkQuerySet(models.QuerySet[LinkRow]):
    def visible_to(self, user: roles.Person) -> Self:
        """Links to clients that `user` may see."""
        if roles.sees_everything(user):
            return self
        if roles.role_of(user) is None:
            return self.none()
        return self.filter(_book_of(user, "client__"))

    def workable_by(self, user: roles.Person) -> Self:
        """Links that `user` may revoke."""
        return self.visible_to(user) if roles.may_change(user) else self.none()

    def open(self) -> Self:
        """Links that open their page now."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class SignupAttemptQuerySet(models.QuerySet["SignupAttempt"]):
    def visible_to(self, user: roles.Person) -> Self:
        """Signups of clients that `user` may see."""
        if roles.sees_everything(user):
            return self
        if roles.role_of(user) is None:
            return self.none()
        return self.filter(_book_of(user, "link__client__"))
