"""Template filters for failed readings."""

from django import template

from clients.explanations import Explanation, explain
from clients.models import SyncFailure

register = template.Library()


@register.filter
def explained(failure: SyncFailure) -> Explanation:
    """The words for `failure`."""
    return explain(failure.kind, failure.code, failure.subcode, failure.http_status)
