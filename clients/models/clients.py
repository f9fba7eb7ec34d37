"""Clients and the business portfolios that belong to them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.choices import CoverState
from clients.querysets import ClientQuerySet, PortfolioQuerySet
from portal.fields import FoldedNameField, UncountedKeyField

if TYPE_CHECKING:
    from clients.models.people import User

AS_THE_BROWSER_ASKS = "As their browser asks"


class Client(models.Model):
    id = UncountedKeyField(primary_key=True)
    name = models.CharField(max_length=512, db_index=True)
    folded_name = FoldedNameField(db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_clients",
        help_text="The account manager of this client.",
    )
    cover = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="covered_clients",
        help_text="Who stands in for the owner, and sees the client too.",
    )
    cover_from = models.DateField(
        "Cover from", null=True, blank=True, help_text="The first day of the cover; empty: at once."
    )
    cover_until = models.DateField(
        "Cover until", null=True, blank=True, help_text="The last day of the cover; empty: until somebody ends it."
    )
    language = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        choices=settings.LANGUAGES,
        help_text="In which its links are made unless one says otherwise; empty: as the browser asks.",
    )
    contact_email = models.EmailField(
        "Mail contact", blank=True, default="", db_default="", help_text="Where links for this client are mailed to."
    )
    external_id = models.CharField(
        "Your id",
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text="By which another system of yours knows the client; each stands for one client.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="one_client_per_external_id"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def language_in_words(self) -> str:
        return language_in_words(self.language)

    @property
    def cover_state(self) -> CoverState | None:
        """Whether the cover sees the client today, will, or did; None where nobody covers it."""
        return cover_state(self.cover_from, self.cover_until) if self.cover_id else None

    @property
    def cover_today(self) -> User | None:
        """Who covers the client today; None where nobody does."""
        return self.cover if self.cover_state == CoverState.NOW else None

    def is_looked_after_by(self, person: User) -> bool:
        """Whether `person` owns it, or covers it today: `looked_after_by` for a client that was read."""
        return person.pk == self.owner_id or (person.pk == self.cover_id and self.cover_state == CoverState.NOW)


def language_in_words(language: str) -> str:
    return str(dict(settings.LANGUAGES).get(language, language)) if language else AS_THE_BROWSER_ASKS


def cover_state(first: date | None, last: date | None) -> CoverState:
    """What a cover of these days is today, by the clock that `covered_today` reads too."""
    today = timezone.localdate()
    if last is not None and last < today:
        return CoverState.ENDED
    return CoverState.LATER if first is not None and first > today else CoverState.NOW


class Portfolio(models.Model):
    """A business portfolio at Meta (its id is the "business id"), and the client it stands for.

    Discovery finds the client of a new WABA through the portfolio that owns it, so a merge of two clients moves their
    portfolios and is remembered by that.
    """

    business_id = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=512, blank=True)
    folded_name = FoldedNameField()
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="portfolios")

    objects = PortfolioQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name or self.business_id
