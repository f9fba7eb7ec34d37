"""What is kept of an answer by which Meta did not do what was asked: columns of `clients.models.answers.Refused`."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

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
        "retry_at": timezone.now() + error.retry_after if error.retry_after is not None else None,
    }
