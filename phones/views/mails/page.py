"""One mail as a page, and the page behind its link to unsubscribe."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from phones.alert_choices import DispatchKind
from phones.alerts import people, unsubscribing
from phones.alerts.letters import letter_of
from phones.models import Dispatch
from phones.views.mails.states import status_of
from phones.views.request import DeskRequest

KINDS = {
    DispatchKind.DIGEST: "the morning mail",
    DispatchKind.ALERT: "mails about what can’t wait",
    DispatchKind.APPROVAL: "mails about what waits for a second person",
}


@require_safe
def mail(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """A mail, for the person it was made for and nobody else; without what they may no longer see."""
    dispatch = get_object_or_404(Dispatch, public_id=public_id, person=request.user)
    context = {"dispatch": dispatch, "letter": letter_of(dispatch), "status": status_of(dispatch)}
    return render(request, "mails/page.html", context)


# The button of a mail program posts without a cookie; the signed address itself says who asks for what.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A GET shows a button, since mail scanners open links; a POST unsubscribes."""
    found = unsubscribing.read(token)
    if found is None:
        raise Http404
    person, kind = found
    if request.method == "POST":
        unsubscribing.unsubscribe(person, kind)
    context = {
        "what": KINDS.get(kind, KINDS[DispatchKind.ALERT]),
        "is_done": not unsubscribing.is_subscribed(people.settings_of(person), kind),
    }
    return render(request, "mails/unsubscribe.html", context)
