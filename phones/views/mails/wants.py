"""Your mails: which of them a person wants and when, in which time zone, and what came of the last ones."""

import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clients import roles
from phones.alert_choices import DispatchKind
from phones.alerts import announce, people
from phones.models import Dispatch
from phones.views.mails.forms import MailSettingsForm
from phones.views.mails.states import status_of
from phones.views.request import DeskRequest

LAST = 10
# A person who clicks again gets no second one.
TRIAL_EVERY = datetime.timedelta(minutes=1)


@require_http_methods(["GET", "HEAD", "POST"])
def mail_settings(request: DeskRequest) -> HttpResponse:
    wants = people.settings_of(request.user)
    form = MailSettingsForm(request.POST or None, person=request.user, wants=wants)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return HttpResponseRedirect(reverse("phones:mail-settings"))
    last = Dispatch.objects.filter(person=request.user).order_by("-pk")[:LAST]
    context = {
        "form": form,
        "last": [(one, status_of(one)) for one in last],
        "has_role": roles.role_of(request.user) is not None,
        "sees_everything": roles.sees_everything(request.user),
    }
    return render(request, "mails/settings.html", context, status=422 if form.errors else 200)


@require_POST
def trial(request: DeskRequest) -> HttpResponse:
    """Send the person a mail to look at, so that they know that mails arrive."""
    trials = Dispatch.objects.filter(person=request.user, kind=DispatchKind.TRIAL)
    if not request.user.email:
        messages.error(request, "You have no mail address: an administrator enters it in the admin, under Users.")
    elif trials.filter(created_at__gt=timezone.now() - TRIAL_EVERY).exists():
        messages.info(request, "A trial mail was made less than a minute ago. Below is what came of it.")
    else:
        announce.make_trial(person=request.user)
        messages.success(request, f"A trial mail goes to {request.user.email} within half a minute.")
    return HttpResponseRedirect(reverse("phones:mail-settings"))
