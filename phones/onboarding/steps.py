"""The steps of an onboarding up to its numbers, one function a kind. What Meta says is written down, never raised.

Readings may come again by themselves. What changes Meta (the subscription, the credit line) is written down before it
is sent, and sent once: whoever finds it marked as sent looks at Meta in place of sending. The last step is in
`registering`.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-solution-partner
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from clients import services, signups
from clients.choices import AttemptState, CredentialKind
from clients.gateway import graph_client
from clients.models import Credential, Waba
from phones.actions import lost_answers
from phones.actions.graph import graph_writer
from phones.choices import StepKind, StepState
from phones.models import Onboarding, OnboardingStep, Subscription
from phones.onboarding import accounts, progress, registering
from phones.onboarding.progress import Trouble, Turn
from phones.sync import record as outcomes
from phones.sync import runs
from phones.sync.claims import Claim
from phones.sync.fetch import read_waba
from portal.crypto import SecretUnreadableError
from portal.graph import DeadlineExceeded, GraphError, Meter, TokenFacts, Unreachable

PATIENCE_SECONDS = 20
# The sync reads the WABA at this moment: its numbers are ours to read when it is through.
OUT_OF_THE_WAY = datetime.timedelta(seconds=5)

# A number that the dialog told of is looked for so often before it counts as none.
LOOKS = 4

# What must be done before a step of this kind begins. A failed subscription holds up nothing else.
NEEDS: Mapping[str, StepKind | None] = {
    StepKind.ACCESS: None,
    StepKind.ACCOUNT: StepKind.ACCESS,
    StepKind.SUBSCRIPTION: StepKind.ACCOUNT,
    StepKind.CREDIT_LINE: StepKind.ACCOUNT,
    StepKind.NUMBERS: StepKind.ACCOUNT,
    StepKind.REGISTRATION: StepKind.NUMBERS,
}


class NoTokenError(Exception):
    """There is no token to act with; `kind` says why."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def carry_out(turn: Turn, step: OnboardingStep) -> None:
    """Do the step as far as it goes now. Raises progress.HoldLostError, and nothing of Meta's."""
    if step.state == StepState.RUNNING and step.tries >= progress.MOST_TRIES and not _follows(step):
        progress.failed(turn, step, Trouble("worker_lost"))
        return
    progress.begin(turn, step)
    try:
        STEPS[step.kind](turn, step)
    except NoTokenError as error:
        progress.failed(turn, step, Trouble(error.kind))
    except GraphError as error:
        progress.hindered(turn, step, Trouble.of(error))


def _follows(step: OnboardingStep) -> bool:
    return step.action_id is not None


# --- Access -----------------------------------------------------------------------------------------------------------


@sensitive_variables()
def access(turn: Turn, step: OnboardingStep) -> None:
    """Learn from Meta what the token is: whose app's, for how long, for which WABAs."""
    onboarding = turn.onboarding
    facts = inspected(token_of(onboarding))
    if not facts.is_valid:
        progress.failed(turn, step, Trouble("token_dead", code=facts.error_code, subcode=facts.error_subcode))
        return
    if facts.app_id != settings.META_APP_ID:
        _refuse(turn, step, "other_app")
        return
    Credential.objects.filter(onboardings=onboarding).update(expires_at=facts.expires_at)
    progress.done(turn, step, waba_ids=list(facts.waba_ids))


@sensitive_variables()
def inspected(token: str) -> TokenFacts:
    """What Meta says of `token`. Raises GraphError."""
    app_token = f"{settings.META_APP_ID}|{settings.META_APP_SECRET}"
    return graph_client().debug_token(token, token=app_token, meter=_meter())


# --- Account ----------------------------------------------------------------------------------------------------------


@sensitive_variables()
def account(turn: Turn, step: OnboardingStep) -> None:
    """Read the WABA that the token opened, and put it on the desk as this client's."""
    onboarding, asked_at = turn.onboarding, timezone.now()
    token = token_of(onboarding)
    if onboarding.waba is not None:
        reading = graph_client().waba(onboarding.waba.waba_id, token=token, meter=_meter())
    else:
        found = accounts.opened_by(token, onboarding=onboarding, targets=_targets(onboarding, token), meter=_meter())
        if found is None:
            progress.failed(turn, step, Trouble("no_account"))
            return
        reading = found
    try:
        with transaction.atomic():
            waba = accounts.put_on_desk(reading, onboarding=onboarding, asked_at=asked_at)
            Onboarding.objects.filter(pk=onboarding.pk).update(waba=waba)
            progress.done(turn, step)
    except accounts.OtherClientError:
        _refuse(turn, step, "other_client")
        return
    onboarding.waba = waba


@sensitive_variables()
def _targets(onboarding: Onboarding, token: str) -> list[str]:
    """The WABAs that the token is for, as Meta told in the first step; asked again when that is not kept."""
    kept = onboarding.steps.get(kind=StepKind.ACCESS).details.get("waba_ids")
    return [str(one) for one in kept] if isinstance(kept, list) else list(inspected(token).waba_ids)


@transaction.atomic
def _refuse(turn: Turn, step: OnboardingStep, refusal: str) -> None:
    """Accept nothing of this signup: its token goes, and its attempt is left to staff."""
    onboarding = turn.onboarding
    progress.failed(turn, step, Trouble(refusal))
    if onboarding.attempt is not None:
        signups.fail(attempt=onboarding.attempt, state=AttemptState.REFUSED, refusal=refusal)
    Onboarding.objects.filter(pk=onboarding.pk).update(dismissed_at=timezone.now(), due_at=None)
    Credential.objects.filter(onboardings=onboarding, kind=CredentialKind.BUSINESS, wabas=None).delete()


# --- Subscription -----------------------------------------------------------------------------------------------------


@sensitive_variables()
def subscription(turn: Turn, step: OnboardingStep) -> None:
    """Have Meta send us the WABA's events, unless it does already."""
    waba, token = _waba_of(turn), token_of(turn.onboarding)
    before = progress.sent_at(step)
    if before is not None:
        _settle_subscription(turn, step, before, Trouble("answer_lost"))
        return
    if _is_subscribed(waba, token):
        progress.done(turn, step)
        return
    progress.sent(turn, step)
    try:
        graph_writer().subscribe_app(waba.waba_id, token=token, meter=_meter())
    except GraphError as error:
        if not error.effect_possible:
            _not_sent_or_refused(turn, step, error)
            return
        _settle_subscription(turn, step, timezone.now(), Trouble.of(error))
    else:
        _subscribed(turn, step)


@sensitive_variables()
def _settle_subscription(turn: Turn, step: OnboardingStep, since: datetime.datetime, trouble: Trouble) -> None:
    """What came of a subscription whose answer was lost: Meta's own list of subscribed apps tells."""
    now = timezone.now()
    try:
        if _is_subscribed(_waba_of(turn), token_of(turn.onboarding)):
            _subscribed(turn, step)
            return
    except GraphError as error:
        look_at = now + progress.pause(step.tries) if step.tries < progress.MOST_TRIES else None
        progress.unknown(turn, step, Trouble.of(error), look_at=look_at)
        return
    if lost_answers.may_still_be_done(since, now=now):
        progress.unknown(turn, step, trouble, look_at=since + lost_answers.GRACE)
    else:
        progress.failed(turn, step, Trouble("not_done"))


def _subscribed(turn: Turn, step: OnboardingStep) -> None:
    """It is done; what the desk knows of the WABA's subscription is out of date, and is asked for anew."""
    progress.done(turn, step)
    Subscription.objects.filter(waba=turn.onboarding.waba).update(check_due_at=timezone.now())


@sensitive_variables()
def _is_subscribed(waba: Waba, token: str) -> bool:
    apps = graph_client().subscribed_apps(waba.waba_id, token=token, meter=_meter())
    return any(app.app_id == settings.META_APP_ID for app in apps)


def _not_sent_or_refused(turn: Turn, step: OnboardingStep, error: GraphError) -> None:
    """After a change that Meta surely did not make: it never arrived, and may come again, or Meta said no."""
    if isinstance(error, (Unreachable, DeadlineExceeded)):
        progress.hindered(turn, step, Trouble.of(error))
    else:
        progress.failed(turn, step, Trouble.of(error))


# --- Credit line ------------------------------------------------------------------------------------------------------


@sensitive_variables()
def credit_line(turn: Turn, step: OnboardingStep) -> None:
    """Share our line of credit with the WABA, if we have one. It can't be read back: a lost answer is a person's."""
    waba = _waba_of(turn)
    if not settings.META_EXTENDED_CREDIT_ID:
        progress.done(turn, step, StepState.NOT_NEEDED)
        return
    if progress.sent_at(step) is not None:
        progress.unknown(turn, step, Trouble("answer_lost"))
        return
    same = OnboardingStep.objects.filter(kind=StepKind.CREDIT_LINE, onboarding__waba=waba).exclude(pk=step.pk)
    if same.filter(state=StepState.DONE).exists():
        progress.done(turn, step, StepState.NOT_NEEDED)
        return
    if same.filter(details__has_key="sent_at").exists() and "retried_at" not in step.details:
        progress.unknown(turn, step, Trouble("answer_lost"))
        return
    credential = services.environment_credential()
    if credential is None:
        raise NoTokenError("no_token")
    if not waba.currency:
        progress.failed(turn, step, Trouble("no_currency"))
        return
    _share_credit_line(turn, step, waba.waba_id, waba.currency, _opened(credential))


@sensitive_variables()
def _share_credit_line(turn: Turn, step: OnboardingStep, waba_id: str, currency: str, token: str) -> None:
    progress.sent(turn, step)
    try:
        shared = graph_writer().share_credit_line(
            settings.META_EXTENDED_CREDIT_ID, token=token, waba_id=waba_id, waba_currency=currency, meter=_meter()
        )
    except GraphError as error:
        if error.effect_possible:
            progress.unknown(turn, step, Trouble.of(error))
        else:
            _not_sent_or_refused(turn, step, error)
    except ValueError as error:  # wrong on its face, so nothing was sent
        progress.failed(turn, step, Trouble("not_sent", str(error)))
    else:
        progress.done(turn, step, allocation_config_id=shared)


# --- Numbers ----------------------------------------------------------------------------------------------------------


@sensitive_variables()
def numbers(turn: Turn, step: OnboardingStep) -> None:
    """Read all numbers of the WABA, as a sync does, and set the registration of those that signed up on its way."""
    waba, token, now = _waba_of(turn), token_of(turn.onboarding), timezone.now()
    # The WABA is held as the sync holds it, so that an older listing of it can't be stored over this one.
    held = (
        Waba.objects.filter(pk=waba.pk)
        .free(now)
        .update(
            lease_token=turn.holder, lease_until=now + progress.LEASE, attempts=F("attempts") + 1, last_attempt_at=now
        )
    )
    if not held:
        progress.wait(turn, step, now + OUT_OF_THE_WAY)
        return
    credential_pk = turn.onboarding.credential_id or waba.credential_id or 0
    fetched = read_waba(graph_client(), Claim(waba.pk, waba.waba_id, credential_pk), token)
    if fetched.listing is None:
        # The failure of this token says nothing of the one that the WABA is read with.
        Waba.objects.filter(pk=waba.pk, lease_token=turn.holder).update(
            lease_token=None, lease_until=None, attempts=F("attempts") - 1
        )
        raise fetched.error or AssertionError("neither a listing nor an error")
    recorded = outcomes.record([fetched], holder=turn.holder)
    runs.close_finished(recorded.runs)
    if step.tries < LOOKS and registering.is_awaited(turn.onboarding):
        progress.write(turn, step, state=StepState.WAITING, retry_at=timezone.now() + progress.pause(step.tries))
        return
    with transaction.atomic():
        found = registering.lay_out(turn)
        progress.done(turn, step, numbers=found)


# --- What they share --------------------------------------------------------------------------------------------------


@sensitive_variables()
def token_of(onboarding: Onboarding) -> str:
    """The token to act with: the one of this signup, else the WABA's. Raises NoTokenError."""
    credential = onboarding.credential or (onboarding.waba.credential if onboarding.waba is not None else None)
    if credential is None:
        raise NoTokenError("no_token")
    return _opened(credential)


@sensitive_variables()
def _opened(credential: Credential) -> str:
    try:
        token = credential.open_token()
    except SecretUnreadableError:
        raise NoTokenError("secret_unreadable") from None
    if not token:
        raise NoTokenError("no_token")
    return token


def _waba_of(turn: Turn) -> Waba:
    waba = turn.onboarding.waba
    if waba is None:
        raise NoTokenError("no_account")
    return waba


def _meter() -> Meter:
    return Meter(deadline=time.monotonic() + PATIENCE_SECONDS)


STEPS: Mapping[str, Callable[[Turn, OnboardingStep], None]] = {
    StepKind.ACCESS: access,
    StepKind.ACCOUNT: account,
    StepKind.SUBSCRIPTION: subscription,
    StepKind.CREDIT_LINE: credit_line,
    StepKind.NUMBERS: numbers,
    StepKind.REGISTRATION: registering.registration,
}
