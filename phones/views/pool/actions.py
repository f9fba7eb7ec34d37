"""Doing something to the pool at Meta: the pages that say what will happen, and the POSTs that have it done."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from clients import roles
from phones.actions.pool import fingerprint
from phones.choices import ActionKind
from phones.models import Action, PreverifiedNumber
from phones.pool import facts
from phones.pool.perform import OnPool, may_do, perform
from phones.pool.words import international
from phones.views.confirmation import Confirmation, Confirmed
from phones.views.pool.forms import FORMS, AddToPoolForm, PoolForm
from phones.views.pool.page import row_to_act_on
from phones.views.request import DeskRequest


@require_safe
@never_cache
def confirm(request: DeskRequest, preverified_id: str, kind: str) -> HttpResponse:
    """What the action will do, with the form to do it; or why it can't be done."""
    return OnPoolNumber(request, preverified_id, kind).page()


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
@sensitive_variables()
def act(request: DeskRequest, preverified_id: str, kind: str) -> HttpResponse:
    """Have it done, once, and go back to the number's page with the outcome. A GET leads to the form."""
    return OnPoolNumber(request, preverified_id, kind).answer()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: DeskRequest) -> HttpResponse:
    """Add a number to the pool: the form for it, and the POST that does it once."""
    if not roles.may_change(request.user):
        raise PermissionDenied
    return PoolAddition(request).respond()


class OnPoolNumber(Confirmation):
    template = "pool/confirm.html"

    def __init__(self, request: DeskRequest, preverified_id: str, kind: str) -> None:
        super().__init__(request)
        self.number: PreverifiedNumber = row_to_act_on(request.user, preverified_id)
        if kind not in FORMS:
            raise Http404
        self.kind = ActionKind(kind)
        if not may_do(request.user, self.kind):
            raise PermissionDenied
        self.again = reverse("preverified:confirm", args=[preverified_id, kind])
        self.back = reverse("preverified:number", args=[preverified_id])
        self.about = {"preverified": self.number.pk, "kind": self.kind.value}
        self.seen = fingerprint(self.number)
        self.refusal = facts.refusal_of(self.number, self.kind)
        self.code_sent_at = facts.facts_of(self.number).code_sent_at if kind == ActionKind.VERIFY_CODE else None
        self.open_action = self.number.actions.filter(closed_at=None).first()
        self.heading = self.button = str(self.kind.label)
        self.subject, self.is_dangerous = international(self.number.digits), self.kind == ActionKind.DELETE
        self.action_url = reverse("preverified:act", args=[preverified_id, kind])

    def form(self, data: QueryDict | None = None) -> PoolForm:
        return FORMS[self.kind](data, number=self.number)

    def context(self) -> dict[str, Any]:
        return {"row": self.number, "kind": self.kind}

    @sensitive_variables()
    def send(self, found: Confirmed, form: PoolForm) -> Action:
        request = OnPool(
            key=found.key,
            kind=self.kind,
            number=self.number,
            user=self.request.user,
            details=form.details(),
            code=form.cleaned_data.get("code", ""),
            seen=[*self.seen],
        )
        return perform(request)


class PoolAddition(Confirmation):
    template = "pool/add.html"

    def __init__(self, request: DeskRequest) -> None:
        super().__init__(request)
        self.again, self.back = request.path, reverse("preverified:board")
        self.about = {"kind": ActionKind.ADD_TO_POOL.value}
        self.heading, self.button = "Add a number to the pool", "Add number"

    def form(self, data: QueryDict | None = None) -> AddToPoolForm:
        return AddToPoolForm(data)

    def send(self, found: Confirmed, form: AddToPoolForm) -> Action:
        details, kind = {"phone_number": form.digits()}, ActionKind.ADD_TO_POOL
        return perform(OnPool(key=found.key, kind=kind, number=None, user=self.request.user, details=details))

    def after(self, action: Action) -> str:
        number = action.preverified_number
        return self.back if number is None else reverse("preverified:number", args=[number.preverified_id])
