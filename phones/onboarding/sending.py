"""What the steps of an onboarding send, through `phones.actions`: which action a step follows, and a new one.

Whoever finds that it was sent follows that action and sends none of its own, also when a person or another worker was
faster. What never reached Meta may be sent as a new action.
"""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import Q

from clients.models import User
from phones.actions import lost_answers
from phones.actions.send_once import ActionRequest, NotSentError, send_once
from phones.choices import ActionKind, ActionState, ClientDoor
from phones.models import Action, OnboardingStep
from phones.onboarding import progress
from phones.onboarding.progress import OnboardingLease, Trouble
from portal import database_clock

_NEVER_ARRIVED = frozenset({"unreachable", "deadline_exceeded"})


def followed(step: OnboardingStep, kind: ActionKind, **about: object) -> Action | None:
    """The action of this kind on this object that is open, or that was sent since the step began.

    A step begins with its onboarding, and anew when a person has it tried again.
    """
    retried = step.details.get("retried_at")
    since = datetime.datetime.fromisoformat(retried) if isinstance(retried, str) else step.onboarding.created_at
    sent = Action.objects.filter(kind=kind, **about)
    return sent.filter(Q(created_at__gte=since) | Q(closed_at=None)).order_by("-pk").first()


def never_arrived(action: Action) -> bool:
    """Whether it is certain that Meta never got it, so that the same may be sent as a new action."""
    is_refused = action.state == ActionState.FAILED and not action.settled_by_reading
    return is_refused and action.error_kind in _NEVER_ARRIVED


def columns_of(lease: OnboardingLease, step: OnboardingStep, last: Action | None = None) -> dict[str, Any]:
    """Key, person and details of an action that `step` sends, after `last` which never arrived.

    One key for each try that a person or the signup began, so that two workers are one action.
    """
    # Who had it tried again has done it; otherwise nobody but the client has.
    person = User.objects.filter(pk=step.details.get("retried_by")).first()
    of_try = f"{step.pk} {step.details.get('retried_at', '')}" + (f" {last.pk}" if last is not None else "")
    return {
        "key": uuid.uuid5(lease.onboarding.public_id, of_try),
        "user": person,
        "details": {} if person is not None else {"by": ClientDoor.SIGNUP.value},
    }


def send(
    lease: OnboardingLease, step: OnboardingStep, request: ActionRequest, *, read_back: Callable[[Action], object]
) -> Action | None:
    """The action, sent; None when something else on the same object is under way: the step looks again soon."""
    try:
        return send_once(request, read_back=read_back)
    except NotSentError:
        progress.wait(lease, step, database_clock.now() + progress.FIRST_PAUSE)
        return None


def follow(lease: OnboardingLease, step: OnboardingStep, action: Action) -> None:
    """Write down what came of an action on the WABA, as far as it is known."""
    lost = Trouble.kept(action) if action.error_kind else Trouble("answer_lost")
    if action.closed_at is None:
        now = database_clock.now()
        look_at = max((action.sent_at or now) + lost_answers.GRACE, now + progress.FIRST_PAUSE)
        progress.unknown(lease, step, lost, look_at=look_at, action=action)
    elif action.state == ActionState.SUCCEEDED:
        progress.done(lease, step, action=action)
    elif action.state == ActionState.UNKNOWN:
        progress.unknown(lease, step, lost, action=action)
    elif action.settled_by_reading:
        progress.failed(lease, step, Trouble("not_done"), action=action)
    elif never_arrived(action):
        progress.hindered(lease, step, Trouble.kept(action))
    else:
        progress.failed(lease, step, Trouble.kept(action), action=action)
