"""Labels: which a client or a number has, and the team's list of them. And watching a client or a number."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from clients import roles
from clients.choices import LabelColour
from clients.models import ClientLabel, Label
from phones.book import labels as services
from phones.book.watching import watch
from phones.models import NumberLabel
from phones.views.book.subject import Subject, client_subject, number_subject
from phones.views.request import DeskRequest
from portal.web.addresses import row_key


@require_POST
def label_client(request: DeskRequest, pk: int) -> HttpResponse:
    subject = client_subject(request.user, pk)
    services.label_client(client=subject.client, labels=_chosen(request), actor=request.user)
    return HttpResponseRedirect(subject.page)


@require_POST
def label_number(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    subject = number_subject(request.user, phone_number_id)
    if subject.number is not None:
        services.label_number(number=subject.number, client=subject.client, labels=_chosen(request), actor=request.user)
    return HttpResponseRedirect(subject.page)


@require_POST
def watch_client(request: DeskRequest, pk: int) -> HttpResponse:
    return _watch(request, client_subject(request.user, pk))


@require_POST
def watch_number(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    return _watch(request, number_subject(request.user, phone_number_id))


@require_http_methods(["GET", "HEAD", "POST"])
def labels(request: DeskRequest) -> HttpResponse:
    """The team's list: what labels there are, making one, changing and deleting the one named by `id`."""
    if not roles.runs_the_desk(request.user):
        raise PermissionDenied
    if request.method != "POST":
        # Each counted for itself: joined, every client of a label would meet every number of it.
        found = Label.objects.annotate(
            clients=_counted(ClientLabel.objects.values("label"), "client"),
            numbers=_counted(NumberLabel.objects.values("label"), "number"),
        ).order_by("folded_name")
        return render(request, "book/labels.html", {"labels": list(found), "colours": LabelColour.choices})
    try:
        messages.success(request, _change(request))
    except services.LabelRefusedError as error:
        messages.error(request, f"Nothing was changed. {error}")
    return HttpResponseRedirect(reverse("phones:labels"))


def _counted(by_label: QuerySet[Any, Any], what: str) -> Coalesce:
    rows = by_label.filter(label=OuterRef("pk")).order_by().annotate(counted=Count(what, distinct=True))
    return Coalesce(Subquery(rows.values("counted")), 0)


def _change(request: DeskRequest) -> str:
    """Do what the form asks for; what was done, in words."""
    name, colour = request.POST.get("name", ""), request.POST.get("colour", "")
    if not request.POST.get("id"):
        return f"Label “{services.make_label(name=name, colour=colour, actor=request.user)}” is made."
    label = get_object_or_404(Label, pk=row_key(request.POST["id"]))
    if "delete" in request.POST:
        services.delete_label(label=label, actor=request.user)
        return f"Label “{label}” is deleted and taken off everything."
    services.change_label(label=label, name=name, colour=colour, actor=request.user)
    return f"Label “{label}” is saved."


def _chosen(request: DeskRequest) -> list[Label]:
    keys = [key for key in map(row_key, request.POST.getlist("labels")) if key is not None]
    return list(Label.objects.filter(pk__in=keys))


def _watch(request: DeskRequest, subject: Subject) -> HttpResponse:
    watch(subject.row, request.user, on=request.POST.get("watch") == "1")
    return HttpResponseRedirect(subject.page)
