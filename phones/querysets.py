"""Named ways to read the tables of this app. Every read for a person starts at `visible_to`."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from clients import roles
from clients.models import Client, Waba
from clients.querysets import ClientsRowsQuerySet, LinkQuerySet, Row, client_keys, waba_keys
from phones.approval_choices import ApprovalState
from phones.choices import ActionKind
from portal.web.keys import KeysOf, OneOf

if TYPE_CHECKING:
    from phones import models

_OF_POOL = Q(preverified_number__isnull=False) | Q(kind=ActionKind.ADD_TO_POOL)


class ListingQuerySet(ClientsRowsQuerySet["models.Listing"]):
    client_path = "waba__client"

    def current(self) -> Self:
        """Listings that still say where a number is: not those it moved away from."""
        return self.filter(is_current=True)

    def visible_to(self, user: roles.Person) -> Self:
        return super().visible_to(user).current()


class PhoneNumberQuerySet(ClientsRowsQuerySet["models.PhoneNumber"]):
    """A number belongs to the clients of the WABAs that list it now: one that moved away is its new WABA's.

    The path leads to one of them, which the audit log names.
    """

    client_path = "waba__client"

    def in_book_of(self, user: roles.Person) -> Q:
        return of_clients(client_keys(user), further=roles.may_see_further(user))

    def select_for_update(self, *args: Any, **options: Any) -> Self:
        """Lock the numbers, and read their ages later, where somebody asks for one.

        What is joined to a row that is waited for is as it was before the wait; and PostgreSQL locks nothing that may
        be absent.
        """
        rows = super().select_for_update(*args, **options)
        if isinstance(rows.query.select_related, dict):
            others = {name: each for name, each in rows.query.select_related.items() if name != "age"}
            rows.query.select_related = others or False
        return rows

    def on(self, wabas: QuerySet[Waba]) -> Self:
        return self.filter(pk__in=listed_on(wabas))

    def of(self, clients: QuerySet[Client]) -> Self:
        """Those that WABAs of these clients list: found through the clients, which are few."""
        own, further = keys_of(clients)
        return self.filter(pk__in=own.union(further, all=True))


def _keys(clients: QuerySet[Client] | KeysOf) -> Any:
    return clients if isinstance(clients, KeysOf) else clients.order_by().values("pk")


def of_clients(clients: QuerySet[Client] | KeysOf, number: str = "", *, further: bool = True) -> Q:
    """The condition "a WABA of these clients lists it", to be tested on numbers that are found another way.

    `number` is the path to the number, for rows of another table. Nearly all are told by the number's own client;
    without `further` nobody asks for the others.
    """
    own = Q(**{f"{number}__client__in" if number else "client__in": _keys(clients)})
    return own | Q(**{f"{number or 'pk'}__in": further_of(clients)}) if further else own


def keys_of(clients: QuerySet[Client] | KeysOf) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    """The keys of the numbers of these clients, and of those that a further WABA of theirs lists: for a union."""
    from phones.models import PhoneNumber

    own = PhoneNumber.objects.filter(client__in=_keys(clients))
    return own.order_by().values("pk"), further_of(clients)


def on_wabas(wabas: Q | QuerySet[Waba] | OneOf, *, further: bool = True) -> Q:
    """The condition "it is listed on one of these WABAs", to be tested on numbers that are found another way.

    `wabas` also as the condition on the column `waba`. Without `further` nobody asks for more than where a number is.
    """
    from phones.models import Listing

    own = Q(waba__in=wabas.order_by().values("pk")) if isinstance(wabas, QuerySet) else Q(wabas)
    return own | Q(pk__in=Listing.objects.filter(own, is_further=True).order_by().values("number")) if further else own


def further_of(clients: QuerySet[Client] | KeysOf) -> QuerySet[models.Listing, Any]:
    """The keys of the numbers that WABAs of these clients list, and that are under another WABA."""
    from phones.models import Listing

    further = Listing.objects.filter(is_further=True, waba__client__in=_keys(clients))
    return further.order_by().values("number")


def listed_on(wabas: QuerySet[Waba]) -> QuerySet[models.Listing, Any]:
    from phones.models import Listing

    return Listing.objects.current().filter(waba__in=wabas.order_by().values("pk")).order_by().values("number")


class _OfNumberOrWabaQuerySet(ClientsRowsQuerySet[Row]):
    """Rows about a number, or about a WABA where they name no number: whoever sees that sees them."""

    def in_book_of(self, user: roles.Person) -> Q:
        own = of_clients(client_keys(user), "number", further=roles.may_see_further(user))
        return own | Q(number=None, waba__in=waba_keys(user))

    def about(self, wabas: QuerySet[Waba]) -> Self:
        """Those about a number on one of these WABAs, or about one of them."""
        return self.filter(self.is_about(wabas))

    def is_about(self, wabas: QuerySet[Waba]) -> Q:
        """The condition of `about`."""
        return Q(number__in=listed_on(wabas)) | Q(number=None, waba__in=wabas.order_by().values("pk"))


class ChangeQuerySet(_OfNumberOrWabaQuerySet["models.Change"]):
    """History of numbers and WABAs."""

    def in_book_of(self, user: roles.Person) -> Q:
        """As of others, by the client that the database keeps beside each line."""
        clients = client_keys(user)
        own = Q(client__in=clients)
        return own | Q(number__in=further_of(clients)) if roles.may_see_further(user) else own


class ActionQuerySet(_OfNumberOrWabaQuerySet["models.Action"]):
    """Those on the pool are for whoever has a role, the app's own for who sees everything."""

    def in_book_of(self, user: roles.Person) -> Q:
        return super().in_book_of(user) | _OF_POOL

    def of_pool(self) -> Self:
        return self.filter(_OF_POOL)


class AlertQuerySet(_OfNumberOrWabaQuerySet["models.Alert"]):
    """An alert about a token is for whoever sees a WABA that is read with it."""

    def in_book_of(self, user: roles.Person) -> Q:
        return super().in_book_of(user) | Q(credential__in=Waba.objects.visible_to(user).values("credential"))

    def about(self, wabas: QuerySet[Waba]) -> Self:
        """Those about these WABAs, their numbers or their tokens."""
        return self.filter(self.is_about(wabas) | Q(credential__in=wabas.values("credential")))


class IncidentQuerySet(ClientsRowsQuerySet["models.Incident"]):
    """An incident is for whoever sees one of its alerts."""

    def in_book_of(self, user: roles.Person) -> Q:
        from phones.models import Alert

        return Q(pk__in=Alert.objects.visible_to(user).exclude(incident=None).values("incident"))

    def open(self) -> Self:
        return self.filter(ended_at=None)


class OnboardingQuerySet(ClientsRowsQuerySet["models.Onboarding"]):
    client_path = "client"

    def unfinished(self) -> Self:
        return self.filter(finished_at=None, dismissed_at=None)


class CodeLinkQuerySet(LinkQuerySet["models.CodeLink"]):
    """A link to the code of a number is for whoever sees the number."""

    client_path = "number__waba__client"

    def in_book_of(self, user: roles.Person) -> Q:
        from phones.models import PhoneNumber

        return Q(number__in=PhoneNumber.objects.visible_to(user).values("pk"))

    def of_clients(self, clients: Collection[int]) -> Self:
        from phones.models import PhoneNumber

        return self.filter(number__in=PhoneNumber.objects.on(Waba.objects.filter(client__in=clients)).values("pk"))

    def on_waba(self, waba: Waba) -> Self:
        from phones.models import PhoneNumber

        return self.filter(number__in=PhoneNumber.objects.on(Waba.objects.filter(pk=waba.pk)).values("pk"))


class OffboardingQuerySet(ClientsRowsQuerySet["models.Offboarding"]):
    client_path = "client"

    def going_on(self) -> Self:
        """Those that nobody has given up: their steps are compared with what is read, also once they are certified."""
        return self.filter(given_up_at=None)


class OffboardingStepQuerySet(ClientsRowsQuerySet["models.OffboardingStep"]):
    client_path = "offboarding__client"


class PreverifiedNumberQuerySet(ClientsRowsQuerySet["models.PreverifiedNumber"]):
    """The pool belongs to the partner: whoever has a role sees all of it."""

    def in_book_of(self, user: roles.Person) -> Q:  # noqa: ARG002 - the same for everybody with a role
        return Q()

    def in_pool(self) -> Self:
        """Numbers that are in the pool at Meta, as far as the desk knows."""
        return self.filter(missing_since=None, deleted_at=None, claimed_at=None)


class EventQuerySet(ClientsRowsQuerySet["models.Event"]):
    """Events are raw and of every client: only those see them who see everything."""

    def in_book_of(self, user: roles.Person) -> Q:  # noqa: ARG002 - the same for everybody
        return Q(pk__in=())


class NumberLabelQuerySet(ClientsRowsQuerySet["models.NumberLabel"]):
    """Labels on numbers are for who sees the client on whose behalf they were put there."""

    client_path = "client"


class NumberWatchQuerySet(ClientsRowsQuerySet["models.NumberWatch"]):
    def in_book_of(self, user: roles.Person) -> Q:
        from phones.models import PhoneNumber

        return Q(number__in=PhoneNumber.objects.visible_to(user).values("pk"))


class NoteQuerySet(ClientsRowsQuerySet["models.Note"]):
    """A note is for who sees its client, and its number too where it is about one."""

    client_path = "client"

    def in_book_of(self, user: roles.Person) -> Q:
        from phones.models import PhoneNumber

        theirs = PhoneNumber.objects.visible_to(user).values("pk")
        return super().in_book_of(user) & (Q(number=None) | Q(number__in=theirs))


class MentionQuerySet(ClientsRowsQuerySet["models.Mention"]):
    """A mention is for who sees the note."""

    def in_book_of(self, user: roles.Person) -> Q:
        from phones.models import Note

        return Q(note__in=Note.objects.visible_to(user).values("pk"))

    def waiting_for(self, user: roles.Person) -> Self:
        """Those that name `user`, who has not seen them and still sees the note."""
        return self.visible_to(user).filter(person=user.pk, seen_at=None, note__deleted_at=None)


class DailyCountQuerySet(ClientsRowsQuerySet["models.DailyCount"]):
    """Those of all clients together are for who sees everything."""

    client_path = "client"


class ClientCountQuerySet(ClientsRowsQuerySet["models.ClientCount"]):
    client_path = "client"


class SubscriptionQuerySet(ClientsRowsQuerySet["models.Subscription"]):
    client_path = "waba__client"


class BulkRunQuerySet(ClientsRowsQuerySet["models.BulkRun"]):
    """A run is its person's own."""

    def in_book_of(self, user: roles.Person) -> Q:
        return Q(requested_by=user.pk)


class ApprovalQuerySet(ClientsRowsQuerySet["models.Approval"]):
    """One about a number is for who sees the number; one about a bulk run for who asked and who sees everything."""

    def in_book_of(self, user: roles.Person) -> Q:
        from phones.models import PhoneNumber

        return Q(number__in=PhoneNumber.objects.visible_to(user).values("pk")) | Q(run__requested_by=user.pk)

    def open(self) -> Self:
        """Those that still wait."""
        return self.filter(state=ApprovalState.WAITING, expires_at__gt=timezone.now())

    def waiting_for(self, user: roles.Person) -> Self:
        """Those that `user` may decide: nobody agrees to what they, or who counts as they, asked for."""
        asked_by = Coalesce("requested_by__let_in_by_id", "requested_by_id")
        counts_as = getattr(user, "counts_as", None)
        return self.open().workable_by(user).alias(asked_by=asked_by).exclude(asked_by=counts_as)


class BulkItemQuerySet(ClientsRowsQuerySet["models.BulkItem"]):
    """An item is for whoever sees the number, WABA or client that it is about, now."""

    def in_book_of(self, user: roles.Person) -> Q:
        from phones.models import PhoneNumber

        return (
            Q(number__in=PhoneNumber.objects.visible_to(user).values("pk"))
            | Q(number=None, waba__in=waba_keys(user))
            | Q(number=None, waba=None, client__in=client_keys(user))
        )
