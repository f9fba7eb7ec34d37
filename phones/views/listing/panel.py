"""What the filter panel asks for beside the list itself."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from phones.listing.selection import NumberList
from phones.listing.value_counts import count_values
from phones.views.listing import controls
from phones.views.request import DeskRequest


@require_safe
def whole(request: DeskRequest) -> HttpResponse:
    """The panel itself, fetched when it is opened: what a form that has only the chosen values asks for."""
    numbers = NumberList(request.GET, request.user)
    return render(request, "listing/panel.html", controls.panel_of(numbers, request.GET.get("client_name")))


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
