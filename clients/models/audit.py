"""The audit log: who did what, for whom, to what, from where, and what came of it. Rows are added and never changed.

The models refuse changes, and triggers in the database (`clients.audit.guard`) refuse those made past the models.
"""

from __future__ import annotations

from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models

from clients import roles
from clients.choices import AuditKind, AuditOutcome


class AppendOnlyError(Exception):
    """Nobody changes or deletes a line of the audit log."""

    def __init__(self) -> None:
        super().__init__("Lines of the audit log are neither changed nor deleted.")


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **_columns: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError

    def visible_to(self, user: roles.Person) -> Self:
        """All lines or none: the log is of everybody and of every client."""
        return self if roles.reads_the_audit_log(user) else self.none()

    def workable_by(self, _user: roles.Person) -> Self:
        return self.none()


class AppendOnly(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnlyError


class AuditEntry(AppendOnly):
    """One line. Names are kept as they were, so that a line says the same when who or what it names is gone.

    `actor` is who was signed in; None for clients, for the desk itself and for who tried to sign in. `deleted_through`
    is set on lines that say that old lines were deleted: the position up to which, see `clients.audit.retention`.
    """

    # The columns that point elsewhere are no constraints: a line stays as it is when that row goes.
    at = models.DateTimeField(verbose_name="when")
    kind = models.CharField(max_length=20, choices=AuditKind.choices)
    outcome = models.CharField(max_length=20, choices=AuditOutcome.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name="who",
    )
    actor_name = models.CharField(max_length=150, blank=True)
    client = models.ForeignKey(
        "clients.Client",
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name="for whom",
    )
    client_name = models.CharField(max_length=200, blank=True)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=80, blank=True)
    object_name = models.CharField(max_length=200, blank=True)
    what = models.TextField()
    details = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True, verbose_name="from where")
    request_id = models.CharField(max_length=40, blank=True)
    deleted_through = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["at", "id"], name="audit_at"),
            models.Index(fields=["kind", "at", "id"], name="audit_by_kind"),
            models.Index(fields=["outcome", "at", "id"], name="audit_by_outcome"),
            models.Index(fields=["actor", "at", "id"], name="audit_by_actor"),
            models.Index(fields=["client", "at", "id"], name="audit_by_client"),
            models.Index(fields=["object_type", "object_id", "at", "id"], name="audit_by_object"),
            models.Index(fields=["object_id"], name="audit_by_object_id"),
            models.Index(fields=["object_name"], name="audit_by_object_name"),
            models.Index(fields=["address", "at", "id"], name="audit_by_address"),
            models.Index(
                fields=["deleted_through"],
                condition=models.Q(deleted_through__isnull=False),
                name="audit_deletions",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.what}"


class AuditSeal(AppendOnly):
    """A link of the chain: the hash of one entry and of the seal before it. Positions have no gaps.

    The last seal of each turn is signed with SECRET_KEY, which holds all before it.
    """

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ("position",)
        verbose_name = "audit seal"

    def __str__(self) -> str:
        return f"Seal {self.position}"
