"""The link on which a client asks for the one-time code of one number, made by a manager."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from phones.onboarding import codes
from phones.views.lookup import workable_number
from phones.views.request import DeskRequest


@require_POST
def make_code_link(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    """A link on which the client asks for the code of one number; the open one when there is one."""
    number = workable_number(request.user, phone_number_id)
    codes.code_link_for(number=number, actor=request.user)
    messages.success(request, "The link is below. Send it to the client: they ask for the code on it and type it.")
    return HttpResponseRedirect(reverse("phones:number", args=[phone_number_id]) + "#code-link")
