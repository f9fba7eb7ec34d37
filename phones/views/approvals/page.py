"""What waits for a second person: the list of it, one with what it would do, and the decision."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients.models import User
from clients.signing_in.fresh import insist
from phones.approval_choices import ApprovalState
from phones.approvals import decide
from phones.bulk import words
from phones.bulk_choices import BulkKind
from phones.choices import ActionKind
from phones.models import Approval
from phones.querysets import ApprovalQuerySet
from phones.views.addressed_row import workable_or_404
from phones.views.approval_rows import ApprovalRow
from phones.views.confirmation import report
from phones.views.request import DeskRequest

SHOWN = 100


@require_safe
@never_cache
def approvals(request: DeskRequest) -> HttpResponse:
    """What waits, then what was decided last."""
    found = _related().visible_to(request.user)
    waiting = found.filter(state=ApprovalState.WAITING, expires_at__gt=timezone.now()).order_by("expires_at")[:SHOWN]
    decided = found.exclude(state=ApprovalState.WAITING).order_by("-decided_at", "-pk")[:SHOWN]
    rows = [ApprovalRow(one) for one in (*waiting, *decided)]
    return render(request, "approvals/page.html", {"rows": rows})


@require_safe
@never_cache
def approval(request: DeskRequest, pk: int) -> HttpResponse:
    """One of them: who asked, what will happen, and the buttons for who may decide."""
    found = get_object_or_404(_related().visible_to(request.user), pk=pk)
    row = ApprovalRow(found, decide.why_not_decided_by(found, request.user))
    context = {"row": row, "approval": found, "is_own": found.requested_by_id == request.user.pk}
    return render(request, "approvals/approval.html", {**context, **_consequences(found)})


@require_POST
def decision(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """Approve, refuse or withdraw it."""
    found = workable_or_404(_related(), request.user, pk=pk)
    if what not in _DECISIONS:
        raise Http404
    if what == "approve":
        insist(request, back=reverse("phones:approval", args=[pk]))
    try:
        decided = _DECISIONS[what](approval=found, person=request.user)
    except decide.NotDecidableError as error:
        messages.error(request, str(error))
    else:
        _report(request, decided, request.user)
    return HttpResponseRedirect(reverse("phones:approval", args=[pk]))


_DECISIONS = {"approve": decide.approve, "refuse": decide.refuse, "withdraw": decide.withdraw}


def _report(request: DeskRequest, decided: Approval, person: User) -> None:
    if decided.outcome:
        messages.error(request, f"Nothing was sent. {decided.outcome}")
    elif decided.action is not None:
        report(request, decided.action)
    elif decided.state == ApprovalState.APPROVED:
        messages.success(request, f"Started, for {decided.requested_by} and with the consent of {person}.")
    else:
        messages.success(request, f"{decided.get_state_display()}: nothing is sent.")


def _related() -> ApprovalQuerySet:
    related = ("number__waba__client", "run", "requested_by", "decided_by", "action")
    return Approval.objects.select_related(*related)


def _consequences(found: Approval) -> dict[str, Any]:
    """What would happen, in the words of the page on which it was asked for."""
    if found.run is not None:
        return {"what_happens": words.WHAT_HAPPENS[BulkKind(found.run.kind)]}
    return {"number": found.number, "kind": ActionKind(found.kind)}
