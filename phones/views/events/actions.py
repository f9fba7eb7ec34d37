"""Having Meta send events: for one WABA, and for the app. The pages that say what will happen, and their POSTs."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from clients import roles
from clients.signing_in.fresh import insist
from phones.actions.guards import Refusal
from phones.choices import ActionKind
from phones.events import callback, subscriptions
from phones.models import Action, Subscription
from phones.views.addressed_row import workable_waba
from phones.views.confirmation import Confirmation, Confirmed
from phones.views.forms import CallbackForm
from phones.views.request import DeskRequest
from portal.rows import row_or_none


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: DeskRequest, waba_id: str) -> HttpResponse:
    """Have Meta send the events of one WABA: what that means, and the POST that does it once."""
    return OfWaba(request, waba_id).respond()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("verify_token")
@sensitive_variables()
def override(request: DeskRequest, waba_id: str) -> HttpResponse:
    """Have Meta send the messages of one WABA to another address: what that means, and the POST that does it once."""
    return CallbackOfWaba(request, waba_id).respond()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def point_here(request: DeskRequest) -> HttpResponse:
    """Have Meta send the app's events here: what that means, and the POST that does it once."""
    return OfApp(request).respond()


class OfWaba(Confirmation):
    template = "events/subscribe.html"

    def __init__(self, request: DeskRequest, waba_id: str) -> None:
        super().__init__(request)
        self.waba = workable_waba(request.user, waba_id)
        self.again, self.back = request.path, reverse("phones:waba", args=[waba_id])
        self.about = {"waba": self.waba.pk, "kind": ActionKind.SUBSCRIBE.value}
        self.heading = self.button = str(ActionKind.SUBSCRIBE.label)
        self.subject = str(self.waba)

    def context(self) -> dict[str, Any]:
        subscription = Subscription.objects.filter(waba=self.waba).first()
        others = [app["name"] or app["id"] for app in subscription.other_apps] if subscription is not None else []
        return {"waba": self.waba, "subscription": subscription, "other_apps": ", ".join(others)}

    def send(self, found: Confirmed, form: forms.Form) -> Action:  # noqa: ARG002 - nothing is filled in
        return subscriptions.subscribe(waba=self.waba, user=self.request.user, key=found.key)


class CallbackOfWaba(Confirmation):
    """Where the messages of one WABA go: an address of its own, or that of the app."""

    template = "events/override.html"

    def __init__(self, request: DeskRequest, waba_id: str) -> None:
        super().__init__(request)
        self.waba = workable_waba(request.user, waba_id)
        if not roles.runs_the_desk(request.user):
            raise PermissionDenied
        insist(request)
        known = row_or_none(Subscription.objects.filter(waba=self.waba))
        self.before = (known.override_callback_uri or "") if known is not None else ""
        if known is None or known.checked_at is None:
            self.refusal = Refusal("The desk does not know yet where they go: ask Meta on the WABA’s page first.")
        self.again, self.back = request.path, reverse("phones:waba", args=[waba_id])
        self.about = {"waba": self.waba.pk, "kind": ActionKind.WABA_CALLBACK.value}
        self.seen = [self.before]
        self.heading, self.button = str(ActionKind.WABA_CALLBACK.label), "Change it at Meta"
        self.subject = str(self.waba)

    def form(self, data: QueryDict | None = None) -> CallbackForm:
        form = CallbackForm(data, initial={"callback_url": self.before})
        form.before = self.before
        return form

    def context(self) -> dict[str, Any]:
        return {"waba": self.waba, "before": self.before}

    @sensitive_variables()
    def send(self, found: Confirmed, form: CallbackForm) -> Action:
        return subscriptions.set_callback(
            waba=self.waba,
            user=self.request.user,
            key=found.key,
            seen=self.before,
            callback_url=form.cleaned_data["callback_url"],
            verify_token=form.cleaned_data["verify_token"],
        )


class OfApp(Confirmation):
    template = "events/callback.html"
    success = "Meta sends the events here now."

    def __init__(self, request: DeskRequest) -> None:
        super().__init__(request)
        if not roles.runs_the_desk(request.user):
            raise PermissionDenied
        insist(request)
        self.again, self.back = request.path, reverse("phones:events")
        self.about = {"kind": ActionKind.SET_CALLBACK.value}
        self.heading, self.button = "Point Meta’s events here", "Point Meta here"

    def context(self) -> dict[str, Any]:
        return {"callback": callback.compare()}

    def send(self, found: Confirmed, form: forms.Form) -> Action:  # noqa: ARG002 - nothing is filled in
        return callback.point_here(user=self.request.user, key=found.key)
