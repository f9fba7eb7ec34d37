"""What Meta answered when it did not do what was asked: the columns that keep it, and how an error fills them."""

from typing import Any

from django.db import models

from portal import database_clock
from portal.graph import GraphError

LONGEST_TRACE = 100

NO_ERROR: dict[str, Any] = {
    "error_kind": "",
    "code": None,
    "subcode": None,
    "http_status": None,
    "message": "",
    "fbtrace_id": "",
    "retry_at": None,
}


def columns_of(error: GraphError) -> dict[str, Any]:
    """What people and Meta's support need of `error`, and no secret; of its texts the one that Meta wrote for users."""
    return {
        "error_kind": error.kind,
        "code": error.code,
        "subcode": error.subcode,
        "http_status": error.http_status,
        "message": error.user_message or error.details or error.message,
        "fbtrace_id": error.fbtrace_id[:LONGEST_TRACE],
        "retry_at": database_clock.now() + error.retry_after if error.retry_after is not None else None,
    }


class Refused(models.Model):
    error_kind = models.CharField(max_length=40, blank=True)
    code = models.IntegerField(null=True, blank=True)
    subcode = models.IntegerField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    fbtrace_id = models.CharField(max_length=LONGEST_TRACE, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def error_columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in NO_ERROR}
