"""The request as a view of the desk gets it, and where to go when an action is done."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from clients.models import User


class DeskRequest(HttpRequest):
    """A request of a signed-in person: the login and htmx middleware have seen to that before any view runs."""

    user: User
    htmx: HtmxDetails


def way_back(request: HttpRequest, otherwise: str, *arguments: object) -> str:
    """The page named by the form's `next` if it is one of ours, else the page of the route `otherwise`."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse(otherwise, args=arguments)
