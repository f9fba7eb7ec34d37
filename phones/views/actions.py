"""Doing something to a number at Meta: the page that says what will happen, the POST that does it, and what came of it.

Each confirmation carries a signed slip: which number, which action, for whom, seen in which state. The slip's key is
used up by the action, so a double click, a reload and a second tab are one action.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from clients import roles
from phones import forms
from phones.actions import guards, perform, pins, situations
from phones.actions.refusals import advice
from phones.actions.support import support_text
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber, Pin
from phones.views.request import DeskRequest

SLIP_SALT = "phones.action"
SLIP_SECONDS = 30 * 60

FORMS: dict[ActionKind, type[forms.ActionForm]] = {
    ActionKind.REQUEST_CODE: forms.RequestCodeForm,
    ActionKind.VERIFY_CODE: forms.VerifyCodeForm,
    ActionKind.REGISTER: forms.RegisterForm,
    ActionKind.DEREGISTER: forms.DeregisterForm,
    ActionKind.SET_PIN: forms.PinForm,
    ActionKind.DISPLAY_NAME: forms.DisplayNameForm,
}
STALE = "This page was out of date: the number has changed since you opened it. Nothing was sent; please look again."


@require_safe
@never_cache
def confirm(request: DeskRequest, phone_number_id: str, kind: str) -> HttpResponse:
    """What the action will do and cost, with the form to do it; or why it can't be done and the way out."""
    number, wanted = _number_to_act_on(request, phone_number_id), _kind(kind)
    return _page(request, number, wanted, FORMS[wanted](number=number, may_override=_may_override(request)))


@require_POST
@sensitive_post_parameters("pin", "code")
@sensitive_variables()
def act(request: DeskRequest, phone_number_id: str, kind: str) -> HttpResponse:
    """Do it, once, and go back to the number's page with the outcome."""
    number, wanted = _number_to_act_on(request, phone_number_id), _kind(kind)
    back = HttpResponseRedirect(reverse("phones:number", args=[phone_number_id]))
    slip = _read_slip(request, number, wanted)
    if slip is not None and (done := Action.objects.filter(key=slip["key"]).first()):
        _tell(request, done)
        return back
    if slip is None or slip["seen"] != _fingerprint(number):
        messages.error(request, STALE)
        return HttpResponseRedirect(reverse("phones:confirm", args=[phone_number_id, kind]))
    form = FORMS[wanted](request.POST, number=number, may_override=_may_override(request))
    if not form.is_valid():
        return _page(request, number, wanted, form, status=422)
    cleaned = form.cleaned_data
    order = perform.Order(
        key=uuid.UUID(slip["key"]),
        kind=wanted,
        number=number,
        user=request.user,
        details=form.details(),
        pin=cleaned.get("pin", ""),
        generate_pin=cleaned.get("source") == "generate",
        code=cleaned.get("code", ""),
        override_reason=cleaned.get("override_reason", ""),
    )
    try:
        _tell(request, perform.perform(order))
    except perform.NotSentError as error:
        messages.error(request, f"Nothing was sent. {error}")
    return back


@require_POST
@never_cache
@sensitive_variables()
def reveal_pin(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    """The number's PIN, for who may see it and says why. Shown on this one page and nowhere else."""
    number = _number_to_act_on(request, phone_number_id)
    row = pins.known(number) or Pin.objects.filter(number=number).first()
    if row is None:
        raise Http404
    try:
        pin = pins.reveal(row=row, user=request.user, reason=request.POST.get("reason", ""))
    except pins.RevealRefusedError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("phones:number", args=[phone_number_id]))
    return render(request, "phones/pin.html", {"number": number, "pin": pin, "row": row})


@require_safe
def support(request: DeskRequest, phone_number_id: str, pk: int) -> HttpResponse:
    """A text for Meta's support about one action, ready to be copied."""
    number = _visible_number(request, phone_number_id)
    action = get_object_or_404(Action.objects.select_related("waba", "number"), pk=pk, number=number)
    return render(request, "phones/support.html", {"number": number, "action": action, "text": support_text(action)})


def _page(
    request: DeskRequest, number: PhoneNumber, kind: ActionKind, form: forms.ActionForm, *, status: int = 200
) -> HttpResponse:
    situation = situations.situation_of(number, kind)
    now = timezone.now()
    slip = {"number": number.pk, "kind": kind.value, "user": request.user.pk, "seen": _fingerprint(number)}
    context: dict[str, Any] = {
        "number": number,
        "kind": kind,
        "form": form,
        "refusal": guards.refusal(kind, situation, now=now),
        "cost": guards.cost(kind, situation.sent, now=now),
        "may_override": _may_override(request),
        "slip": signing.dumps({**slip, "key": str(uuid.uuid4())}, salt=SLIP_SALT),
        "action_url": reverse("phones:act", args=[number.phone_number_id, kind.value]),
    }
    return render(request, "phones/confirm.html", context, status=status)


def _read_slip(request: DeskRequest, number: PhoneNumber, kind: ActionKind) -> dict[str, Any] | None:
    """What the confirmation page promised; None when it is forged, too old, or about something else."""
    try:
        slip: dict[str, Any] = signing.loads(request.POST.get("slip", ""), salt=SLIP_SALT, max_age=SLIP_SECONDS)
    except signing.BadSignature:
        return None
    about = (slip["number"], slip["kind"], slip["user"])
    return slip if about == (number.pk, kind.value, request.user.pk) else None


def _fingerprint(number: PhoneNumber) -> list[object]:
    """What must still be so when the person confirms: where the number stands, and what was done to it last."""
    last = Action.objects.filter(number=number).exclude(kind=ActionKind.REFRESH).order_by("-pk").first()
    return [number.stage, number.step, number.waba_id, last.pk if last else 0]


def _tell(request: DeskRequest, action: Action) -> None:
    """The outcome, as a message on the next page."""
    if action.state == ActionState.SUCCEEDED:
        messages.success(request, f"{action.get_kind_display()}: done.")
        return
    if action.state == ActionState.UNKNOWN:
        messages.warning(
            request,
            f"{action.get_kind_display()}: Meta’s answer was lost, so the desk does not know whether it was done. It "
            "is not sent again; reading the number settles it.",
        )
        return
    if action.state in {ActionState.PENDING, ActionState.SENT}:
        messages.info(request, f"{action.get_kind_display()}: under way.")
        return
    words = advice(action.error_kind, action.code, action.subcode, action.http_status).words
    trace = f" (trace {action.fbtrace_id})" if action.fbtrace_id else ""
    said = f" Meta says: “{action.message}”{trace}." if action.message else trace
    messages.error(request, f"{action.get_kind_display()} failed: {words.title}. {words.what_to_do}{said}")


def _kind(kind: str) -> ActionKind:
    try:
        wanted = ActionKind(kind)
    except ValueError:
        raise Http404 from None
    if wanted not in FORMS:
        raise Http404
    return wanted


def _may_override(request: DeskRequest) -> bool:
    return roles.role_of(request.user) in perform.MAY_OVERRIDE


def _visible_number(request: DeskRequest, phone_number_id: str) -> PhoneNumber:
    numbers = PhoneNumber.objects.visible_to(request.user).select_related("waba__credential")
    return get_object_or_404(numbers, phone_number_id=phone_number_id)


def _number_to_act_on(request: DeskRequest, phone_number_id: str) -> PhoneNumber:
    number = _visible_number(request, phone_number_id)
    if not roles.may_change(request.user):
        raise PermissionDenied
    return number
