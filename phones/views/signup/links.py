"""The links that a manager makes for a client: made, shown, revoked.

What a client finds behind them is in `signup` and `client_links`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from clients import links, roles
from clients.models import Client, SignupLink, StatusLink, User
from phones.models import CodeLink, PhoneNumber
from phones.onboarding import codes
from phones.pool import reserve as reserving
from phones.views.request import DeskRequest, way_back
from phones.views.signup.forms import SignupLinkForm, StatusLinkForm
from portal.crypto import SecretUnreadableError

AnyLink = SignupLink | StatusLink | CodeLink
KINDS: dict[str, type[AnyLink]] = {"signup": SignupLink, "status": StatusLink, "code": CodeLink}
# The route that a link of each kind opens.
_ROUTES = {"signup": "signup:page", "status": "signup:status", "code": "signup:code"}


@dataclass(frozen=True, slots=True)
class Line:
    """One open link. `address` is empty for who may not hand it out, and when its secret can't be read any more."""

    kind: str
    label: str
    link: AnyLink
    address: str
    may_change: bool

    @property
    def key(self) -> str:
        """The link's key, as text."""
        return str(self.link.pk)


@require_POST
def make_signup_link(request: DeskRequest, pk: int) -> HttpResponse:
    """A link to the signup of one client."""
    client = _workable_client(request.user, pk)
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
    """A link on which one client sees where their numbers stand."""
    client = _workable_client(request.user, pk)
    form = StatusLinkForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"No link was made. {_first_error(form)}")
        return _to_client(pk)
    made = links.make_status_link(client=client, actor=request.user, lifetime=form.cleaned_data["lifetime"])
    return _made(request, pk, "status", made)


@require_POST
def make_code_link(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    """A link on which the client asks for the code of one number; the open one when there is one."""
    wanted = phone_number_id if phone_number_id.isdecimal() else None
    number = get_object_or_404(PhoneNumber.objects.visible_to(request.user), phone_number_id=wanted)
    if not roles.may_change(request.user):
        raise PermissionDenied
    codes.code_link_for(number=number, actor=request.user)
    messages.success(request, "The link is below. Send it to the client: they ask for the code on it and type it.")
    return HttpResponseRedirect(reverse("phones:number", args=[phone_number_id]) + "#code-link")


@require_POST
def revoke(request: DeskRequest, kind: str, pk: int) -> HttpResponse:
    """Close a link from now on."""
    model = KINDS.get(kind)
    if model is None:
        raise Http404
    link = cast("AnyLink", get_object_or_404(model._default_manager.visible_to(request.user), pk=pk))
    if not roles.may_change(request.user):
        raise PermissionDenied
    links.revoke(link=link, actor=request.user)
    messages.success(request, "Revoked. Whoever opens the link is told to ask for a new one.")
    if isinstance(link, SignupLink | StatusLink):
        return HttpResponseRedirect(way_back(request, "phones:client", link.client_id))
    return HttpResponseRedirect(way_back(request, "phones:number", link.number.phone_number_id))


def lines_of_client(client: Client, user: User) -> list[Line]:
    """The open links to the pages of `client`, newest first."""
    of_signup = SignupLink.objects.open().filter(client=client).select_related("created_by")
    of_status = StatusLink.objects.open().filter(client=client).select_related("created_by")
    lines = [*_lines("signup", "Signup", of_signup, user), *_lines("status", "Status", of_status, user)]
    return sorted(lines, key=lambda line: line.link.created_at, reverse=True)


def lines_of_number(number: PhoneNumber, user: User) -> list[Line]:
    """The open code links of `number`."""
    return _lines("code", "Code", CodeLink.objects.open().filter(number=number).select_related("created_by"), user)


def address_of(kind: str, link: AnyLink) -> str:
    """The address to send to the client; empty when its secret can't be read any more."""
    try:
        token = links.token_of(link)
    except SecretUnreadableError:
        return ""
    return f"{settings.PUBLIC_URL}{reverse(_ROUTES[kind], args=[token])}"


def _lines(kind: str, label: str, rows: Iterable[AnyLink], user: User) -> list[Line]:
    may_see = roles.may_change(user)
    return [Line(kind, label, row, address_of(kind, row) if may_see else "", may_see) for row in rows]


def _workable_client(user: User, pk: int) -> Client:
    client = get_object_or_404(Client.objects.visible_to(user), pk=pk)
    if not roles.may_change(user):
        raise PermissionDenied
    return client


def _made(request: DeskRequest, pk: int, kind: str, link: AnyLink) -> HttpResponse:
    messages.success(request, "The link is ready: copy it below and send it to the client.")
    return HttpResponseRedirect(f"{reverse('phones:client', args=[pk])}?made={kind}-{link.pk}#signup")


def _to_client(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("phones:client", args=[pk]) + "#signup")


def _first_error(form: StatusLinkForm) -> str:
    return str(next(iter(form.errors.values()))[0])
