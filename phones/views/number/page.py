"""One number: what to do now, its facts with their ages, its listings and history, reading it again, its code link."""

from dataclasses import replace

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clients import roles
from clients.explanations import explain
from clients.models import User, Waba
from phones.actions import settle
from phones.changes.lines import lines_of
from phones.choices import ActionState, PinState, Source
from phones.models import Change, CodeLink, Listing, PhoneNumber, Pin
from phones.numbers import conditions
from phones.numbers.age import last_answer
from phones.numbers.facts import background_among, counted
from phones.numbers.words import UNDER_ANOTHER_WABA
from phones.onboarding import codes
from phones.onboarding.client_words import standing_of
from phones.views import book_panel, facts
from phones.views.addressed_row import visible_number, workable_number
from phones.views.approval_rows import row_about_number, waiting_about_number
from phones.views.health import health_of
from phones.views.history import entries_of, page_of
from phones.views.leaving import case_of_number
from phones.views.ninety_days import LINES_READ, ninety_days_of
from phones.views.notices import notices_of_number, said_of_number
from phones.views.number import news
from phones.views.number.details import details_of, known_username
from phones.views.number.former import history_before
from phones.views.number.next_step import doing, milestones
from phones.views.number.pin_storage import pin_storage
from phones.views.number.profile import profile_of
from phones.views.open_links import lines_of_number
from phones.views.request import DeskRequest
from phones.views.trail import trail_of, with_trail
from phones.views.unanswered import unanswered_of

# Meta's limits leave room for some dozens a month.
ACTIONS_READ = 500
IDS_SHOWN = 5
_PINS = Pin.objects.filter(number=OuterRef("pk"))
_CODE_LINKS = CodeLink.objects.filter(number=OuterRef("pk"))


@require_safe
def number(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    besides = {
        "has_pins": Exists(_PINS),
        "has_links": Exists(_CODE_LINKS),
        **waiting_about_number(),
        **book_panel.kept_of_number(request.user),
        **case_of_number(request.user),
    }
    found = visible_number(request.user, phone_number_id, **besides)
    listings, other_ids = _listings(found, request.user)
    history = page_of(Change.objects.filter(number=found), request.GET.get("before", ""), read=LINES_READ)
    shown = news.actions_of(found).annotate(counts=counted(timezone.now())).select_related("requested_by")
    actions = list(shown[:ACTIONS_READ])
    kept = list(found.pins.all()[:ACTIONS_READ]) if found.has_pins else []  # type: ignore[attr-defined] # annotated
    confirmed = next((row for row in kept if row.state == PinState.CONFIRMED), None)
    _, otp_source = last_answer(found, "code_verification_status")
    may_change = roles.may_change(request.user)
    code_links = lines_of_number(found, request.user) if found.has_links else []  # type: ignore[attr-defined] # annotated
    places = [listing.waba for listing in listings if listing.is_current]
    known = {listing.waba_id: listing.waba for listing in listings}
    trail = trail_of(request)
    records = [one for one in actions if one.counts]
    said = said_of_number(found, places)
    # The whole history is at hand for nearly every number.
    background = background_among(found, history.all, kept=confirmed) if history.is_all else None
    to_do = doing(found, records, confirmed, request.user, said=said, trail=trail, background=background)
    sees_its_client = roles.sees_everything(request.user) or found.waba in places
    if not sees_its_client:
        to_do = replace(to_do, sentence=UNDER_ANOTHER_WABA)
    if (case_key := found.case_key) is not None:  # type: ignore[attr-defined] # annotated
        to_do = to_do.leaving(case_key)
    place = next((waba for waba in places if waba == found.waba), places[0] if places else found.waba)
    context = {
        "number": found,
        "news": news.address_of(found, history.changes, actions, is_older=history.ends is not None),
        "book": book_panel.of_number(found, place.client, request.user, request.GET),
        "listings": listings,
        "places": places,
        "groups": facts.groups_of(found),
        "registration": facts.registration_of(found),
        "health": health_of(found, places),
        "profile": profile_of(found),
        "details": details_of(found),
        "username": known_username(found),
        "otp": facts.fact_of(found, "code_verification_status"),
        "otp_from_node": otp_source == Source.ACTION,
        "callbacks": facts.callbacks_of(found),
        "webhook": replace(facts.fact_of(found, "webhook_configuration"), text=""),
        "entries": entries_of(lines_of(history.changes, request.user, known=known), history.of(actions)),
        "older": history.older,
        "ninety_days": ninety_days_of(found, history),
        "doing": to_do,
        "trail": trail,
        "milestones": milestones(found, actions, history),
        "pin_storage": pin_storage(found, kept, actions, request.user, said=said),
        "may_change": may_change,
        "may_offboard": may_change and sees_its_client,
        "approval_row": row_about_number(found),
        "notices": notices_of_number(found, places, said),
        "unanswered": unanswered_of(found),
        "other_ids": other_ids,
        "former": history_before(found, other_ids, request.user) if history.ends is None else None,
        "code_links": code_links,
        "shows_code_links": code_links or (standing_of(found).needs_code and may_change),
    }
    return render(request, "number/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def refresh(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    """Read the number's own node at Meta now, and go back to its page. A GET reads nothing and goes there too."""
    found = workable_number(request.user, phone_number_id)
    page = with_trail(reverse("phones:number", args=[phone_number_id]), trail_of(request))
    if request.method != "POST":
        return HttpResponseRedirect(page)
    action = settle.refresh(number=found, user=request.user)
    if action.state == ActionState.SUCCEEDED:
        messages.success(request, "Read from Meta just now.")
    elif action.closed_at is None:
        messages.info(request, "Meta has not answered yet. The reading goes on: look again in a moment.")
    else:
        why = explain(action.error_kind, action.code, action.subcode, action.http_status)
        is_metas = action.code is not None or action.http_status is not None
        said = f" Meta says: “{action.message}”." if action.message and is_metas else ""
        messages.error(request, f"Could not read it: {why.title}. {why.what_to_do}{said} What you see is unchanged.")
    return HttpResponseRedirect(page)


@require_http_methods(["GET", "HEAD", "POST"])
def make_code_link(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    """A link on which the client asks for the code of the number; the open one when there is one."""
    number = workable_number(request.user, phone_number_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("phones:number", args=[phone_number_id]))
    codes.code_link_for(number=number, actor=request.user)
    messages.success(request, "The link is below. Send it to the client: they ask for the code on it and type it.")
    return HttpResponseRedirect(reverse("phones:number", args=[phone_number_id]) + "#code-link")


def _listings(number: PhoneNumber, user: User) -> tuple[list[Listing], list[PhoneNumber]]:
    """Where the number is and was listed, as far as `user` may know: the current ones first.

    And the same number under other ids, as far as they may know: those that are still listed first. One statement.
    """
    same = PhoneNumber.objects.filter(Q(pk=number.pk) | conditions.has_digits(number.digits)).order_by()
    visible = Listing.objects.filter(number__in=same.values("pk"), waba__in=Waba.objects.visible_to(user))
    shared = ("number", "waba__client__owner", "waba__client__cover", "waba__last_failure")
    found = list(visible.select_related(*shared).order_by("-is_current", "-first_seen_at", "pk"))
    listings = [listing for listing in found if listing.number_id == number.pk]
    sees_all = roles.sees_everything(user)
    of_others = [one for one in found if one.number_id != number.pk and (one.is_current or sees_all)]
    others = sorted({one.number_id: one.number for one in of_others}.values(), key=_newest_first)
    return listings, others[:IDS_SHOWN]


def _newest_first(number: PhoneNumber) -> tuple[float, float, int]:
    """A key to sort by: what is still listed, then what was missed last."""
    missed = -number.missing_since.timestamp() if number.missing_since else float("-inf")
    return missed, -number.first_seen_at.timestamp(), number.pk
