"""One WABA: what Graph says of it, how its readings go, its numbers, and asking Meta's own filter."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import roles
from clients.choices import CredentialState
from clients.models import Waba
from phones.changes.lines import lines_of
from phones.choices import ActionKind
from phones.events import callback, subscriptions
from phones.listing.rows import rows_of
from phones.models import Action, Change, PhoneNumber, Subscription
from phones.sync import ask_now, waba_details
from phones.views import facts
from phones.views.accounts.waba_details import details_of
from phones.views.addressed_row import visible_waba, workable_waba
from phones.views.health import health_of_waba
from phones.views.history import entries_of, page_of
from phones.views.notices import notices_of_waba, trouble_of
from phones.views.quota import quota_of_waba
from phones.views.request import DeskRequest

NUMBERS_SHOWN = 50
ACCOUNT_MODES = ("LIVE", "SANDBOX")
KINDS = (
    ActionKind.ADD_NUMBER,
    ActionKind.SUBSCRIBE,
    ActionKind.UNSUBSCRIBE,
    ActionKind.WABA_CALLBACK,
    ActionKind.SHARE_CREDIT_LINE,
    ActionKind.REVOKE_CREDIT_LINE,
)


@require_safe
def waba(request: DeskRequest, waba_id: str) -> HttpResponse:
    found = visible_waba(request.user, waba_id)
    numbers = PhoneNumber.objects.on(Waba.objects.filter(pk=found.pk))
    history = Change.objects.visible_to(request.user).filter(waba=found)
    page = page_of(history, request.GET.get("before", ""))
    of_waba = Action.objects.filter(waba=found, kind__in=KINDS)
    done = list(of_waba.select_related("requested_by")[:NUMBERS_SHOWN])
    subscription: Subscription | None = getattr(found, "subscription", None)
    context = {
        "waba": found,
        "facts": facts.facts_of_waba(found),
        "details": details_of(found, done),
        "health": health_of_waba(found),
        "next_try": next_try(found),
        "quota": quota_of_waba(found),
        "rows": rows_of(list(numbers.order_by("pk")[:NUMBERS_SHOWN]), request.user),
        "number_count": numbers.count(),
        "entries": entries_of(lines_of(page.changes, request.user, known={found.pk: found}), page.of(done)),
        "older": page.older,
        "may_change": roles.may_change(request.user),
        "may_override": roles.runs_the_desk(request.user),
        "account_modes": ACCOUNT_MODES,
        "notices": notices_of_waba(found),
        "subscription": subscription,
        "trouble": trouble_of(subscription),
        "app_callback": callback.compare(),
        "is_quiet": subscriptions.gone_quiet(Waba.objects.filter(pk=found.pk)).exists(),
    }
    return render(request, "accounts/waba.html", context)


@require_POST
def ask(request: DeskRequest, waba_id: str) -> HttpResponse:
    """Meta's own `account_mode` filter on this WABA, beside the desk's: a page, or the piece of one for htmx."""
    found = workable_waba(request.user, waba_id)
    account_mode = request.POST.get("account_mode", "")
    if account_mode not in ACCOUNT_MODES:
        raise BadRequest("account_mode is LIVE or SANDBOX")
    answer = ask_now.ask_account_mode(waba=found, account_mode=account_mode)
    template = "accounts/ask_answer.html" if request.htmx else "accounts/ask.html"
    return render(request, template, {"waba": found, "answer": answer, "account_modes": ACCOUNT_MODES})


@require_http_methods(["GET", "HEAD", "POST"])
def read_details(request: DeskRequest, waba_id: str) -> HttpResponse:
    """Read the details at Meta now, and go back to the WABA's page. A GET reads nothing and goes there too."""
    found = workable_waba(request.user, waba_id)
    if request.method == "POST":
        if waba_details.read_now(found):
            messages.warning(request, "Not all of it could be read: what is missing, and why, stands below.")
        else:
            messages.success(request, "Read from Meta just now.")
    return HttpResponseRedirect(reverse("phones:waba", args=[waba_id]) + "#details")


def next_try(waba: Waba) -> datetime | None:
    """When `waba` is read next by itself, now at the earliest; None while nothing can be read with its token."""
    credential = waba.credential
    if credential is None or credential.state == CredentialState.DEAD:
        return None
    waits = (waba.next_sync_at, waba.not_before, credential.not_before, timezone.now())
    return max(wait for wait in waits if wait is not None)
