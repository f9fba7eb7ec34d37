"""Template filters that put what the desk knows of numbers and WABAs into words."""

from django import template

from clients.failures import explain
from clients.models import Waba
from phones.choices import Status, Tone
from phones.models import PhoneNumber
from phones.wording import describe_of

register = template.Library()


@register.filter
def told(number: PhoneNumber, field: str) -> Status:
    """The words for `field` of `number`: `{{ number|told:"status" }}`."""
    return describe_of(number, field)


@register.filter
def reading(waba: Waba) -> Status:
    """How the latest reading of `waba` went. Needs `last_failure` beside it (select_related)."""
    if failure := waba.last_failure:
        why = explain(failure.kind, failure.code, failure.subcode, failure.http_status)
        return Status(why.title, Tone.WARN if why.retries_itself else Tone.BAD, why.cause)
    if waba.unshared_since:
        return Status("No longer shared", Tone.WARN, "Meta no longer lists it among the WABAs of our business.")
    if waba.last_synced_at is None:
        return Status("Not read yet", Tone.WAIT, "It waits for its first reading.")
    return Status("Read whole", Tone.OK, "All pages of its numbers arrived.")


@register.filter
def what_to_do(waba: Waba) -> str:
    """Whose move a failed reading of `waba` is, and which; empty while none failed."""
    failure = waba.last_failure
    if failure is None:
        return ""
    why = explain(failure.kind, failure.code, failure.subcode, failure.http_status)
    return f"{why.whose_move}: {why.what_to_do}"
