"""What is ended at Meta for one WABA: its events to us, our line of credit. The pages that say so, and their POSTs."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clients.signing_in.fresh import insist
from phones.actions import credit_line
from phones.choices import ActionKind
from phones.events import subscriptions
from phones.models import Action, Offboarding
from phones.views.addressed_row import workable_waba
from phones.views.confirmation import Confirmation, Confirmed
from phones.views.request import DeskRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: DeskRequest, waba_id: str) -> HttpResponse:
    """Have Meta send us the events of one WABA no more: what that means, and the POST that does it once."""
    return EventsOff(request, waba_id).respond()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_credit_line(request: DeskRequest, waba_id: str) -> HttpResponse:
    """End the share of our line of credit with one WABA: what that means, and the POST that does it once."""
    return CreditLineOff(request, waba_id).respond()


class _OfWaba(Confirmation):
    """Back to the case file of the WABA's client, where one goes on, else to the page of the WABA."""

    kind: ActionKind
    is_dangerous = True

    def __init__(self, request: DeskRequest, waba_id: str) -> None:
        super().__init__(request)
        self.waba = workable_waba(request.user, waba_id)
        insist(request, back=request.path)
        self.again = request.path
        cases = Offboarding.objects.going_on().filter(client=self.waba.client_id, number=None)
        case = cases.visible_to(request.user).first()
        waba_page = reverse("phones:waba", args=[waba_id])
        self.back = reverse("phones:offboarding", args=[case.pk]) if case is not None else waba_page
        self.about = {"waba": self.waba.pk, "kind": self.kind.value}
        self.heading = self.button = str(self.kind.label)
        self.subject = str(self.waba)
        opened = Action.objects.filter(waba=self.waba, number=None, kind=self.kind, closed_at=None)
        self.open_action = opened.first()

    def context(self) -> dict[str, Any]:
        return {"waba": self.waba}


class EventsOff(_OfWaba):
    template = "offboarding/events_off.html"
    kind = ActionKind.UNSUBSCRIBE

    def send(self, found: Confirmed, form: forms.Form) -> Action:  # noqa: ARG002 - nothing is filled in
        return subscriptions.unsubscribe(waba=self.waba, user=self.request.user, key=found.key)


class CreditLineOff(_OfWaba):
    template = "offboarding/credit_line_off.html"
    kind = ActionKind.REVOKE_CREDIT_LINE

    def __init__(self, request: DeskRequest, waba_id: str) -> None:
        super().__init__(request, waba_id)
        self.refusal = credit_line.why_not_revoked(credit_line.standing_with(self.waba).share)

    def send(self, found: Confirmed, form: forms.Form) -> Action:  # noqa: ARG002 - nothing is filled in
        return credit_line.revoke(waba=self.waba, user=self.request.user, key=found.key)
