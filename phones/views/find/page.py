"""The look-up: one field for everything on the desk. A dialog on every page, and a page of its own without script."""

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from phones.numbers.search import LONGEST_NEEDLE, MOST_NEEDLES, needles_of
from phones.views.find import recent
from phones.views.find.found import Found
from phones.views.find.kinds import search
from phones.views.find.numbers import search_numbers
from phones.views.find.places import numbers_list, search_places, usual_places
from phones.views.request import DeskRequest
from portal.folding import fold

SHOWN = 12
# Of two that fit equally well, the one of the earlier kind comes first.
_ORDER = ("client", "number", "waba", "portfolio", "signup", "preverified", "view", "queue", "page")


@require_safe
def find(request: DeskRequest) -> HttpResponse:
    """What fits the text in `q`; the recent things and the pages while there is none. For htmx its lines alone."""
    typed = " ".join(request.GET.get("q", "")[:LONGEST_NEEDLE].split())
    found = _found(request, typed) if typed else _before_typing(request)
    template = "find/lines.html" if request.htmx else "find/page.html"
    context = {"typed": typed, "found": found, "said": _said(found, typed), "as_options": bool(request.htmx)}
    return render(request, template, context)


@require_POST
def remember(request: DeskRequest) -> HttpResponse:
    """Sent by the script when a line is opened, so that it comes first the next time."""
    kind, key = request.POST.get("kind", ""), request.POST.get("key", "")
    if not recent.remember(request.user, request.session, kind=kind, key=key):
        raise Http404
    return HttpResponse(status=204)


def _found(request: DeskRequest, typed: str) -> list[Found]:
    folded = fold(typed)
    needles = needles_of(typed)[:MOST_NEEDLES]
    lines = search_places(request.user, folded)
    if needles:
        lines += search_numbers(request.user, needles, folded) + search(request.user, needles, folded)
    keys = set(recent.recent_keys(request.session))
    lines = [replace(line, is_recent=(line.kind, line.key) in keys) for line in lines]
    lines.sort(key=lambda line: line.place_in(_ORDER))
    return [*lines[:SHOWN], numbers_list(typed)]


def _before_typing(request: DeskRequest) -> list[Found]:
    things = [replace(thing, is_recent=True) for thing in recent.recent_things(request.user, request.session)]
    return things + usual_places(request.user)


def _said(found: list[Found], typed: str) -> str:
    """What is announced to who does not see the lines."""
    if not typed:
        return ""
    count = len(found) - 1
    return "Nothing found by that. Search all numbers?" if not count else f"{count} found"
