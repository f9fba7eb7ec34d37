"""The case file of a client or a number that leaves: beginning it, its page, what people say of a step, its end."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import roles
from clients.models import Client
from phones.models import Offboarding, PhoneNumber
from phones.offboarding import cases
from phones.offboarding.cases import OffboardingRefusedError
from phones.offboarding_choices import Mark
from phones.views.addressed_row import workable_number, workable_or_404
from phones.views.confirmation import Question
from phones.views.offboarding.rows import groups_of, progress_of, ways_of
from phones.views.request import DeskRequest


class ReasonForm(forms.Form):
    reason = forms.CharField(
        required=False,
        max_length=300,
        label="Why they leave",
        help_text="For us alone; the client’s certificate does not show it.",
    )


class SayForm(forms.Form):
    """What a person says of a step. OPEN takes back what was said before."""

    mark = forms.ChoiceField(choices=[(mark.value, mark.label) for mark in (Mark.OPEN, Mark.SAID, Mark.NOT_NEEDED)])
    note = forms.CharField(required=False, max_length=300)


@require_http_methods(["GET", "HEAD", "POST"])
def begin_for_client(request: DeskRequest, pk: int) -> HttpResponse:
    """What offboarding a client means, and the POST that opens their case file."""
    client = workable_or_404(Client.objects.all(), request.user, pk=pk)
    return _begin(request, client, None, reverse("phones:client", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def begin_for_number(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    """What offboarding one number means, and the POST that opens its case file."""
    number = workable_number(request.user, phone_number_id)
    client = workable_or_404(Client.objects.all(), request.user, pk=number.waba.client_id)
    return _begin(request, client, number, reverse("phones:number", args=[phone_number_id]))


@require_safe
def case(request: DeskRequest, pk: int) -> HttpResponse:
    """The steps as what was read until now shows them, with what is left first."""
    rows = Offboarding.objects.visible_to(request.user)
    found = get_object_or_404(rows.select_related("client", "number", "begun_by", "certified_by"), pk=pk)
    steps = cases.judged(found)
    ended, total = progress_of(steps)
    may_change = roles.may_change(request.user) and found.given_up_at is None
    groups, more = groups_of(found, steps, may_change=may_change)
    context = {
        "case": found,
        "groups": groups,
        "more": more,
        "ways": ways_of(steps) if may_change else [],
        "ended": ended,
        "total": total,
        "may_change": may_change,
        "is_true": ended == total,
    }
    return render(request, "offboarding/case.html", context)


@require_POST
def say(request: DeskRequest, pk: int, step: int) -> HttpResponse:
    """Keep what a person says of a step."""
    found, page = _workable(request, pk)
    form = SayForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was kept: write up to 300 characters.")
        return HttpResponseRedirect(page)
    mark, note = Mark(form.cleaned_data["mark"]), form.cleaned_data["note"]
    try:
        cases.say(case=found, step_key=step, mark=mark, note=note, actor=request.user)
    except OffboardingRefusedError as error:
        messages.error(request, f"Nothing was kept. {error}")
    return HttpResponseRedirect(f"{page}#step-{step}")


@require_POST
def certify(request: DeskRequest, pk: int) -> HttpResponse:
    """Certify the end, where every step has ended."""
    found, page = _workable(request, pk)
    try:
        cases.certify(case=found, actor=request.user)
    except OffboardingRefusedError as error:
        messages.error(request, f"Not certified. {error}")
    else:
        messages.success(request, "Certified. The client reads it behind a status link.")
    return HttpResponseRedirect(page)


@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: DeskRequest, pk: int) -> HttpResponse:
    """The question whether nobody leaves after all, and the POST that closes the case."""
    found, page = _workable(request, pk)
    if request.method == "POST":
        cases.give_up(case=found, actor=request.user)
        messages.success(request, "The case is closed. What was done at Meta stays done.")
        return HttpResponseRedirect(page)
    question = Question(
        heading="Give the offboarding up",
        subject=found.subject,
        button="Close the case",
        action_url=request.path,
        back=page,
    )
    return render(request, "offboarding/give_up.html", {"confirmation": question})


def _begin(request: DeskRequest, client: Client, number: PhoneNumber | None, back: str) -> HttpResponse:
    if (known := cases.going_on_for(client, number)) is not None:
        return HttpResponseRedirect(reverse("phones:offboarding", args=[known.pk]))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        begun = cases.begin(client=client, number=number, reason=reason, actor=request.user)
        return HttpResponseRedirect(reverse("phones:offboarding", args=[begun.pk]))
    question = Question(
        heading="Offboard a number" if number is not None else "Offboard a client",
        subject=str(number or client),
        button="Open the case file",
        action_url=request.path,
        back=back,
    )
    context = {"confirmation": question, "form": form, "client": client, "number": number}
    return render(request, "offboarding/begin.html", context, status=422 if form.errors else 200)


def _workable(request: DeskRequest, pk: int) -> tuple[Offboarding, str]:
    """The case to act on, and the address of its page."""
    rows = Offboarding.objects.select_related("client", "number__waba")
    return workable_or_404(rows, request.user, pk=pk), reverse("phones:offboarding", args=[pk])
