"""Named ways to read the tables of this app. Every read for a person starts at `visible_to`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from clients import roles
from clients.models import Waba

if TYPE_CHECKING:
    from phones.models import Action, Change, Listing, PhoneNumber  # noqa: F401 - type parameters


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
        """Actions on visible numbers and WABAs."""
        if roles.sees_everything(user):
            return self
        if roles.role_of(user) is None:
            return self.none()
        from phones.models import PhoneNumber

        return self.filter(
            models.Q(number__in=PhoneNumber.objects.visible_to(user).values("pk"))
            | models.Q(number=None, waba__in=Waba.objects.visible_to(user).values("pk"))
        )
