"""Doing something to the pool at Meta: the page that says what will happen, the POST that does it, what came of it.

Each confirmation carries a signed slip, as those of `phones.views.number.actions` do: its key is used up by the
action, so a double click, a reload and a second tab are one action.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import roles
from phones.choices import ActionState, PoolActionKind
from phones.models import PoolAction, PreverifiedNumber
from phones.pool import facts as situations
from phones.pool import perform as doing
from phones.views.number.actions import NO_SLIP, SLIP_SALT, signed
from phones.views.pool.forms import FORMS, AddToPoolForm, PoolForm
from phones.views.pool.page import deed_of, row_to_act_on, to_number
from phones.views.request import DeskRequest


@require_safe
@never_cache
def confirm(request: DeskRequest, preverified_id: str, kind: str) -> HttpResponse:
    """What the action will do, with the form to do it; or why it can't be done."""
    row, wanted = row_to_act_on(request.user, preverified_id), _kind(request, kind)
    return _page(request, row, wanted, FORMS[wanted](number=row))


@require_POST
@sensitive_post_parameters("code")
@sensitive_variables()
def act(request: DeskRequest, preverified_id: str, kind: str) -> HttpResponse:
    """Do it, once, and go back to the number's page with the outcome."""
    row, wanted = row_to_act_on(request.user, preverified_id), _kind(request, kind)
    slip = signed(request, {"preverified": row.pk, "kind": wanted.value, "user": request.user.pk})
    if slip is not None and (done := PoolAction.objects.filter(key=slip["key"]).first()):
        _tell(request, done)
        return to_number(preverified_id)
    if slip is None or slip["seen"] != doing.fingerprint(row):
        messages.error(request, NO_SLIP if slip is None else f"Nothing was sent. {doing.STALE}")
        return HttpResponseRedirect(reverse("preverified:confirm", args=[preverified_id, kind]))
    form = FORMS[wanted](request.POST, number=row)
    if not form.is_valid():
        return _page(request, row, wanted, form, status=422)
    order = doing.Order(
        key=uuid.UUID(slip["key"]),
        kind=wanted,
        number=row,
        user=request.user,
        details=form.details(),
        code=form.cleaned_data.get("code", ""),
        seen=slip["seen"],
    )
    _carry_out(request, order)
    return to_number(preverified_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: DeskRequest) -> HttpResponse:
    """Add a number to the pool: the form for it, and the POST that does it once."""
    if not roles.may_change(request.user):
        raise PermissionDenied
    if request.method != "POST":
        return _adding_page(request, AddToPoolForm())
    slip = signed(request, {"preverified": None, "kind": PoolActionKind.ADD.value, "user": request.user.pk})
    if slip is None:
        messages.error(request, NO_SLIP)
        return HttpResponseRedirect(request.path)
    form = AddToPoolForm(request.POST)
    if not form.is_valid():
        return _adding_page(request, form, status=422)
    details = {"phone_number": form.digits()}
    key = uuid.UUID(slip["key"])
    action = _carry_out(
        request, doing.Order(key=key, kind=PoolActionKind.ADD, number=None, user=request.user, details=details)
    )
    if action is not None and action.number is not None:
        return to_number(action.number.preverified_id)
    return HttpResponseRedirect(reverse("preverified:board"))


def _carry_out(request: DeskRequest, order: doing.Order) -> PoolAction | None:
    """The action, with its outcome told; None when nothing was sent."""
    try:
        action = doing.do(order)
    except doing.NotSentError as error:
        messages.error(request, f"Nothing was sent. {error}")
        return None
    _tell(request, action)
    return action


def _adding_page(request: DeskRequest, form: AddToPoolForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "slip": _slip(request, None, PoolActionKind.ADD)}
    return render(request, "pool/add.html", context, status=status)


def _page(
    request: DeskRequest, row: PreverifiedNumber, kind: PoolActionKind, form: PoolForm, *, status: int = 200
) -> HttpResponse:
    refusal = situations.refusal_of(row, kind)
    open_action = row.actions.filter(closed_at=None).first()
    context: dict[str, Any] = {
        "row": row,
        "kind": kind,
        "form": form,
        "refusal": refusal,
        "open_action": open_action,
        "is_open": refusal is None and open_action is None,
        "slip": _slip(request, row, kind),
    }
    return render(request, "pool/confirm.html", context, status=status)


def _slip(request: DeskRequest, row: PreverifiedNumber | None, kind: PoolActionKind) -> str:
    about = {"preverified": row.pk if row else None, "kind": kind.value, "user": request.user.pk}
    seen = doing.fingerprint(row) if row else []
    return signing.dumps({**about, "seen": seen, "key": str(uuid.uuid4())}, salt=SLIP_SALT)


def _kind(request: DeskRequest, kind: str) -> PoolActionKind:
    """What is to be done. Raises Http404 for what is not done to a number, PermissionDenied for who may not do it."""
    try:
        wanted = PoolActionKind(kind)
    except ValueError:
        raise Http404 from None
    if wanted not in FORMS:
        raise Http404
    if not doing.may_do(request.user, wanted):
        raise PermissionDenied
    return wanted


def _tell(request: DeskRequest, action: PoolAction) -> None:
    """The outcome, as a message on the next page."""
    what = action.get_kind_display()
    if action.state == ActionState.SUCCEEDED:
        messages.success(request, f"{what}: done.")
    elif action.state == ActionState.UNKNOWN:
        hope = "the pool does not show it" if action.closed_at else "reading settles it"
        messages.warning(
            request,
            f"{what}: Meta’s answer was lost, so the desk does not know whether it was done. It is not sent again; "
            f"{hope}.",
        )
    elif action.state in {ActionState.PENDING, ActionState.SENT}:
        messages.info(request, f"{what}: under way.")
    elif action.settled_by_reading or (why := deed_of(action).words) is None:
        messages.error(request, f"{what}: not done. Meta’s answer was lost, and the pool shows that it was not.")
    else:
        trace = f" (trace {action.fbtrace_id})" if action.fbtrace_id else ""
        said = f" Meta says: “{action.message}”{trace}." if action.message else trace
        messages.error(request, f"{what} failed: {why.title}. {why.what_to_do}{said}")
