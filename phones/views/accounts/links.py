"""The links that a manager makes for a client: to their signup, and to the page where their numbers stand."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from clients import links
from clients.models import Client
from phones.pool import reserve as reserving
from phones.views.accounts.forms import SignupLinkForm, StatusLinkForm
from phones.views.lookup import workable_or_404
from phones.views.open_links import AnyLink
from phones.views.request import DeskRequest


@require_POST
def make_signup_link(request: DeskRequest, pk: int) -> HttpResponse:
    client = workable_or_404(Client.objects.all(), request.user, pk=pk)
    form = SignupLinkForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"No link was made. {_first_error(form)}")
        return _to_client(pk)
    cleaned = form.cleaned_data
    try:
        made = reserving.make_link(
            client=client,
            actor=request.user,
            number=cleaned["preverified"],
            display_name=cleaned["display_name"],
            lifetime=cleaned["lifetime"],
        )
    except (links.DisplayNameTooLongError, reserving.NotAvailableError) as error:
        messages.error(request, f"No link was made. {error}")
        return _to_client(pk)
    return _made(request, pk, "signup", made)


@require_POST
def make_status_link(request: DeskRequest, pk: int) -> HttpResponse:
    client = workable_or_404(Client.objects.all(), request.user, pk=pk)
    form = StatusLinkForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"No link was made. {_first_error(form)}")
        return _to_client(pk)
    made = links.make_status_link(client=client, actor=request.user, lifetime=form.cleaned_data["lifetime"])
    return _made(request, pk, "status", made)


def _made(request: DeskRequest, pk: int, kind: str, link: AnyLink) -> HttpResponse:
    messages.success(request, "The link is ready: copy it below and send it to the client.")
    return HttpResponseRedirect(f"{reverse('phones:client', args=[pk])}?made={kind}-{link.pk}#signup")


def _to_client(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("phones:client", args=[pk]) + "#signup")


def _first_error(form: StatusLinkForm) -> str:
    return str(next(iter(form.errors.values()))[0])
