"""Doing something to a number at Meta: the page that says what will happen, the POST that does it, and what came of it.

Each confirmation carries a signed slip: which number, which action, for whom, seen in which state. The slip's key is
used up by the action, so a double click, a reload and a second tab are one action.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
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
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from phonenumbers import national_significant_number

from clients import roles
from clients.models import Waba
from phones.actions import guards, pins, situations
from phones.actions.number import MAY_OVERRIDE, NumberRequest, fingerprint, perform
from phones.actions.send_once import STALE, NotSentError
from phones.actions.support import support_text
from phones.actions.waba import AddNumberRequest
from phones.actions.waba import add_number as add_number_to
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber, Pin
from phones.numbers.lifecycle import Step
from phones.views.history import deed_of
from phones.views.lookup import (
    visible_number,
    visible_waba,
)
from phones.views.number import forms
from phones.views.request import DeskRequest
from portal.crypto import SecretUnreadableError

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
NO_SLIP = "This form was too old, or not made for you. Nothing was sent; please look again."


@require_safe
@never_cache
def confirm(request: DeskRequest, phone_number_id: str, kind: str) -> HttpResponse:
    """What the action will do and cost, with the form to do it; or why it can't be done and the way out."""
    number, wanted = _number_to_act_on(request, phone_number_id), _kind(kind)
    refusal = _refusal(number, wanted)
    form = FORMS[wanted](number=number, user=request.user, may_override=_may_override(request, refusal))
    return _page(request, number, wanted, form, refusal)


@require_POST
@sensitive_post_parameters("pin", "code", "password")
@sensitive_variables()
def act(request: DeskRequest, phone_number_id: str, kind: str) -> HttpResponse:
    """Do it, once, and go back to the number's page with the outcome."""
    number, wanted = _number_to_act_on(request, phone_number_id), _kind(kind)
    back = HttpResponseRedirect(reverse("phones:number", args=[phone_number_id]))
    slip = _read_slip(request, number, wanted)
    if slip is not None and (done := Action.objects.filter(key=slip["key"]).first()):
        tell(request, done)
        return back
    if slip is None or slip["seen"] != fingerprint(number):
        messages.error(request, NO_SLIP if slip is None else f"Nothing was sent. {STALE}")
        return HttpResponseRedirect(reverse("phones:confirm", args=[phone_number_id, kind]))
    refusal = _refusal(number, wanted)
    form = FORMS[wanted](request.POST, number=number, user=request.user, may_override=_may_override(request, refusal))
    if not form.is_valid():
        return _page(request, number, wanted, form, refusal, status=422)
    cleaned = form.cleaned_data
    wish = NumberRequest(
        key=uuid.UUID(slip["key"]),
        kind=wanted,
        number=number,
        user=request.user,
        details=form.details(),
        pin=cleaned.get("pin", ""),
        generate_pin=cleaned.get("source") == "generate",
        code=cleaned.get("code", ""),
        override_reason=cleaned.get("override_reason", ""),
        seen=slip["seen"],
    )
    try:
        tell(request, perform(wish))
    except NotSentError as error:
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
    except (pins.RevealRefusedError, SecretUnreadableError) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("phones:number", args=[phone_number_id]))
    return render(request, "number/pin.html", {"number": number, "pin": pin, "row": row})


@require_safe
def support(request: DeskRequest, phone_number_id: str, pk: int) -> HttpResponse:
    """A text for Meta's support about one action, ready to be copied."""
    number = visible_number(request.user, phone_number_id)
    action = get_object_or_404(Action.objects.select_related("waba", "number"), pk=pk, number=number)
    return render(
        request, "number/support.html", {"number": number, "deed": deed_of(action), "text": support_text(action)}
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_number(request: DeskRequest, waba_id: str) -> HttpResponse:
    """Add a number to a WABA: the form for it, and the POST that does it once."""
    waba = visible_waba(request.user, waba_id)
    if not roles.may_change(request.user):
        raise PermissionDenied
    if request.method != "POST":
        return _adding_page(request, waba, forms.AddNumberForm())
    about = {"waba": waba.pk, "user": request.user.pk}
    slip = signed(request, about)
    if slip is None:
        messages.error(request, NO_SLIP)
        return HttpResponseRedirect(request.path)
    form = forms.AddNumberForm(request.POST)
    if not form.is_valid():
        return _adding_page(request, waba, form, status=422)
    number = form.cleaned_data["phone_number"]
    addition = AddNumberRequest(
        key=uuid.UUID(slip["key"]),
        waba=waba,
        user=request.user,
        cc=str(number.country_code),
        phone_number=national_significant_number(number),
        verified_name=form.cleaned_data["verified_name"],
    )
    try:
        action = add_number_to(addition)
    except NotSentError as error:
        messages.error(request, f"Nothing was sent. {error}")
    else:
        tell(request, action)
    return HttpResponseRedirect(reverse("phones:waba", args=[waba_id]))


def _adding_page(request: DeskRequest, waba: Waba, form: forms.AddNumberForm, *, status: int = 200) -> HttpResponse:
    slip = {"waba": waba.pk, "user": request.user.pk, "key": str(uuid.uuid4())}
    context = {"waba": waba, "form": form, "slip": signing.dumps(slip, salt=SLIP_SALT)}
    return render(request, "accounts/add_number.html", context, status=status)


def _page(
    request: DeskRequest,
    number: PhoneNumber,
    kind: ActionKind,
    form: forms.ActionForm,
    refusal: guards.Refusal | None,
    *,
    status: int = 200,
) -> HttpResponse:
    records = situations.records_of(number)
    situation = situations.situation_from(number, kind, records, kept=None)
    slip = {"number": number.pk, "kind": kind.value, "user": request.user.pk, "seen": fingerprint(number)}
    may_override = _may_override(request, refusal)
    context: dict[str, Any] = {
        "number": number,
        "kind": kind,
        "form": form,
        "refusal": refusal,
        "way_out": _way_out(number, refusal),
        "reads": refusal is not None and refusal.way_out == Step.REFRESH,
        "open_action": next((one for one in records if one.closed_at is None), None),
        "cost": guards.cost(kind, situation.sent, now=timezone.now()),
        "may_override": may_override,
        "is_open": refusal is None or may_override,
        "slip": signing.dumps({**slip, "key": str(uuid.uuid4())}, salt=SLIP_SALT),
        "action_url": reverse("phones:act", args=[number.phone_number_id, kind.value]),
    }
    return render(request, "number/confirm.html", context, status=status)


def _refusal(number: PhoneNumber, kind: ActionKind) -> guards.Refusal | None:
    return guards.refusal(kind, situations.situation_of(number, kind), now=timezone.now())


def _way_out(number: PhoneNumber, refusal: guards.Refusal | None) -> tuple[str, str] | None:
    """Label and address of the action that leads out of a refusal; None when there is none but reading."""
    if refusal is None or refusal.way_out in {Step.NONE, Step.REFRESH}:
        return None
    kind = ActionKind(refusal.way_out.value)
    return str(kind.label), reverse("phones:confirm", args=[number.phone_number_id, kind.value])


def _read_slip(request: DeskRequest, number: PhoneNumber, kind: ActionKind) -> dict[str, Any] | None:
    """What the confirmation page promised; None when it is forged, too old, or about something else."""
    return signed(request, {"number": number.pk, "kind": kind.value, "user": request.user.pk})


def signed(request: DeskRequest, about: Mapping[str, object]) -> dict[str, Any] | None:
    """The slip of the form when it is ours, fresh, and about just this; else None."""
    try:
        slip: dict[str, Any] = signing.loads(request.POST.get("slip", ""), salt=SLIP_SALT, max_age=SLIP_SECONDS)
    except signing.BadSignature:
        return None
    return slip if all(slip.get(name) == value for name, value in about.items()) else None


def tell(request: DeskRequest, action: Action) -> None:
    """The outcome, as a message on the next page."""
    if action.state == ActionState.SUCCEEDED:
        messages.success(request, f"{action.get_kind_display()}: done.")
        return
    if action.state == ActionState.UNKNOWN:
        messages.warning(
            request,
            f"{action.get_kind_display()}: Meta’s answer was lost, so the desk does not know whether it was done. It "
            f"is not sent again; {'the number does not show it' if action.closed_at else 'reading settles it'}.",
        )
        return
    if action.state in {ActionState.PENDING, ActionState.SENT}:
        messages.info(request, f"{action.get_kind_display()}: under way.")
        return
    words = deed_of(action).words
    if action.settled_by_reading or words is None:
        sentence = (
            f"{action.get_kind_display()}: not done. Meta’s answer was lost, and the number shows that it was not."
        )
        messages.error(request, sentence)
        return
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


def _may_override(request: DeskRequest, refusal: guards.Refusal | None) -> bool:
    """Whether this person may go beyond this refusal, giving a reason."""
    return refusal is not None and refusal.may_override and roles.role_of(request.user) in MAY_OVERRIDE


def _number_to_act_on(request: DeskRequest, phone_number_id: str) -> PhoneNumber:
    number = visible_number(request.user, phone_number_id)
    if not roles.may_change(request.user):
        raise PermissionDenied
    return number
