"""The business profile of a number as its page shows it; reading that, or the details, at Meta now.

It is edited as `actions` says.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clients.explanations import Explanation, explain
from phones.choices import Source
from phones.models import BusinessProfile, PhoneNumber
from phones.numbers.words import PROFILE_LABELS, value_in_words
from phones.sync.details import parts_for, read_details
from phones.sync.profile import read_profile, values_of
from phones.views.addressed_row import workable_number
from phones.views.request import DeskRequest
from phones.views.trail import trail_of, with_trail


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """One thing that the profile says; `text` is empty where Meta has nothing."""

    field: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ProfileSheet:
    """What people see of the business; without lines before its first reading.

    `why_not` is set while the latest reading failed: the lines are older then.
    """

    lines: list[ProfileLine]
    has_picture: bool | None = None
    read_at: datetime | None = None
    source: str = ""
    why_not: Explanation | None = None
    tried_at: datetime | None = None


def profile_of(number: PhoneNumber) -> ProfileSheet:
    row: BusinessProfile | None = getattr(number, "profile", None)
    if row is None:
        return ProfileSheet([])
    why_not = explain(row.error_kind, row.code, row.subcode, row.http_status) if row.error_kind else None
    if row.read_at is None:
        return ProfileSheet([], why_not=why_not, tried_at=row.tried_at)
    values = values_of(row)
    lines = [
        ProfileLine(name, label, value_in_words(name, values[name]) if values[name] else "")
        for name, label in PROFILE_LABELS.items()
    ]
    return ProfileSheet(lines, row.has_picture, row.read_at, Source(row.read_by).label, why_not, row.tried_at)


@require_http_methods(["GET", "HEAD", "POST"])
def read(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    """Read the profile at Meta now, and go back to the number's page. A GET reads nothing and goes there too."""
    found = workable_number(request.user, phone_number_id)
    page = with_trail(reverse("phones:number", args=[phone_number_id]), trail_of(request)) + "#profile"
    if request.method != "POST":
        return HttpResponseRedirect(page)
    failure = read_profile(number=found, user=request.user)
    if failure is None:
        messages.success(request, "The business profile was read from Meta just now.")
    else:
        why = explain(failure.kind, failure.code, failure.subcode, failure.http_status)
        messages.error(request, f"The business profile could not be read: {why.title}. {why.what_to_do}")
    return HttpResponseRedirect(page)


@require_http_methods(["GET", "HEAD", "POST"])
def read_more(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    """Read the details at Meta now, and go back to the number's page. A GET reads nothing and goes there too."""
    found = workable_number(request.user, phone_number_id)
    page = with_trail(reverse("phones:number", args=[phone_number_id]), trail_of(request)) + "#details"
    if request.method != "POST":
        return HttpResponseRedirect(page)
    failures = read_details(number=found, parts=parts_for(found))
    if failures:
        messages.warning(request, "Not all of it could be read: what is missing, and why, stands below.")
    else:
        messages.success(request, "Read from Meta just now.")
    return HttpResponseRedirect(page)
