"""The channels of teams: addresses that alerts are posted to beside mail. For those who see every client."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin.models import ADDITION, DELETION
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from clients import audit, roles
from phones.alerts import announce
from phones.choices import Status
from phones.models import Channel, Dispatch
from phones.views.mails.forms import ChannelForm
from phones.views.mails.states import status_of
from phones.views.request import DeskRequest

LAST = 5


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel, whose clients it is about, and what came of the last posts to it."""

    channel: Channel
    members: str
    last: list[tuple[Dispatch, Status]]


@sensitive_post_parameters("address", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: DeskRequest) -> HttpResponse:
    """All channels with their last posts, and the form for a new one."""
    _insist_on_lead(request)
    form = ChannelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        channel = form.save()
        audit.record(channel, f"Made: alerts are posted to {channel.host}.", request.user, flag=ADDITION)
        messages.success(request, "Made. Send a trial to see that it works.")
        return HttpResponseRedirect(reverse("phones:channels"))
    rows = [
        ChannelRow(
            channel,
            ", ".join(str(person) for person in channel.members.all()),
            [(one, status_of(one)) for one in channel.dispatches.order_by("-pk")[:LAST]],
        )
        for channel in Channel.objects.prefetch_related("members")
    ]
    context = {"rows": rows, "form": form}
    return render(request, "mails/channels.html", context, status=422 if form.errors else 200)


@require_POST
def act(request: DeskRequest, pk: int, act: str) -> HttpResponse:
    """Send a trial to a channel, switch it off or on, or delete it."""
    _insist_on_lead(request)
    channel = get_object_or_404(Channel, pk=pk)
    if act == "trial":
        announce.make_trial(channel=channel)
        messages.success(request, f"A trial goes to {channel} within half a minute. What came of it is shown here.")
    elif act == "switch":
        with transaction.atomic():
            Channel.objects.filter(pk=pk).update(is_on=not channel.is_on)
            audit.record(channel, "Switched off." if channel.is_on else "Switched on.", request.user)
        messages.success(request, f"{channel}: switched {'off' if channel.is_on else 'on'}.")
    elif act == "delete":
        with transaction.atomic():
            audit.record(channel, f"Deleted: nothing is posted to {channel.host}.", request.user, flag=DELETION)
            channel.delete()
        messages.success(request, f"{channel}: deleted.")
    else:
        raise Http404
    return HttpResponseRedirect(reverse("phones:channels"))


def _insist_on_lead(request: DeskRequest) -> None:
    if not roles.sees_everything(request.user):
        raise PermissionDenied
