"""Template filters for failed readings."""

from dataclasses import dataclass
from typing import Any

from django import template

from clients.explanations import Explanation, explain
from clients.models import SyncFailure

register = template.Library()


@dataclass(frozen=True, slots=True)
class Quote:
    """What Meta said of a failure, for its support; or what the desk noted where no answer of Meta's came."""

    heading: str
    message: str
    code: str
    trace: str


@register.filter
def explained(failure: SyncFailure) -> Explanation:
    return explain(failure.kind, failure.code, failure.subcode, failure.http_status)


@register.filter
def quoted(failure: Any) -> Quote | None:
    """What was said of anything that keeps a Graph error; None when there is nothing to quote."""
    has_code = failure.code is not None
    if not (failure.message or has_code or failure.fbtrace_id):
        return None
    code = "/".join(str(one) for one in (failure.code, failure.subcode) if one is not None) if has_code else ""
    heading = "Meta’s words:" if has_code or failure.http_status else "Our note:"
    return Quote(heading, failure.message, code, failure.fbtrace_id)
