"""Signups as managers see them: the ledger of attempts, the story of one, the steps of an onboarding, and revoking."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clients import links, roles
from clients.desk_list import DeskList
from clients.filters import SignupFilters
from clients.models import SignupAttempt, SignupLink, StatusLink, User, Waba
from clients.querysets import LinkQuerySet, SignupAttemptQuerySet
from phones import waking
from phones.choices import StepState
from phones.listing.filters import SearchFilter
from phones.listing.search import in_signup
from phones.models import Onboarding, PhoneNumber
from phones.onboarding import claiming, run
from phones.onboarding.invitations import AnyLink
from phones.onboarding.waiting import left_attempts, stuck_onboardings, waiting_onboardings
from phones.onboarding.words import status_of
from phones.querysets import OnboardingQuerySet
from phones.views.addressed_row import workable_or_404
from phones.views.empty import why_empty
from phones.views.list_page import render_list
from phones.views.open_links import KINDS, lines_of_number
from phones.views.request import DeskRequest, way_back
from phones.views.signup.happened import refusal_of, story_of, to_do, why_offered
from phones.views.signup.progress import is_moving
from phones.views.signup_rows import MOST_SHOWN, SignupRow, held_up, in_order, rows_of, step_row, with_links
from portal.web import unknown_rows
from portal.web.addresses import row_key
from portal.web.list_parts import Column, EmptyState


class SearchedSignupFilters(SignupFilters):
    """The same, and by the client: their names, Graph ids, phone numbers."""

    q = SearchFilter(in_signup)


class SignupList(DeskList[SignupRow]):
    name = "signups"
    model = SignupAttempt
    route = "signup:ledger"
    filter_set = SearchedSignupFilters
    columns = (
        Column("client", "Client"),
        Column("state", "How far", in_file=("state", "left_at")),
        Column("onboarding", "Onboarding", "wide"),
        Column("created_by", "Link made by", "wide", in_file=("link_made_by",)),
        Column("link_created_at", "Link made", "num wide"),
        Column("opened_at", "Began", "num wide", in_file=("opened_at", "ended_at")),
    )
    page_sizes = (40, 100, 200)
    counted = 1_000
    file_columns = MappingProxyType(
        {
            "signup": lambda row: row.attempt.pk,
            "client": lambda row: row.attempt.link.client.name,
            "state": lambda row: row.status.label,
            "left_at": lambda row: row.left_at,
            "onboarding": lambda row: row.outcome,
            "link_made_by": lambda row: row.attempt.link.created_by,
            "link_created_at": lambda row: row.attempt.link.created_at,
            "opened_at": lambda row: row.attempt.opened_at,
            "ended_at": lambda row: row.attempt.ended_at,
        }
    )

    def prepare(self, rows: QuerySet[SignupAttempt]) -> QuerySet[SignupAttempt]:
        return with_links(rows)

    def rows_of(self, found: Sequence[SignupAttempt]) -> list[SignupRow]:
        return rows_of(found)

    def told(self, row: SignupAttempt) -> Sequence[object]:
        """How far it is in words, which rests on its onboarding too."""
        (shown,) = rows_of([row])
        return [row.pk, row.state, row.handled_at, shown.status.label, shown.outcome]


@require_safe
def ledger(request: DeskRequest) -> HttpResponse:
    """The signups of the clients that the person may see: first those that are left to a person, then all."""
    signups = SignupList(request.GET, request.user)
    is_plain = not signups.is_narrowed and signups.cursor is None
    of_client = signups.address.values("client") and signups.rows
    context = {
        "actions": "signup/many_buttons.html",
        "empty": why_empty(signups, "signup", _none_yet()),
        "kept": signups.kept_besides({"q", "state"}),
        "states": signups.options("state"),
        "client": of_client[0].attempt.link.client if of_client else None,
        **(_waiting(request.user) if is_plain else {}),
    }
    return render_list(request, "signup/ledger.html", signups, context)


def _waiting(user: User) -> dict[str, object]:
    """What waits for a person and for the client, the newest of each, and whether there are earlier ones."""
    some = MOST_SHOWN + 1
    # What a row shows is joined to these few alone.
    newest = SignupAttempt.objects.filter(pk__in=left_attempts(user).values("pk")[:some]).order_by("-pk")
    left = rows_of(list(with_links(newest)))
    stuck, waiting = (held_up(rows(user), most=some) for rows in (stuck_onboardings, waiting_onboardings))
    return {
        "left": left[:MOST_SHOWN],
        "stuck": stuck[:MOST_SHOWN],
        "waiting": waiting[:MOST_SHOWN],
        "more_left": len(left) == some or len(stuck) == some,
        "more_waiting": len(waiting) == some,
    }


def _none_yet() -> EmptyState:
    text = (
        "A signup begins with a link: open a client, make a signup link there, and send it to them. What becomes of it "
        "is shown here."
    )
    return EmptyState("No signups yet", text, "Clients", reverse("phones:clients"))


@require_safe
def attempt(request: DeskRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_attempts().visible_to(request.user), pk=pk)
    onboardings = list(found.onboardings.select_related("waba"))
    is_left = left_attempts(request.user).filter(pk=found.pk).exists()
    may_claim = claiming.may_claim(request.user)
    refusal = refusal_of(found)
    candidates = claiming.candidates(found) if is_left and may_claim and found.refusal != "other_client" else []
    context = {
        "attempt": found,
        "status": status_of(found),
        "to_do": to_do(found),
        "refusal": refusal,
        "story": story_of(found, onboardings),
        "onboardings": onboardings,
        "is_left": is_left,
        "may_claim": may_claim,
        "may_set_aside": roles.may_change(request.user),
        "candidates": [(waba, why_offered(waba, found)) for waba in candidates],
        "shows_candidates": candidates or (may_claim and refusal is None),
    }
    return render(request, "signup/attempt.html", context)


@require_POST
def claim(request: DeskRequest, pk: int) -> HttpResponse:
    """Give a WABA that came of this attempt to its client, and go on with the onboarding."""
    found = workable_or_404(_attempts(), request.user, pk=pk)
    if not claiming.may_claim(request.user):
        raise PermissionDenied
    back = HttpResponseRedirect(reverse("signup:attempt", args=[pk]))
    waba = Waba.objects.workable_by(request.user).filter(pk=row_key(request.POST.get("waba", "")) or 0).first()
    if waba is None:
        unknown_rows.note("WABA")
        messages.error(request, "Choose one of the WABAs.")
        return back
    try:
        onboarding = claiming.claim(attempt=found, waba=waba, actor=request.user)
    except claiming.ClaimRefusedError as error:
        messages.error(request, str(error))
        return back
    messages.success(request, f"{waba} is now {found.link.client}’s. The onboarding goes on.")
    return HttpResponseRedirect(reverse("signup:onboarding", args=[onboarding.pk]))


@require_POST
def set_aside(request: DeskRequest, pk: int) -> HttpResponse:
    found = workable_or_404(_attempts(), request.user, pk=pk)
    claiming.set_aside(attempt=found, actor=request.user)
    messages.success(request, "Set aside. It stays in the list of signups.")
    return HttpResponseRedirect(reverse("signup:attempt", args=[pk]))


@require_safe
def onboarding(request: DeskRequest, pk: int) -> HttpResponse:
    """How far an onboarding is, step by step; for htmx only the part that moves."""
    found = get_object_or_404(_onboardings().visible_to(request.user), pk=pk)
    rows = list(found.steps.select_related("number__waba", "action"))
    is_open = not (found.finished_at or found.dismissed_at)
    may_act = is_open and roles.may_change(request.user)
    waiting = [row.number.pk for row in rows if row.state == StepState.CLIENT and row.number is not None]
    numbers = PhoneNumber.objects.visible_to(request.user).filter(pk__in=waiting).order_by("pk")
    context = {
        "onboarding": found,
        "steps": [step_row(row, may_retry=may_act) for row in in_order(rows)],
        "is_moving": is_moving(found, timezone.now()),
        "is_open": is_open,
        "is_stuck": any(row.state in {StepState.FAILED, StepState.UNKNOWN} for row in rows),
        "may_act": may_act,
        "codes": [(number, lines_of_number(number, request.user)) for number in numbers] if may_act else [],
    }
    return render(request, "signup/onboarding_steps.html" if request.htmx else "signup/onboarding.html", context)


@require_POST
def retry(request: DeskRequest, pk: int) -> HttpResponse:
    found = workable_or_404(_onboardings(), request.user, pk=pk)
    step = found.steps.filter(pk=row_key(request.POST.get("step", "")) or 0).first()
    if step is None:
        messages.error(request, "Choose one of the steps.")
        return HttpResponseRedirect(reverse("signup:onboarding", args=[pk]))
    try:
        run.retry(onboarding=found, step=step, user=request.user)
    except run.NothingToRetryError as error:
        messages.error(request, str(error))
    else:
        waking.wake_onboarding()
        messages.success(request, f"{step.get_kind_display()}: tried again now.")
    return HttpResponseRedirect(reverse("signup:onboarding", args=[pk]))


@require_POST
def dismiss(request: DeskRequest, pk: int) -> HttpResponse:
    found = workable_or_404(_onboardings(), request.user, pk=pk)
    run.dismiss(onboarding=found, user=request.user)
    messages.success(request, "Closed. Nothing more is done for it by itself.")
    return HttpResponseRedirect(reverse("signup:onboarding", args=[pk]))


@require_POST
def revoke(request: DeskRequest, kind: str, pk: int) -> HttpResponse:
    model = KINDS.get(kind)
    if model is None:
        raise Http404
    rows = cast("LinkQuerySet[AnyLink]", model._default_manager.all())
    link = workable_or_404(rows, request.user, pk=pk)
    links.revoke(link=link, actor=request.user)
    messages.success(request, "Revoked. Whoever opens the link reads that they should ask for a new one.")
    if isinstance(link, SignupLink | StatusLink):
        return HttpResponseRedirect(way_back(request, "phones:client", link.client_id))
    return HttpResponseRedirect(way_back(request, "phones:number", link.number.phone_number_id))


def _attempts() -> SignupAttemptQuerySet:
    return SignupAttempt.objects.select_related("link__client", "link__created_by", "handled_by")


def _onboardings() -> OnboardingQuerySet:
    return Onboarding.objects.select_related("client", "waba", "attempt__link", "credential")
