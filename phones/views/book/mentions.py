"""The notes that mention the person, those first that they have not seen."""

from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from phones.book.notes import have_seen
from phones.models import Mention
from phones.views.request import DeskRequest

MENTIONS_SHOWN = 100


@require_safe
def mentions(request: DeskRequest) -> HttpResponse:
    found = list(_of(request).order_by(F("seen_at").desc(nulls_first=True), "-pk")[:MENTIONS_SHOWN])
    waiting = sum(one.seen_at is None for one in found)
    context = {"mentions": found, "waiting": waiting, "newest": max((one.pk for one in found), default=0)}
    return render(request, "book/mentions.html", context)


@require_POST
def seen(request: DeskRequest) -> HttpResponse:
    """Those up to the newest that the page showed: what came meanwhile goes on waiting."""
    newest = request.POST.get("newest", "")
    if newest.isascii() and newest.isdecimal() and len(newest) <= 18:
        have_seen(_of(request).filter(pk__lte=int(newest), seen_at=None), request.user)
    return HttpResponseRedirect(reverse("phones:mentions"))


def _of(request: DeskRequest) -> QuerySet[Mention, Any]:
    theirs = Mention.objects.visible_to(request.user).filter(person=request.user, note__deleted_at=None)
    return theirs.select_related("note__author", "note__client", "note__number")
