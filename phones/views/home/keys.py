"""What the keyboard does, for the dialog that "?" opens on every page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from phones.views.request import DeskRequest


@require_safe
def keys(request: DeskRequest) -> HttpResponse:
    """What is in the dialog, fetched when it is first opened. Keys do nothing without script, so no page has it."""
    return render(request, "ui/keys.html")
