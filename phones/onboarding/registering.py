"""The last step of an onboarding: each number of the signup is registered, or waits for what only its client can do.

A number is registered through `phones.actions`, once: whoever finds that it was sent follows that action and sends
none of its own, also when a person or the client on the code page was faster.
"""

import datetime

from django.db.models import Q, QuerySet

from clients.choices import AttemptState
from clients.models import SignupAttempt
from phones.actions import settle, situations
from phones.actions.number import NumberRequest, fingerprint, perform
from phones.actions.send_once import NotSentError
from phones.choices import ActionKind, ActionState, StepKind, StepState
from phones.models import Action, Onboarding, OnboardingStep, PhoneNumber
from phones.numbers import conditions, rules, standing
from phones.numbers.facts import facts_of
from phones.onboarding import accounts, codes, progress, sending
from phones.onboarding.progress import OnboardingLease, Trouble
from phones.sync import ask_now
from portal import database_clock

# Meta's clock and ours differ, and Meta's times have no fractions.
SKEW = datetime.timedelta(minutes=2)
# A number that was read longer ago is read again before anything is decided about it.
FRESH = datetime.timedelta(seconds=60)
LOOK_AGAIN = datetime.timedelta(seconds=30)
# The dialog says so of a number that stays on its WhatsApp Business app: registering it would take it off the app.
STAYS_ON_THE_APP = "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
NOT_SEEN_ON_THE_APP = (
    "The client said that it stays on their WhatsApp Business app, and Meta does not show it there. Read it again and "
    "ask the client. Trying again registers it, which takes it off the app."
)
NOT_KNOWN_WHETHER_REGISTERED = (
    "Meta did not say whether the number is registered already, so the client is not asked for a code yet. Read it, "
    "and try again then."
)


def numbers_of(onboarding: Onboarding) -> QuerySet[PhoneNumber]:
    """The numbers of this signup on its WABA: the one that was said, and those that were onboarded since it began.

    Where Meta does not tell when a number was onboarded, it counts when the desk first saw it.
    """
    since = accounts.began_at(onboarding) - SKEW
    ours = Q(last_onboarded_time__gte=since) | Q(last_onboarded_time=None, first_seen_at__gte=since)
    if onboarding.attempt is not None and onboarding.attempt.said_phone_number_id:
        ours |= Q(phone_number_id=onboarding.attempt.said_phone_number_id)
    listed = Q(listings__waba=onboarding.waba_id, listings__missing_since=None)
    return PhoneNumber.objects.filter(listed & ours).order_by("pk")


def is_awaited(onboarding: Onboarding) -> bool:
    """Whether the dialog reported a number and none is listed: Meta's listing may come after its dialog."""
    attempt = onboarding.attempt
    if attempt is None or not (attempt.said_phone_number_id or attempt.said_event == STAYS_ON_THE_APP):
        return False
    return not numbers_of(onboarding).exists()


def lay_out(lease: OnboardingLease) -> int:
    """A step for each number of the signup, in place of the one without a number; gives how many there are.

    Inside a transaction, after the WABA was read. The signup's attempt is finished, with or without a number.
    """
    onboarding = lease.onboarding
    found = list(numbers_of(onboarding))
    steps = OnboardingStep.objects.filter(onboarding=onboarding, kind=StepKind.REGISTRATION)
    nameless, _made = steps.get_or_create(
        number=None, defaults={"onboarding": onboarding, "kind": StepKind.REGISTRATION}
    )
    if found:
        nameless.delete()
        for number in found:
            steps.get_or_create(number=number, defaults={"onboarding": onboarding, "kind": StepKind.REGISTRATION})
            _note_signup(number, onboarding)
        standing.recompute([number.pk for number in found])
    else:
        progress.client(lease, nameless)
    if onboarding.attempt_id is not None:
        state = AttemptState.FINISHED if found else AttemptState.WITHOUT_NUMBER
        SignupAttempt.objects.filter(pk=onboarding.attempt_id).update(state=state, ended_at=database_clock.now())
    return len(found)


def _note_signup(number: PhoneNumber, onboarding: Onboarding) -> None:
    """Keep when its client signed up for it: as Meta tells, else when the code came."""
    reported, attempt = number.last_onboarded_time, onboarding.attempt
    at = reported if reported is not None and reported >= accounts.began_at(onboarding) - SKEW else None
    came = attempt.state_used_at if attempt is not None else None
    PhoneNumber.objects.filter(pk=number.pk).update(signup_at=at or came or onboarding.created_at)


def registration(lease: OnboardingLease, step: OnboardingStep) -> None:
    """Register the step's number, unless that was done or sent already, is not to be done, or wants a code first."""
    if step.number_id is None:
        progress.client(lease, step)
        return
    number = PhoneNumber.objects.select_related("waba__credential", "waba__last_failure").get(pk=step.number_id)
    if number.synced_at < database_clock.now() - FRESH:
        failure = ask_now.refresh_number(number=number)
        if failure is not None:
            progress.hindered(lease, step, Trouble.of_reading(failure))
            return
        number.refresh_from_db()
    action = sending.followed(step, ActionKind.REGISTER, number=number)
    if action is None:
        seen = fingerprint(number)
        facts = facts_of(number, situations.records_of(number))
        if facts.is_on_biz_app or rules.is_registered(facts):
            progress.done(lease, step, StepState.NOT_NEEDED)
            return
        if _is_said_to_stay_on_the_app(lease, step):
            progress.failed(lease, step, Trouble("guard", NOT_SEEN_ON_THE_APP))
            return
        if rules.wants_code(facts):
            if rules.reported_registered(facts) is None:
                progress.failed(lease, step, Trouble("guard", NOT_KNOWN_WHETHER_REGISTERED))
                return
            progress.client(lease, step, code_link=codes.code_link_for(number=number, actor=None))
            return
        action = _send(lease, step, number, seen)
    if action is not None:
        _follow(lease, step, number, action)


def _is_said_to_stay_on_the_app(lease: OnboardingLease, step: OnboardingStep) -> bool:
    attempt = lease.onboarding.attempt
    return attempt is not None and attempt.said_event == STAYS_ON_THE_APP and "retried_by" not in step.details


def _send(lease: OnboardingLease, step: OnboardingStep, number: PhoneNumber, seen: list[object]) -> Action | None:
    """The registration, sent; None when it was refused before that, which is written down."""
    about = sending.columns_of(lease, step)
    request = NumberRequest(kind=ActionKind.REGISTER, number=number, generate_pin=True, seen=seen, **about)
    try:
        return perform(request)
    except NotSentError as error:
        number.refresh_from_db()
        if fingerprint(number) != seen:
            progress.wait(lease, step, database_clock.now() + progress.FIRST_PAUSE)
        else:
            progress.failed(lease, step, Trouble(error.kind, str(error)))
        return None


def _follow(lease: OnboardingLease, step: OnboardingStep, number: PhoneNumber, action: Action) -> None:
    """Write down what came of the registration, reading the number where Meta's answer was lost."""
    if action.closed_at is None:
        settle.read_back(action, user=None)
        action.refresh_from_db()
    if action.closed_at is None:
        progress.wait(lease, step, database_clock.now() + LOOK_AGAIN, action=action)
    elif action.state == ActionState.FAILED:
        progress.failed(lease, step, Trouble.kept(action), action=action)
    elif PhoneNumber.objects.filter(conditions.IS_REGISTERED, pk=number.pk).exists():
        progress.done(lease, step, action=action)
    elif action.state == ActionState.SUCCEEDED:
        _doubt(lease, step, number, action)
    else:
        progress.unknown(lease, step, Trouble.kept(action), action=action)


def _doubt(lease: OnboardingLease, step: OnboardingStep, number: PhoneNumber, action: Action) -> None:
    """Meta says that it is registered and the number does not show it (yet): it is read again a few times."""
    trouble = Trouble("not_confirmed")
    if step.tries >= progress.MOST_TRIES:
        progress.unknown(lease, step, trouble, action=action)
        return
    until = database_clock.now() + progress.pause(step.tries)
    progress.write(lease, step, action=action, **(trouble.columns | {"retry_at": until}))
    ask_now.refresh_number(number=number)
