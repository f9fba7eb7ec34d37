"""Our webhooks, for who runs the desk: what each gets, how its posts go, trials, and posting given-up events again."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from clients import roles
from clients.signing_in.fresh import insist
from phones.choices import ChangeKind, Status, Tone
from phones.models import Webhook
from phones.views.outgoing.forms import WebhookForm
from phones.views.request import DeskRequest
from phones.webhook_choices import DeliveryState
from phones.webhooks import managing
from phones.webhooks.find import seeing
from portal.web.query import ListQuery, UnusableQueryError


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A webhook, what it gets in words, how it stands, and how many events wait or were given up."""

    webhook: Webhook
    kinds: str
    numbers: str
    status: Status
    waiting: int
    dead: int


@sensitive_post_parameters("address", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: DeskRequest) -> HttpResponse:
    """All of them, and the form for a new one."""
    _insist_on_lead(request)
    if request.method == "POST":
        insist(request)
    form = WebhookForm(request.POST or None, actor=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = managing.make_webhook(actor=request.user, **form.wanted())
        except managing.NameTakenError:
            form.add_error("name", "There is a webhook of that name already.")
        else:
            messages.success(request, f"{made} is there. Send a trial to see that it works.")
            return HttpResponseRedirect(reverse("phones:outgoing"))
    context = {"rows": _rows(request), "form": form}
    return render(request, "outgoing/page.html", context, status=422 if form.errors else 200)


@require_POST
def act(request: DeskRequest, pk: int, act: str) -> HttpResponse:
    """Try one out, switch it, post again what was given up, or delete it."""
    _insist_on_lead(request)
    found = get_object_or_404(Webhook, pk=pk)
    match act:
        case "trial":
            managing.try_out(found)
            said = f"A trial goes to {found} within some seconds, behind what waits. What came of it is shown here."
        case "switch":
            managing.switch(found, on=not found.is_on, actor=request.user)
            said = f"{found}: switched {'on' if found.is_on else 'off'}."
        case "replay":
            count = managing.replay(found, actor=request.user)
            said = f"{found}: {count} event{'' if count == 1 else 's'} posted again."
        case "delete" if found.is_on:
            said = f"{found}: switch it off first."
        case "delete":
            managing.delete_webhook(found, actor=request.user)
            said = f"{found}: deleted."
        case _:
            raise Http404
    messages.success(request, said)
    return HttpResponseRedirect(reverse("phones:outgoing"))


def _rows(request: DeskRequest) -> list[WebhookRow]:
    waiting, dead = (
        Count("deliveries", filter=Q(deliveries__state=state)) for state in (DeliveryState.WAITING, DeliveryState.DEAD)
    )
    found = Webhook.objects.select_related("person").annotate(waiting=waiting, dead=dead)
    has_person = set(seeing(found))
    return [
        WebhookRow(
            one,
            _kinds_of(one),
            _numbers_of(one, request),
            _status_of(one, has_person=one.pk in has_person),
            one.waiting,
            one.dead,
        )
        for one in found
    ]


def _kinds_of(webhook: Webhook) -> str:
    return ", ".join(str(kind.label) for kind in ChangeKind if kind in webhook.kinds)


def _numbers_of(webhook: Webhook, request: DeskRequest) -> str:
    if webhook.query is None:
        return "all numbers and WABAs"
    try:
        words = ListQuery.of_json(webhook.query).opened(request.user).words
    except UnusableQueryError:
        return "a list that there is not any more: none"
    return f"numbers with {words}" if words else "all numbers"


def _status_of(webhook: Webhook, *, has_person: bool) -> Status:
    if not webhook.is_on:
        return Status("Off", Tone.NONE)
    if not has_person:
        return Status("Nothing is posted", Tone.BAD, "As whom it sees has left: make it anew.")
    if webhook.failures:
        return Status("Not taken", Tone.BAD, webhook.outcome)
    return Status("Works", Tone.OK) if webhook.last_at else Status("Nothing posted yet", Tone.NONE)


def _insist_on_lead(request: DeskRequest) -> None:
    if not roles.runs_the_desk(request.user):
        raise PermissionDenied
