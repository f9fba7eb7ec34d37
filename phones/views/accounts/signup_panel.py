"""The panel "Signup" on a client's page: links, what came of them, onboardings under way, and making links."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from clients import links, roles, signups
from clients.models import Client, SignupAttempt, User
from phones.models import Onboarding
from phones.pool import reserve
from phones.views import open_links, signup_rows
from phones.views.accounts.forms import SignupLinkForm, StatusLinkForm
from phones.views.lookup import workable_or_404
from phones.views.request import DeskRequest

ATTEMPTS_SHOWN = 5
ONBOARDINGS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SignupPanel:
    """What the panel shows. The forms are None for who may only look."""

    links: list[open_links.OpenLink]
    onboardings: list[tuple[Onboarding, list[signup_rows.StepRow]]]
    attempts: list[signup_rows.SignupRow]
    signup_form: SignupLinkForm | None
    status_form: StatusLinkForm | None
    is_configured: bool

    @property
    def is_empty(self) -> bool:
        return not self.links and not self.attempts


def of_client(client: Client, user: User, *, made: str) -> SignupPanel:
    """The panel of `client`, which `user` may see; `made` names the link that was made just now."""
    attempts = signup_rows.with_links(SignupAttempt.objects.filter(link__client=client)).order_by("-pk")
    under_way = Onboarding.objects.filter(client=client).unfinished().order_by("-pk")
    may_change = roles.may_change(user)
    return SignupPanel(
        links=open_links.lines_of_client(client, user, made=made),
        onboardings=signup_rows.held_up(under_way, most=ONBOARDINGS_SHOWN),
        attempts=signup_rows.rows_of(list(attempts[:ATTEMPTS_SHOWN])),
        signup_form=SignupLinkForm(auto_id="signup-%s") if may_change else None,
        status_form=StatusLinkForm(auto_id="status-%s") if may_change else None,
        is_configured=signups.is_configured(),
    )


@require_POST
def make_signup_link(request: DeskRequest, pk: int) -> HttpResponse:
    return _make_link(request, pk, SignupLinkForm(request.POST))


@require_POST
def make_status_link(request: DeskRequest, pk: int) -> HttpResponse:
    return _make_link(request, pk, StatusLinkForm(request.POST))


def _make_link(request: DeskRequest, pk: int, form: StatusLinkForm) -> HttpResponse:
    """Make the link that `form` asks for, and go back to the panel, which shows it; or say why there is none."""
    client = workable_or_404(Client.objects.all(), request.user, pk=pk)
    page = reverse("phones:client", args=[pk])
    if not form.is_valid():
        messages.error(request, f"No link was made. {next(iter(form.errors.values()))[0]}")
        return HttpResponseRedirect(f"{page}#signup")
    given, actor, lifetime = form.cleaned_data, request.user, form.cleaned_data["lifetime"]
    try:
        if isinstance(form, SignupLinkForm):
            number, name = given["preverified"], given["display_name"]
            link = reserve.make_link(client=client, actor=actor, number=number, display_name=name, lifetime=lifetime)
            made = f"signup-{link.pk}"
        else:
            made = f"status-{links.make_status_link(client=client, actor=actor, lifetime=lifetime).pk}"
    except (links.DisplayNameTooLongError, reserve.NotAvailableError) as error:
        messages.error(request, f"No link was made. {error}")
        return HttpResponseRedirect(f"{page}#signup")
    messages.success(request, "The link is ready: copy it below and send it to the client.")
    return HttpResponseRedirect(f"{page}?made={made}#signup")
