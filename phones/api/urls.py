"""Addresses of the API. They are read with the first request below /api/, so that nothing else pays for the library."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path

from phones.api import page
from phones.api.access import answered
from phones.api.app import api, nothing_here

app_name = "api-v1"


def _answered(patterns: list[URLPattern | URLResolver]) -> list[URLPattern]:
    """The library's addresses, but for its own root."""
    found = [each for each in patterns if isinstance(each, URLPattern) and each.name != "api-root"]
    for each in found:
        each.callback = answered(each.callback)
    return found


urlpatterns = [
    path("docs", page.docs, name="docs"),
    path("openapi.json", page.openapi, name="openapi"),
    *_answered(api.urls[0]),
    path("<path:path>", login_not_required(answered(nothing_here)), name="nothing"),
]
