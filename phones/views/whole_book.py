"""Files of a whole list: who sees every client is asked who they are before they take everything along."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from clients import roles
from clients.signing_in.fresh import insist, is_fresh
from portal.web.listing import DeclaredList

SAID = "Ask for the file again now: it holds everything, so the desk asked first who you are."


def insist_before_everything(request: HttpRequest, found: DeclaredList[Any]) -> None:
    """Raise NotFreshError when `found` is a list of every client, narrowed by nothing, and the sign-in is not fresh.

    It leads back to the list, because a file takes the place of no page.
    """
    if not roles.sees_everything(request.user) or found.is_narrowed or is_fresh(request):
        return
    messages.info(request, SAID)
    insist(request, back=reverse(found.route))
