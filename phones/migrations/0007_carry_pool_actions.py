"""Carries what was done to the pool, and what onboardings have sent, into the one table of actions; and back.

A step of an onboarding kept a mark in its details from before it was sent until its outcome was known. What bears the
mark may have been done at Meta, so it becomes an action without an answer: it is looked at, and not sent again.
"""

from datetime import datetime

from django.db import migrations
from django.db.models import Q
from django.utils import timezone

SAME = (
    'key', 'state', 'details', 'requested_by_id', 'created_at', 'sent_at', 'answered_at', 'closed_at',
    'settled_by_reading', 'error_kind', 'code', 'subcode', 'http_status', 'message', 'fbtrace_id', 'retry_at',
)
KIND_OF_STEP = {'subscription': 'subscribe', 'credit_line': 'credit-line'}
BATCH = 500


def carry_over(apps, schema_editor):
    Action, PoolAction = apps.get_model('phones', 'Action'), apps.get_model('phones', 'PoolAction')
    rows = PoolAction.objects.order_by('pk').iterator(chunk_size=BATCH)
    Action.objects.bulk_create(
        (
            Action(
                kind='add-to-pool' if row.kind == 'add' else row.kind,
                preverified_number_id=row.number_id,
                **{name: getattr(row, name) for name in SAME},
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
    PoolAction.objects.all().delete()
    _leave_one_open(Action)
    _turn_marks_into_actions(apps)


def _leave_one_open(Action):
    """Of several open actions of one kind on one WABA the latest stays open: it is what a reading decides."""
    seen = set()
    for action in Action.objects.filter(closed_at=None, kind='subscribe').order_by('-pk'):
        if action.waba_id in seen:
            Action.objects.filter(pk=action.pk).update(state='unknown', closed_at=timezone.now())
        seen.add(action.waba_id)


def _turn_marks_into_actions(apps):
    Action, OnboardingStep = apps.get_model('phones', 'Action'), apps.get_model('phones', 'OnboardingStep')
    marked = OnboardingStep.objects.filter(kind__in=KIND_OF_STEP, details__has_key='sent_at')
    for step in marked.select_related('onboarding').order_by('pk'):
        kind, waba = KIND_OF_STEP[step.kind], step.onboarding.waba_id
        sent_at = datetime.fromisoformat(step.details.pop('sent_at'))
        if waba is not None:
            now = timezone.now()
            same = Action.objects.filter(waba=waba, kind=kind, closed_at=None)
            # Meta has no way to tell whether a credit line is shared: that is for a person, as the step says.
            is_open = kind == 'subscribe' and not same.exists()
            step.action = Action.objects.create(
                waba_id=waba,
                kind=kind,
                state='unknown',
                details={'by': 'signup'},
                created_at=sent_at,
                sent_at=sent_at,
                closed_at=None if is_open else now,
                **{name: getattr(step, name) for name in ('error_kind', 'code', 'subcode', 'http_status', 'message', 'fbtrace_id')},
            )
        step.save(update_fields=['details', 'action'])


def carry_back(apps, schema_editor):
    """The app's callback and shared credit lines had no rows: what is known of them is lost, but not what is in doubt."""
    Action, PoolAction = apps.get_model('phones', 'Action'), apps.get_model('phones', 'PoolAction')
    of_pool = Action.objects.filter(Q(preverified_number__isnull=False) | Q(kind='add-to-pool'))
    rows = of_pool.order_by('pk').iterator(chunk_size=BATCH)
    PoolAction.objects.bulk_create(
        (
            PoolAction(
                kind='add' if row.kind == 'add-to-pool' else row.kind,
                number_id=row.preverified_number_id,
                **{name: getattr(row, name) for name in SAME},
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
    of_pool.delete()
    OnboardingStep = apps.get_model('phones', 'OnboardingStep')
    in_doubt = OnboardingStep.objects.filter(kind__in=KIND_OF_STEP, state__in=['running', 'unknown'])
    for step in in_doubt.filter(action__state__in=['sent', 'unknown']).select_related('action'):
        step.details['sent_at'] = (step.action.sent_at or step.action.created_at).isoformat()
        step.action = None
        step.save(update_fields=['details', 'action'])
    Action.objects.filter(kind__in=['credit-line', 'callback']).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('phones', '0006_actions_of_every_kind'),
    ]

    operations = [
        migrations.RunPython(carry_over, carry_back),
    ]
