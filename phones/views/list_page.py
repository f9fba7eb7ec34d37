"""The page of a declared list."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from clients import roles
from clients.desk_list import DeskList
from phones.views.request import DeskRequest


def render_list(
    request: DeskRequest, template: str, found: DeskList[Any], context: Mapping[str, object]
) -> HttpResponse:
    """The page of `found`, made of `template`, which is or extends `ui/list_page.html`.

    htmx takes its part of the same page, and puts the list's own address, without empty parameters, into the browser.
    """
    response = render(request, template, {"list": found, "not_for_viewers": roles.NOT_FOR_VIEWERS, **context})
    if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
        response["HX-Push-Url"] = str(found.here)
    return response
