"""What is done for the signups that are ticked in their list: revoking their links, and trying failed steps again."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from clients import links, roles
from clients.models import Client, SignupLink, User
from phones import waking
from phones.choices import StepState
from phones.models import Onboarding, OnboardingStep
from phones.onboarding import run
from phones.views.request import DeskRequest, way_back
from phones.views.signup.ledger import SignupList
from portal.web import unknown_rows
from portal.web.addresses import row_key
from portal.web.filters import Rows
from portal.web.query import Selection, UnusableQueryError
from portal.web.templatetags.desk import day

MOST_LINKS = 500
MOST_STEPS = 100
LINES_SHOWN = 50


class NotRevokableError(Exception):
    """None of the ticked signups has a link to revoke, or too many have; the text says so."""


@require_POST
def revoke_many(request: DeskRequest) -> HttpResponse:
    """Which links would be revoked; then (`step=confirm`) just those that were shown are."""
    back = HttpResponseRedirect(way_back(request, "signup:ledger"))
    if not roles.may_change(request.user):
        raise PermissionDenied
    if request.POST.get("step") == "confirm":
        keys = [key for key in map(row_key, request.POST.getlist("links")[:MOST_LINKS]) if key is not None]
        theirs = SignupLink.objects.workable_by(request.user).open().filter(pk__in=keys)
        if SignupLink.objects.workable_by(request.user).filter(pk__in=keys).count() < len(set(keys)):
            unknown_rows.note("links")
        count = links.revoke_many(theirs, actor=request.user)
        messages.success(request, f"{count:,} link{'' if count == 1 else 's'} revoked. Whoever opens one is told so.")
        return back
    try:
        found = _links_of(_ticked(request), request.user)
    except (UnusableQueryError, NotRevokableError) as error:
        messages.warning(request, str(error))
        return back
    context = {
        "keys": [link.pk for link in found],
        "count": len(found),
        "lines": [_line(link) for link in found[:LINES_SHOWN]],
        "back": back["Location"],
    }
    return render(request, "signup/revoke_many.html", context)


@require_POST
def retry_many(request: DeskRequest) -> HttpResponse:
    """Have the steps tried again at which the onboardings of the ticked signups stopped."""
    back = HttpResponseRedirect(way_back(request, "signup:ledger"))
    if not roles.may_change(request.user):
        raise PermissionDenied
    try:
        rows = _ticked(request)
    except UnusableQueryError as error:
        messages.warning(request, str(error))
        return back
    theirs = Onboarding.objects.workable_by(request.user).unfinished().filter(attempt__in=rows.values("pk"))
    stopped = OnboardingStep.objects.filter(onboarding__in=theirs, state=StepState.FAILED).select_related("onboarding")
    steps = list(stopped.order_by("pk")[: MOST_STEPS + 1])
    if not steps:
        messages.info(request, "None of these signups has a failed step that is yours to try again.")
        return back
    why_not = [why for step in steps[:MOST_STEPS] if (why := _try_again(step, request.user))]
    if tried := len(steps[:MOST_STEPS]) - len(why_not):
        waking.wake_onboarding()
        messages.success(request, f"{tried:,} step{'' if tried == 1 else 's'} tried again now.")
    for why in dict.fromkeys(why_not):
        messages.warning(request, f"{why_not.count(why):,} not tried again: {why}")
    if len(steps) > MOST_STEPS:
        messages.warning(request, f"These were the first {MOST_STEPS:,}. Choose “Try again” for the next ones.")
    return back


def _links_of(rows: Rows, user: User) -> list[SignupLink]:
    """The links of these signups that are open and `user` may revoke. Raises NotRevokableError."""
    theirs = SignupLink.objects.workable_by(user).open().filter(pk__in=rows.values("link"))
    found = list(theirs.select_related("client")[: MOST_LINKS + 1])
    if not found:
        raise NotRevokableError("None of these signups has a link that is open and yours to revoke.")
    if len(found) > MOST_LINKS:
        raise NotRevokableError(f"At most {MOST_LINKS:,} links can be revoked at once: narrow the list.")
    return found


def _try_again(step: OnboardingStep, user: User) -> str:
    """Empty, or why it can't be tried again."""
    try:
        run.retry(onboarding=step.onboarding, step=step, user=user)
    except run.NothingToRetryError as error:
        return str(error)
    return ""


def _ticked(request: DeskRequest) -> Rows:
    """The signups that the form means, as far as the person may act on them. Raises UnusableQueryError."""
    selection = Selection.of_form(request.POST, SignupList.name, request.user)
    return selection.rows(request.user, to_work=True).order_by()


def _line(link: SignupLink) -> tuple[Client, str]:
    return link.client, f"Made {day(link.created_at)}, works until {day(link.expires_at)}."
