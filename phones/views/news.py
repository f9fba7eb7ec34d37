"""What an open page asks from time to time: whether what it shows has changed. Its rows stay where they are until then.

Each page gives its own address for this, with the mark of what it shows (`portal.web.news`).
"""

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from clients import roles
from clients.desk_list import DeskList
from phones.views.request import DeskRequest
from portal.web.news import SHOWN
from portal.web.query import UnusableQueryError, list_named

NEWER_FACTS = "This page has newer facts"


def answer(words: str) -> JsonResponse:
    """What the page says; empty where nothing has changed."""
    return JsonResponse({"said": words})


def in_words(updates: int) -> str:
    return f"{updates:,} update{'' if updates == 1 else 's'}" if updates else ""


@require_safe
def of_list(request: DeskRequest) -> JsonResponse:
    """How many rows of the list `of`, at the rest of this address, differ from those that were shown."""
    data = request.GET.copy()
    shown = data.pop(SHOWN, [""])[-1]
    try:
        kind = list_named(data.pop("of", [""])[-1])
    except UnusableQueryError as error:
        raise BadRequest(str(error)) from None
    if kind.name in roles.lists_closed_to(request.user):
        raise PermissionDenied
    found = kind(data, request.user)
    if not isinstance(found, DeskList):
        raise BadRequest("This list tells nothing of what is new.")
    return answer(in_words(found.updates_since(shown)))
