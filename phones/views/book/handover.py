"""Handing a whole book from one person to another: choose the two, see what goes over, confirm."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from clients import roles
from clients.assigning import (
    AssignmentPlan,
    NotAssignableError,
    PlanChangedError,
    book_of,
    check_handover,
    hand_over_book,
    has_left,
    plan_handover,
)
from clients.forms import OpenLinksField, people_for
from clients.models import SignupLink, StatusLink, User, Waba
from phones.models import CodeLink, Onboarding, PhoneNumber
from phones.views.request import DeskRequest
from portal.web.unknown_rows import RowChoiceField

CLIENTS_SHOWN = 50
DEADLINES_SHOWN = 10


class HandoverForm(forms.Form):
    giver = RowChoiceField(User.objects.none(), label="From", empty_label="Choose…")
    taker = RowChoiceField(User.objects.none(), label="To", empty_label="Choose…")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever left keeps their clients until somebody takes them over.
        looks_after = Q(owned_clients__isnull=False) | Q(covered_clients__isnull=False)
        givers = User.objects.filter(looks_after).distinct().order_by("username")
        self.fields["giver"].queryset = givers  # type: ignore[attr-defined] # a ModelChoiceField
        self.fields["taker"].queryset = people_for(None)  # type: ignore[attr-defined] # a ModelChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                check_handover(giver=cleaned["giver"], taker=cleaned["taker"])
            except NotAssignableError as error:
                raise forms.ValidationError(str(error)) from None
        return cleaned


class OpenLinksForm(forms.Form):
    links = OpenLinksField(is_asked=True, widget=forms.RadioSelect, label="Their open links")


@dataclass(frozen=True, slots=True)
class OpenInBook:
    """What is open in a book. It belongs to the clients, and goes where they go."""

    numbers: int
    deadlines: int
    soonest: list[PhoneNumber]
    onboardings: int
    signup_links: int
    status_links: int
    code_links: int


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: DeskRequest) -> HttpResponse:
    """A GET that names two people shows what would go over; the POST does it if it is still just that."""
    if not roles.may_assign(request.user):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else request.GET or None
    form = HandoverForm(data)
    if not form.is_valid():
        return render(request, "book/handover.html", {"form": form}, status=422 if form.errors else 200)
    giver, taker = form.cleaned_data["giver"], form.cleaned_data["taker"]
    if request.method == "POST":
        return _hand_over(request, giver, taker)
    plan = plan_handover(book_of(giver), giver=giver, taker=taker)
    context = {
        "form": form,
        "giver": giver,
        "taker": taker,
        "plan": plan,
        "changes": plan.changes_in_words[:CLIENTS_SHOWN],
        "open": _open_in(plan),
        "links_form": OpenLinksForm(initial={"links": "revoke" if has_left(giver) else "keep"}),
    }
    return render(request, "book/handover.html", context)


def _hand_over(request: DeskRequest, giver: User, taker: User) -> HttpResponse:
    page, seen = reverse("phones:handover"), request.POST.get("seen", "")
    form = OpenLinksForm(request.POST)
    revoke = form.cleaned_data["links"] if form.is_valid() else None
    try:
        plan = hand_over_book(giver=giver, taker=taker, seen=seen, actor=request.user, revoke_links=revoke)
    except PlanChangedError:
        messages.warning(request, f"Nothing was changed: the book of {giver} changed meanwhile. Look again.")
        return HttpResponseRedirect(f"{page}?{urlencode({'giver': giver.pk, 'taker': taker.pk})}")
    count = len(plan.changes)
    messages.success(request, f"{count:,} client{'' if count == 1 else 's'} of {giver} went over to {taker}.")
    return HttpResponseRedirect(f"{reverse('phones:clients')}?{urlencode({'owner': taker.username})}")


def _open_in(plan: AssignmentPlan) -> OpenInBook:
    clients = [change.client.pk for change in plan.changes]
    wabas = Waba.objects.filter(client__in=clients)
    numbers = PhoneNumber.objects.on(wabas)
    ahead = numbers.filter(registration_deadline__gt=timezone.now()).order_by("registration_deadline", "pk")
    return OpenInBook(
        numbers=numbers.count(),
        deadlines=ahead.count(),
        soonest=list(ahead[:DEADLINES_SHOWN]),
        onboardings=Onboarding.objects.filter(client__in=clients).unfinished().count(),
        signup_links=SignupLink.objects.filter(client__in=clients).open().count(),
        status_links=StatusLink.objects.filter(client__in=clients).open().count(),
        code_links=CodeLink.objects.filter(number__in=numbers.values("pk")).open().count(),
    )
