"""What a client reads and prints once the end was certified: what has ended, when, and who shows or says so.

Behind their status link, without a login. No names of ours, no notes, nothing of other clients.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from clients import links
from clients.models import StatusLink
from phones.models import Offboarding
from phones.offboarding_choices import LeavingStep, Mark
from phones.views.signup.public import NoSuchLinkError, client_page, open_link
from portal.rows import row_or_none

_WHAT: Mapping[str, Promise] = {
    LeavingStep.DEREGISTER: gettext_lazy("Taken off our WhatsApp service"),
    LeavingStep.PIN: gettext_lazy("Two-step PIN handed over to you"),
    LeavingStep.OFF_WABA: gettext_lazy("Deleted, or moved to another account"),
    LeavingStep.EVENTS: gettext_lazy("We get no messages and events any more"),
    LeavingStep.CREDIT_LINE: gettext_lazy("We no longer pay for this account"),
    LeavingStep.ACCESS: gettext_lazy("We have no access any more"),
    LeavingStep.LINKS: gettext_lazy("Links that we sent you are closed"),
}
_HOW: Mapping[str, Promise] = {
    Mark.SHOWN: gettext_lazy("seen at Meta"),
    Mark.SAID: gettext_lazy("confirmed by us"),
    Mark.NOT_NEEDED: gettext_lazy("not done, as agreed"),
}
# What the desk knows by itself: Meta shows nothing of it, or only that we asked.
_OUR_OWN = frozenset({LeavingStep.LINKS, LeavingStep.CREDIT_LINE})


@dataclass(frozen=True, slots=True)
class CertifiedLine:
    """One thing that has ended; or, where `is_left`, that was agreed to be left as it is."""

    what: str
    how: str
    at: datetime
    is_left: bool


def certificates_of(link: StatusLink) -> QuerySet[Offboarding]:
    """The certified ends of the link's client, the newest first; not of who stays after all."""
    going_on = Offboarding.objects.going_on().filter(client=link.client_id, certified_at__isnull=False)
    return going_on.select_related("number", "client")


@client_page
@require_safe
def certificate(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """One certified end, to be read and printed."""
    link = open_link(request, StatusLink, token)
    found = row_or_none(certificates_of(link).filter(pk=pk))
    if found is None:
        raise NoSuchLinkError
    links.note_opened(link)
    groups = [(about or _("Altogether"), _lines(group)) for about, group in _by_object(found.certificate)]
    return render(request, "signup/certificate.html", {"link": link, "case": found, "groups": groups})


def _by_object(certificate: list[dict[str, str]]) -> list[tuple[str, list[dict[str, str]]]]:
    return [(about, list(group)) for about, group in groupby(certificate, key=lambda each: each["about"])]


def _lines(group: list[dict[str, str]]) -> list[CertifiedLine]:
    # What a later version of the desk wrote and this one has no words for is left out.
    known = [each for each in group if each["kind"] in _WHAT and each["mark"] in _HOW]
    return [
        CertifiedLine(
            str(_WHAT[each["kind"]]),
            str(_HOW[Mark.SAID if each["mark"] == Mark.SHOWN and each["kind"] in _OUR_OWN else each["mark"]]),
            datetime.fromisoformat(each["at"]),
            each["mark"] == Mark.NOT_NEEDED,
        )
        for each in known
    ]
