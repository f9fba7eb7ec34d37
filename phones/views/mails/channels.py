"""The channels of teams: addresses that alerts are posted to beside mail. For those who see every client."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from clients import roles
from phones.alert_choices import ChannelScope
from phones.alerts import announce
from phones.alerts.channels import about, delete_channel, kinds_in_words, save_channel, switch_channel
from phones.choices import Status
from phones.models import Channel, Dispatch
from phones.views.confirmation import Question
from phones.views.mails.channel_form import ChannelForm
from phones.views.mails.states import status_of
from phones.views.request import DeskRequest

LAST = 5


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel, whose clients it is about, which alerts it gets, and what came of the last posts to it."""

    channel: Channel
    about: str
    kinds: str
    reaches_nobody: bool
    last: list[tuple[Dispatch, Status]]


@sensitive_post_parameters("address", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: DeskRequest) -> HttpResponse:
    """All channels with their last posts, and the form for a new one."""
    if request.method == "POST" or not roles.sees_everything(request.user):
        _insist_on_lead(request)
    form = ChannelForm(request.POST or None, channel=Channel())
    if request.method == "POST" and form.is_valid():
        save_channel(Channel(), actor=request.user, **form.columns())
        messages.success(request, "Made. Send a trial to see that it works.")
        return HttpResponseRedirect(reverse("phones:channels"))
    rows = [_row(channel) for channel in _with_last_posts()]
    context = {"rows": rows, "form": form, "may_change": roles.runs_the_desk(request.user)}
    return render(request, "mails/channels.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("address", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
def channel(request: DeskRequest, pk: int) -> HttpResponse:
    """One channel, to be changed."""
    _insist_on_lead(request)
    found = get_object_or_404(Channel, pk=pk)
    form = ChannelForm(request.POST or None, channel=found)
    if request.method == "POST" and form.is_valid():
        save_channel(found, actor=request.user, **form.columns())
        messages.success(request, f"{found}: saved.")
        return HttpResponseRedirect(reverse("phones:channels"))
    context = {"channel": found, "form": form}
    return render(request, "mails/change_channel.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: DeskRequest, pk: int) -> HttpResponse:
    """What is lost with a channel, and the POST that deletes it."""
    _insist_on_lead(request)
    found = get_object_or_404(_with_last_posts(), pk=pk)
    back = reverse("phones:channels")
    if request.method == "POST":
        delete_channel(found, actor=request.user)
        messages.success(request, f"{found}: deleted.")
        return HttpResponseRedirect(back)
    question = Question(
        heading="Delete channel",
        subject=str(found),
        button="Delete channel",
        action_url=reverse("phones:channel-delete", args=[pk]),
        back=back,
        is_dangerous=True,
    )
    return render(request, "mails/delete_channel.html", {"confirmation": question, "row": _row(found)})


@require_POST
def act(request: DeskRequest, pk: int, act: str) -> HttpResponse:
    """Send a trial to a channel, or switch it off or on."""
    _insist_on_lead(request)
    channel = get_object_or_404(Channel, pk=pk)
    if act == "trial":
        announce.make_trial(channel=channel)
        messages.success(request, f"A trial goes to {channel} within half a minute. What came of it is shown here.")
    elif act == "switch":
        switch_channel(channel, on=not channel.is_on, actor=request.user)
        messages.success(request, f"{channel}: switched {'off' if channel.is_on else 'on'}.")
    else:
        raise Http404
    return HttpResponseRedirect(reverse("phones:channels"))


def _with_last_posts() -> QuerySet[Channel]:
    last = Prefetch("dispatches", Dispatch.objects.order_by("-pk")[:LAST], to_attr="last_posts")
    return Channel.objects.prefetch_related("members", last)


def _row(channel: Any) -> ChannelRow:
    """Of one that `_with_last_posts` gave."""
    last = [(one, status_of(one)) for one in channel.last_posts]
    reaches_nobody = channel.scope == ChannelScope.PEOPLE and not channel.members.all()
    return ChannelRow(channel, about(channel), kinds_in_words(channel.alerts), reaches_nobody, last)


def _insist_on_lead(request: DeskRequest) -> None:
    if not roles.runs_the_desk(request.user):
        raise PermissionDenied
