"""Clients and the business portfolios that belong to them."""

from django.conf import settings
from django.db import models

from clients.querysets import ClientQuerySet, PortfolioQuerySet
from portal.fields import FoldedNameField


class Client(models.Model):
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
    language = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        choices=settings.LANGUAGES,
        help_text="In which its links are made unless one says otherwise; empty: as the browser asks.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


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
