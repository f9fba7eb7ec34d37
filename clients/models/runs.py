"""Sync runs and their failures. They live beside the WABA because a WABA points at the run that will read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models

from clients.choices import RunScope, RunState, RunTrigger
from clients.models.answers import columns_of
from clients.querysets import SyncFailureQuerySet, SyncRunQuerySet
from portal.graph import GraphError


class SyncRun(models.Model):
    """One reading of everything, of what was due, of a client or of a WABA, with what came of it."""

    scope = models.CharField(max_length=12, choices=RunScope)
    trigger = models.CharField(max_length=10, choices=RunTrigger)
    client = models.ForeignKey("clients.Client", on_delete=models.SET_NULL, null=True, blank=True)
    waba = models.ForeignKey("clients.Waba", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.WAITING, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    wabas = models.PositiveIntegerField(default=0, help_text="WABAs this run was to read, as far as known.")
    read = models.PositiveIntegerField(default=0, help_text="WABAs read whole.")
    failed = models.PositiveIntegerField(default=0, help_text="WABAs that could not be read whole.")
    numbers = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(
        db_default=0, default=0, help_text="Numbers that came without a fact that their state rests on."
    )
    graph_calls = models.PositiveIntegerField(default=0)

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Sync {self.pk}"


class SyncFailure(models.Model):
    """Why a WABA (or a discovery) could not be read in a run. The words for it are in `clients.explanations`."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="failures", null=True, blank=True)
    waba = models.ForeignKey(
        "clients.Waba", on_delete=models.CASCADE, null=True, blank=True, related_name="sync_failures"
    )
    credential = models.ForeignKey(
        "clients.Credential", on_delete=models.CASCADE, null=True, blank=True, related_name="sync_failures"
    )
    kind = models.CharField(max_length=40)
    code = models.IntegerField(null=True, blank=True)
    subcode = models.IntegerField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    message = models.TextField(blank=True, help_text="Meta's own text, or ours where no answer came.")
    fbtrace_id = models.CharField(max_length=100, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(db_index=True)

    objects = SyncFailureQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def of(cls, error: GraphError, *, at: datetime) -> SyncFailure:
        """An unsaved failure that keeps `error`. When it is tried again is for the reader to say."""
        columns = columns_of(error) | {"message": error.message, "retry_at": None}
        return cls(kind=columns.pop("error_kind"), at=at, **columns)

    @property
    def error_columns(self) -> dict[str, Any]:
        """The failure as columns of `clients.models.answers.Refused`."""
        kept = ("code", "subcode", "http_status", "message", "fbtrace_id", "retry_at")
        return {"error_kind": self.kind, **{name: getattr(self, name) for name in kept}}
