"""The panel "Signup" on a client's page: links, what came of them, onboardings under way, and making links."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from clients import links, roles, signups
from clients.clients import change_contact
from clients.forms import ContactForm
from clients.models import Client, SignupAttempt, SignupLink, StatusLink, User, Waba
from phones.actions.options import LONGEST_NAME
from phones.models import Onboarding, PhoneNumber
from phones.pool import reserve
from phones.views import open_links, signup_rows
from phones.views.accounts.forms import SignupLinkForm, StatusLinkForm
from phones.views.addressed_row import graph_id, workable_or_404
from phones.views.request import DeskRequest

ATTEMPTS_SHOWN = 5
ONBOARDINGS_SHOWN = 5
# To be annotated on the client: what there is none of is not read.
WHAT_THERE_IS = {
    "has_signup_links": Exists(SignupLink.objects.filter(client=OuterRef("pk"))),
    "has_status_links": Exists(StatusLink.objects.filter(client=OuterRef("pk"))),
    "has_onboardings": Exists(Onboarding.objects.filter(client=OuterRef("pk"))),
}


@dataclass(frozen=True, slots=True)
class SignupPanel:
    """What the panel shows. The forms are None for who may only look. `number`: the one that a link is wanted for."""

    links: list[open_links.OpenLink]
    onboardings: list[tuple[Onboarding, list[signup_rows.StepRow]]]
    attempts: list[signup_rows.SignupRow]
    signup_form: SignupLinkForm | None
    status_form: StatusLinkForm | None
    contact_form: ContactForm | None
    is_configured: bool
    number: PhoneNumber | None = None
    waba: Waba | None = None

    @property
    def is_empty(self) -> bool:
        return not self.links and not self.attempts


def of_client(client: Client, user: User, query: QueryDict) -> SignupPanel:
    """The panel of `client`, which `user` may see and which is annotated with WHAT_THERE_IS.

    Of `query`, `made` names the link that was made just now. `number` and `waba` (Graph ids) and `display_name` fill
    the form for a signup link; ids of what is not this client's are left out.
    """
    made = query.get("made", "")
    wanted = {"display_name": query.get("display_name", "")[:LONGEST_NAME], "language": client.language}
    theirs = Waba.objects.visible_to(user).filter(client=client)
    number_id, waba_id = graph_id(query.get("number", "")), graph_id(query.get("waba", ""))
    number = PhoneNumber.objects.on(theirs).filter(phone_number_id=number_id).first() if number_id else None
    rows, under_way = _attempts_and_onboardings(client)
    may_change = roles.may_change(user)
    return SignupPanel(
        links=open_links.lines_of_client(client, user, made=made),
        onboardings=under_way,
        attempts=rows,
        signup_form=SignupLinkForm(auto_id="signup-%s", initial=wanted) if may_change else None,
        status_form=StatusLinkForm(auto_id="status-%s", initial=wanted) if may_change else None,
        contact_form=ContactForm(initial={"contact_email": client.contact_email}) if may_change else None,
        is_configured=signups.is_configured(),
        number=number,
        waba=theirs.filter(waba_id=waba_id).first() if number is not None else None,
    )


def _attempts_and_onboardings(
    client: Client,
) -> tuple[list[signup_rows.SignupRow], list[tuple[Onboarding, list[signup_rows.StepRow]]]]:
    attempts: list[SignupAttempt] = []
    if client.has_signup_links:  # type: ignore[attr-defined] # annotated
        of_client = SignupAttempt.objects.filter(link__client=client).order_by("-pk")
        attempts = list(of_client.select_related("link__client", "link__created_by")[:ATTEMPTS_SHOWN])
    if not attempts and not client.has_onboardings:  # type: ignore[attr-defined] # annotated
        return [], []
    return signup_rows.of_client(client, attempts, most=ONBOARDINGS_SHOWN)


@require_POST
def contact(request: DeskRequest, pk: int) -> HttpResponse:
    """Keep where links for the client are mailed to."""
    client = workable_or_404(Client.objects.all(), request.user, pk=pk)
    form = ContactForm(request.POST)
    if form.is_valid():
        email = form.cleaned_data["contact_email"]
        change_contact(client=client, email=email, actor=request.user)
        messages.success(
            request, f"Links are mailed to {email} from now on." if email else "Nothing is mailed any more."
        )
    else:
        messages.error(request, "That is no mail address: nothing was changed.")
    return HttpResponseRedirect(f"{reverse('phones:client', args=[pk])}#signup")


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
    given = {"client": client, "actor": request.user, **form.cleaned_data}
    try:
        if isinstance(form, SignupLinkForm):
            made = f"signup-{reserve.make_link(number=given.pop('preverified'), **given).pk}"
        else:
            made = f"status-{links.make_status_link(**given).pk}"
    except (links.DisplayNameTooLongError, reserve.NotAvailableError) as error:
        messages.error(request, f"No link was made. {error}")
        return HttpResponseRedirect(f"{page}#signup")
    messages.success(request, "The link is ready: copy it below and send it to the client.")
    return HttpResponseRedirect(f"{page}?made={made}#signup")
