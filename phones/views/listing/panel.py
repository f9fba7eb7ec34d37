"""What the filter panel and the choice of columns ask for beside the list itself."""

from urllib.parse import parse_qsl

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from clients.saved_views import remember_columns
from phones.listing.columns import COLUMNS, columns_named
from phones.listing.selection import NumberList
from phones.listing.value_counts import count_values
from phones.views.listing import controls
from phones.views.request import DeskRequest, way_back
from portal.web.addresses import Address


@require_safe
def client_choices(request: DeskRequest) -> HttpResponse:
    """The clients that the panel offers for what is typed there, with those that are chosen already."""
    typed, chosen = request.GET.get("client_name", ""), request.GET.getlist("client")
    options = controls.client_options(request.user, [key for key in chosen if key], typed)
    return render(request, "listing/clients.html", {"clients": options, "client_name": typed})


@require_safe
def value_counts(request: DeskRequest) -> HttpResponse:
    """How many numbers have each value that the panel offers, to be put beside it."""
    numbers = NumberList(request.GET, request.user)
    counts = count_values(numbers)
    groups = []
    for group in controls.groups_of(numbers):
        values = counts.get(group.name) if counts is not None else None
        if values is not None:
            groups.append(
                (group.name, [sum(values[one] for one in option.value.split(",")) for option in group.options])
            )
    return render(request, "listing/value_counts.html", {"groups": groups, "is_too_long": counts is None})


@require_POST
def columns(request: DeskRequest) -> HttpResponseRedirect:
    """Remember which columns the person wants, in which order; `up` and `down` move one, `reset` forgets the choice."""
    form = request.POST
    names = [name for name in dict.fromkeys(form.getlist("columns")) if name in COLUMNS]
    for button, step in (("up", -1), ("down", 1)):
        names = controls.moved(names, form.get(button, ""), step)
    wanted = [] if "reset" in form else [column.name for column in columns_named(names)]
    remember_columns(list_name=NumberList.name, columns=wanted, person=request.user)
    path, _, query = way_back(request, "phones:list").partition("?")
    return HttpResponseRedirect(str(Address(path, tuple(pair for pair in parse_qsl(query) if pair[0] != "columns"))))
