"""Doing something to a number at Meta: the pages that say what will happen, and the POSTs that have it done.

Adding a number to a WABA is here too; showing a PIN, and the text for Meta's support.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe
from phonenumbers import national_significant_number

from clients import roles
from clients.choices import Act
from clients.signing_in.fresh import insist
from phones import waking
from phones.actions import guards, pins, situations
from phones.actions.number import HARMFUL, NumberRequest, fingerprint, needs_lead, needs_second_person, perform
from phones.actions.support import support_text
from phones.actions.waba import AddNumberRequest
from phones.actions.waba import add_number as add_number_to
from phones.approvals import decide as approvals
from phones.choices import ActionKind
from phones.models import Action, PhoneNumber, Pin
from phones.numbers.facts import facts_of
from phones.numbers.lifecycle import Step
from phones.numbers.settings import SETTINGS
from phones.views.addressed_row import visible_number, workable_number, workable_waba
from phones.views.confirmation import Confirmation, Confirmed
from phones.views.history import action_line
from phones.views.number import forms
from phones.views.number.action_form import ActionForm
from phones.views.number.details import setting_line
from phones.views.number.unread import refusal_of
from phones.views.request import DeskRequest
from phones.views.trail import Trail, trail_of, with_trail
from portal.crypto import SecretUnreadableError


@require_safe
@never_cache
def confirm(request: DeskRequest, phone_number_id: str, kind: str) -> HttpResponse:
    """What the action will do and cost, with the form to do it; or why it can't be done and the way out."""
    return OnNumber(request, phone_number_id, kind).page()


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("pin", "code", "verify_token")
@sensitive_variables()
def act(request: DeskRequest, phone_number_id: str, kind: str) -> HttpResponse:
    """Have it done, once, and go back to the number's page with the outcome. A GET leads to the form."""
    return OnNumber(request, phone_number_id, kind).answer()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_number(request: DeskRequest, waba_id: str) -> HttpResponse:
    """Add a number to a WABA: the form for it, and the POST that does it once."""
    return Addition(request, waba_id).respond()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables()
def reveal_pin(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    """The number's PIN, for who may see it and says why. Shown on this one page and nowhere else."""
    number = workable_number(request.user, phone_number_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("phones:number", args=[phone_number_id]))
    row = pins.known(number) or Pin.objects.filter(number=number).first()
    if row is None:
        raise Http404
    insist(request, back=reverse("phones:number", args=[phone_number_id]))
    try:
        pin = pins.reveal(row=row, user=request.user, reason=request.POST.get("reason", ""))
    except (pins.RevealRefusedError, SecretUnreadableError) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("phones:number", args=[phone_number_id]))
    return render(request, "number/pin.html", {"number": number, "pin": pin, "row": row})


@require_safe
def support(request: DeskRequest, phone_number_id: str, pk: int) -> HttpResponse:
    """A text for Meta's support about one action, ready to be copied."""
    number = visible_number(request.user, phone_number_id)
    action = get_object_or_404(Action.objects.select_related("waba", "number"), pk=pk, number=number)
    context = {"number": number, "line": action_line(action), "text": support_text(action)}
    return render(request, "number/support.html", context)


class OnNumber(Confirmation):
    template = "number/confirm.html"

    def __init__(self, request: DeskRequest, phone_number_id: str, kind: str) -> None:
        super().__init__(request)
        self.number = workable_number(request.user, phone_number_id)
        if kind not in forms.FORMS:
            raise Http404
        self.kind = ActionKind(kind)
        self.again = with_trail(reverse("phones:confirm", args=[phone_number_id, kind]), trail_of(request))
        if needs_lead(self.kind) and not roles.runs_the_desk(request.user):
            raise PermissionDenied
        if self.kind in HARMFUL:
            insist(request, back=self.again)
        records = situations.records_of(self.number)
        situation = situations.situation_from(self.number, self.kind, records, kept=pins.known(self.number))
        now = timezone.now()
        self.cost = guards.cost(self.kind, situation.sent, now=now)
        self.refusal = guards.refusal(self.kind, situation, now=now)
        if self.refusal is not None and self.refusal.may_override:
            self.may_override = roles.may(request.user, Act.OVERRIDE_GUARDS)
        if (unread := refusal_of(self.number, self.kind)) is not None:
            self.refusal, self.may_override = unread, False
        self.reads = self.refusal is not None and self.refusal.way_out == Step.REFRESH
        self.trail = trail_of(request)
        self.way_out = _way_out(self.number, self.refusal, self.trail)
        self.code_sent_at = facts_of(self.number, records).code_sent_at if kind == ActionKind.VERIFY_CODE else None
        self.open_action = next((one for one in records if one.closed_at is None), None)
        self.about = {"number": self.number.pk, "kind": self.kind.value}
        self.seen = fingerprint(self.number, self.kind)
        self.heading = self.button = str(self.kind.label)
        if needs_second_person(self.kind):
            self.button = "Ask for a second person"
        elif self.kind in {ActionKind.PROFILE, *SETTINGS} - {ActionKind.OFFICIAL_ACCOUNT}:
            self.button = "Change it at Meta"
        self.subject, self.is_dangerous = str(self.number), self.kind in forms.DANGEROUS
        self.action_url = reverse("phones:act", args=[phone_number_id, kind])
        self.back = with_trail(reverse("phones:number", args=[phone_number_id]), self.trail)

    def form(self, data: QueryDict | None = None) -> ActionForm:
        """The form of this kind, with a field for the reason of who goes beyond the desk's limit."""
        files = self.request.FILES if data is not None else None
        return forms.FORMS[self.kind](
            data, files, number=self.number, request=self.request, may_override=self.may_override
        )

    def context(self) -> dict[str, Any]:
        asks = needs_second_person(self.kind)
        context = {"number": self.number, "kind": self.kind, "cost": self.cost, "trail": self.trail, "asks": asks}
        return context | {"at_meta": setting_line(self.number, self.kind)}

    def have_approved(self, found: Confirmed, form: ActionForm) -> HttpResponse | None:
        if not needs_second_person(self.kind):
            return None
        reason = form.cleaned_data.get("override_reason", "")
        try:
            asked = approvals.ask_to_deregister(
                number=self.number, person=self.request.user, key=found.key, seen=[*self.seen], override_reason=reason
            )
        except approvals.NotDecidableError as error:
            messages.error(self.request, f"Nothing was sent. {error}")
            return HttpResponseRedirect(self.back)
        messages.info(self.request, "Nothing is sent yet: a second person has to agree. Who may is told.")
        return HttpResponseRedirect(reverse("phones:approval", args=[asked.pk]))

    @sensitive_variables()
    def send(self, found: Confirmed, form: ActionForm) -> Action:
        cleaned = form.cleaned_data
        request = NumberRequest(
            key=found.key,
            kind=self.kind,
            number=self.number,
            user=self.request.user,
            details=form.details(),
            pin=cleaned.get("pin", ""),
            generate_pin=cleaned.get("source") == "generate",
            code=cleaned.get("code", ""),
            verify_token=cleaned.get("verify_token", ""),
            picture=cleaned.get("picture"),
            override_reason=cleaned.get("override_reason", ""),
            seen=[*self.seen],
        )
        return perform(request)


class Addition(Confirmation):
    template = "accounts/add_number.html"

    def __init__(self, request: DeskRequest, waba_id: str) -> None:
        super().__init__(request)
        self.waba = workable_waba(request.user, waba_id)
        self.again, self.back = request.path, reverse("phones:waba", args=[waba_id])
        self.about = {"waba": self.waba.pk, "kind": ActionKind.ADD_NUMBER.value}
        self.heading, self.button, self.subject = "Add a number", "Add number", str(self.waba)

    def form(self, data: QueryDict | None = None) -> forms.AddNumberForm:
        return forms.AddNumberForm(data)

    def context(self) -> dict[str, Any]:
        signup = f"{reverse('phones:client', args=[self.waba.client_id])}#signup"
        return {"waba": self.waba, "signup_address": signup}

    def send(self, found: Confirmed, form: forms.AddNumberForm) -> Action:
        number = form.cleaned_data["phone_number"]
        request = AddNumberRequest(
            key=found.key,
            waba=self.waba,
            user=self.request.user,
            cc=str(number.country_code),
            phone_number=national_significant_number(number),
            verified_name=form.cleaned_data["verified_name"],
        )
        action = add_number_to(request)
        waking.wake()  # to read the WABA, which shows the number
        return action


def _way_out(number: PhoneNumber, refusal: guards.Refusal | None, trail: Trail | None) -> tuple[str, str] | None:
    """Label and address of the action that leads out of a refusal; None when there is none but reading."""
    if refusal is None or refusal.way_out in {Step.NONE, Step.REFRESH}:
        return None
    kind = ActionKind(refusal.way_out.value)
    return str(kind.label), with_trail(reverse("phones:confirm", args=[number.phone_number_id, kind.value]), trail)
