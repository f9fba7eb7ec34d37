"""What a portal whose database was restored may not take for granted: that nothing has happened since the backup.

What was waiting then may have been sent since. So nothing of it is sent again: what can be read at Meta is read, and
the rest waits for a person.
"""

import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from clients import leases
from clients.audit import writing
from clients.choices import AccountMailState, AuditKind
from clients.models import AccountMail, ApiToken, Credential, Waba
from phones.alert_choices import DispatchState
from phones.bulk_choices import BulkState
from phones.choices import ActionState, StepState
from phones.models import Action, BulkRun, Dispatch, Health, Onboarding, OnboardingStep
from portal import database_clock

KIND = "restored"


@transaction.atomic
def settle(*, made_at: datetime.datetime) -> None:
    """Have nothing sent again that may have been sent after `made_at`, and everything read anew."""
    now = database_clock.now()
    for rows in (Waba.objects.all(), Credential.objects.all()):
        rows.update(**leases.LET_GO, attempts=0, next_sync_at=now, not_before=None)
    Health.objects.update(**leases.LET_GO)
    open_actions = Action.objects.filter(closed_at=None, state__in=[ActionState.PENDING, ActionState.SENT])
    open_actions.update(state=ActionState.UNKNOWN, sent_at=Coalesce("sent_at", F("created_at")))
    BulkRun.objects.filter(state=BulkState.RUNNING).update(
        state=BulkState.PAUSED,
        due_at=None,
        note="Restored from a backup: look whether its numbers were done since, before it goes on.",
        **leases.LET_GO,
    )
    _hold_onboardings(now)
    mails = [DispatchState.WAITING, DispatchState.SENDING]
    Dispatch.objects.filter(state__in=mails).update(state=DispatchState.UNKNOWN)
    AccountMail.objects.filter(state=AccountMailState.WAITING).update(state=AccountMailState.FAILED)
    # Who signed out since must not be signed in again, and no token open the API that was revoked since.
    ApiToken.objects.live().update(revoked_at=now)
    UserSession.objects.all().delete()
    Session.objects.all().delete()
    writing.entry(
        AuditKind.LOG, f"The database was restored from the backup of {made_at:%Y-%m-%d %H:%M:%S} UTC.", actor=None
    )


def _hold_onboardings(now: datetime.datetime) -> None:
    """Have the next step of each onboarding that was going on wait for a person, as a step that failed does."""
    going_on = Onboarding.objects.unfinished().exclude(due_at=None)
    for onboarding in going_on:
        step = onboarding.steps.filter(state__in=[StepState.WAITING, StepState.RUNNING]).order_by("pk").first()
        if step is not None:
            OnboardingStep.objects.filter(pk=step.pk).update(
                state=StepState.FAILED, finished_at=now, error_kind=KIND, message=""
            )
    going_on.update(due_at=None, **leases.LET_GO)
