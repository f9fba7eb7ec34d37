"""Closing many links at once: a client's, a moved WABA's, those of a handed over book, those of people who have left.

A link opens for whoever has its address, so that it must not outlive the trust in the people who had it. All kinds of
links are meant, those of other apps too. Callers have checked that the actor may.
"""

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from clients import audit
from clients.choices import AuditKind, Role
from clients.models import Client, User, Waba
from clients.models.links import Link
from clients.querysets import LinkQuerySet


def at_work() -> QuerySet[User]:
    """The people who may sign in and have a role. Everybody else has left."""
    return User.objects.filter(Q(is_superuser=True) | Q(groups__name__in=Role.values), is_active=True).distinct()


def open_links_of(clients: Iterable[Client]) -> Iterator[LinkQuerySet[Link]]:
    """The open links to pages of `clients`, one QuerySet for each kind."""
    keys = [client.pk for client in clients]
    return (rows.of_clients(keys) for rows in _open())


@transaction.atomic
def revoke_links_of_clients(clients: Iterable[Client], *, actor: User | None, why: str) -> int:
    """Close every open link to a page of `clients`; how many there were."""
    return sum(_revoke(rows, actor, f"Revoked: {why}.") for rows in open_links_of(clients))


@transaction.atomic
def revoke_links_on_waba(waba: Waba, *, actor: User | None, why: str) -> int:
    """Close every open link to a page of one number on `waba`; how many there were."""
    return sum(_revoke(rows.on_waba(waba), actor, f"Revoked: {why}.") for rows in _open())


@transaction.atomic
def settle_links_of(person: User, *, actor: User | None, give_to: User | None = None) -> int:
    """Close the open links that `person` made, who has left; or have `give_to` answer for them. How many there were."""
    made = (rows.filter(created_by=person) for rows in _open())
    if give_to is not None:
        return sum(_give(rows, person, give_to, actor) for rows in made)
    return sum(_revoke(rows, actor, f"Revoked: {person} has left.") for rows in made)


@transaction.atomic
def revoke_links_of_those_who_left() -> int:
    """Close the open links of people who are no longer active or have no role; how many there were.

    Whoever was deactivated in the admin has none by then. This finds those who left by another way.
    """
    left = (rows.exclude(created_by=None).exclude(created_by__in=at_work().values("pk")) for rows in _open())
    return sum(_revoke(rows, None, "Revoked: who made it has left.") for rows in left)


def revoke_with_the_person(*, instance: User, **_signal: object) -> None:
    """A receiver: once a person is deleted nothing says any more which links were theirs."""
    settle_links_of(instance, actor=None)


def _open() -> Iterator[LinkQuerySet[Link]]:
    return (model.objects.open() for model in Link.__subclasses__())  # type: ignore[attr-defined] # of every kind


def _revoke(rows: QuerySet[Link], actor: User | None, sentence: str) -> int:
    found = list(rows)
    if found:
        rows.model._default_manager.filter(pk__in=[link.pk for link in found], revoked_at=None).update(
            revoked_at=timezone.now()
        )
        audit.record_many(found, sentence, actor, kind=AuditKind.LINK)
    return len(found)


def _give(rows: QuerySet[Link], person: User, give_to: User, actor: User | None) -> int:
    found = list(rows)
    if found:
        rows.model._default_manager.filter(pk__in=[link.pk for link in found]).update(created_by=give_to)
        audit.record_many(found, f"Handed over: {person} → {give_to}.", actor, kind=AuditKind.ACCESS)
    return len(found)
