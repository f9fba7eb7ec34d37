"""Which columns a person wants in a list, and in which order."""

from collections.abc import Sequence
from typing import cast
from urllib.parse import parse_qsl

from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from clients.desk_list import DeskList
from clients.saved_views import remember_columns
from phones.views.request import DeskRequest, way_back
from portal.web.addresses import Address
from portal.web.query import UnusableQueryError, list_named


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def columns(request: DeskRequest) -> HttpResponse:
    """The columns of the list `list` to choose from, as its page `next` shows them; or the choice, sent."""
    if request.method == "POST":
        return _remember(request)
    try:
        kind = cast("type[DeskList[object]]", list_named(request.GET.get("list", "")))
    except UnusableQueryError:
        return redirect("phones:home")
    query = request.GET.get("next", "").partition("?")[2]
    template = "ui/columns_choices.html" if request.htmx else "saved/columns.html"
    return render(request, template, {"list": kind(QueryDict(query), request.user)})


def _remember(request: DeskRequest) -> HttpResponseRedirect:
    """Remember the choice for the list `list`; `up` and `down` move one column, `reset` forgets the choice."""
    form = request.POST
    try:
        kind = cast("type[DeskList[object]]", list_named(form.get("list", "")))
    except UnusableQueryError as error:
        raise BadRequest(str(error)) from error
    known = kind.known_columns()
    names = [name for name in dict.fromkeys(form.getlist("columns")) if name in known]
    for button, step in (("up", -1), ("down", 1)):
        names = moved(names, form.get(button, ""), step)
    wanted = [] if "reset" in form or not names else [kind.columns[0].name, *names]
    remember_columns(list_name=kind.name, columns=wanted, person=request.user)
    path, _, query = way_back(request, kind.route).partition("?")
    return HttpResponseRedirect(str(Address(path, tuple(pair for pair in parse_qsl(query) if pair[0] != "columns"))))


def moved(names: Sequence[str], name: str, step: int) -> list[str]:
    """`names` with one of them a step further up (-1) or down (1)."""
    order = list(names)
    if name in order:
        place = order.index(name)
        order.insert(max(place + step, 0), order.pop(place))
    return order
