"""Named ways to read the tables of this app. Every read for a person starts at `visible_to`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

from clients import roles
from clients.models import Client, Waba
from phones.choices import ActionKind

if TYPE_CHECKING:
    from phones.models import (  # noqa: F401 - type parameters
        Action,
        Change,
        CodeLink,
        Event,
        Listing,
        Onboarding,
        PhoneNumber,
        PreverifiedNumber,
        Subscription,
    )


_OF_POOL = models.Q(preverified_number__isnull=False) | models.Q(kind=ActionKind.ADD_TO_POOL)


class ListingQuerySet(models.QuerySet["Listing"]):
    def current(self) -> Self:
        """Listings that still say where a number is: not those it moved away from."""
        return self.filter(is_current=True)

    def visible_to(self, user: roles.Person) -> Self:
        """Current listings on WABAs that `user` may see."""
        return self.current().filter(waba__in=Waba.objects.visible_to(user).values("pk"))


class PhoneNumberQuerySet(models.QuerySet["PhoneNumber"]):
    def visible_to(self, user: roles.Person) -> Self:
        """Numbers on a WABA that `user` may see. A number that moved away is seen by its new WABA's people only."""
        if roles.sees_everything(user):
            return self
        if roles.role_of(user) is None:
            return self.none()
        return self.on(Waba.objects.visible_to(user))

    def workable_by(self, user: roles.Person) -> Self:
        """Numbers that `user` may act on."""
        return self.visible_to(user) if roles.may_change(user) else self.none()

    def on(self, wabas: models.QuerySet[Waba]) -> Self:
        """Numbers that are on one of `wabas`."""
        from phones.models import Listing

        listings = Listing.objects.current().filter(waba__in=wabas.values("pk"))
        return self.filter(pk__in=listings.values("number"))


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, user: roles.Person) -> Self:
        """History of visible numbers and WABAs."""
        if roles.sees_everything(user):
            return self
        if roles.role_of(user) is None:
            return self.none()
        from phones.models import PhoneNumber

        return self.filter(
            models.Q(number__in=PhoneNumber.objects.visible_to(user).values("pk"))
            | models.Q(number=None, waba__in=Waba.objects.visible_to(user).values("pk"))
        )


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user: roles.Person) -> Self:
        """Actions on visible numbers and WABAs, and on the pool. The app's own are for who sees everything."""
        if roles.sees_everything(user):
            return self
        if roles.role_of(user) is None:
            return self.none()
        from phones.models import PhoneNumber

        return self.filter(
            models.Q(number__in=PhoneNumber.objects.visible_to(user).values("pk"))
            | models.Q(number=None, waba__in=Waba.objects.visible_to(user).values("pk"))
            | _OF_POOL
        )

    def of_pool(self) -> Self:
        """Actions on the partner's pool of pre-verified numbers."""
        return self.filter(_OF_POOL)


class OnboardingQuerySet(models.QuerySet["Onboarding"]):
    def visible_to(self, user: roles.Person) -> Self:
        """Onboardings of clients that `user` may see."""
        if roles.sees_everything(user):
            return self
        return self.filter(client__in=Client.objects.visible_to(user).values("pk"))

    def workable_by(self, user: roles.Person) -> Self:
        """Onboardings that `user` may try again or dismiss."""
        return self.visible_to(user) if roles.may_change(user) else self.none()

    def unfinished(self) -> Self:
        """Onboardings that are neither finished nor dismissed."""
        return self.filter(finished_at=None, dismissed_at=None)


class CodeLinkQuerySet(models.QuerySet["CodeLink"]):
    def visible_to(self, user: roles.Person) -> Self:
        """Links to numbers that `user` may see."""
        from phones.models import PhoneNumber

        return self.filter(number__in=PhoneNumber.objects.visible_to(user).values("pk"))

    def open(self) -> Self:
        """Links that open their page now."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class PreverifiedNumberQuerySet(models.QuerySet["PreverifiedNumber"]):
    def visible_to(self, user: roles.Person) -> Self:
        """The pool belongs to the partner: whoever has a role sees all of it."""
        return self if roles.role_of(user) is not None else self.none()

    def workable_by(self, user: roles.Person) -> Self:
        """Pool numbers that `user` may act on."""
        return self.visible_to(user) if roles.may_change(user) else self.none()

    def in_pool(self) -> Self:
        """Numbers that are in the pool at Meta, as far as the desk knows."""
        return self.filter(missing_since=None, deleted_at=None, claimed_at=None)


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: roles.Person) -> Self:
        """Events are raw and of every client: only who sees everything sees them."""
        return self if roles.sees_everything(user) else self.none()


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def visible_to(self, user: roles.Person) -> Self:
        """Subscriptions of visible WABAs."""
        if roles.sees_everything(user):
            return self
        return self.filter(waba__in=Waba.objects.visible_to(user).values("pk"))
