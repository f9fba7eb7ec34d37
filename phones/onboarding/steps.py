"""The steps of an onboarding up to its numbers, one function a kind. What Meta says is written down, never raised.

Readings may come again by themselves. What changes Meta (the subscription, the credit line) is an action, sent once:
whoever finds that it was sent follows it in place of sending. The last step is in `registering`.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-solution-partner
"""

import contextlib
import datetime
from collections.abc import Callable, Mapping

from django.conf import settings
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from clients import signups
from clients.access import NoTokenError, graph_client, meter, token_of
from clients.choices import AttemptState, CredentialKind
from clients.credentials import environment_credential
from clients.models import Credential, Waba
from clients.ownership import OtherClientError
from phones.actions import credit_line as credit
from phones.actions import settle
from phones.actions.credit_line import CreditLineRequest
from phones.actions.waba import SubscribeRequest
from phones.choices import ActionKind, ActionState, StepKind, StepState
from phones.events import subscriptions
from phones.models import Action, Onboarding, OnboardingStep
from phones.onboarding import accounts, progress, registering, sending
from phones.onboarding.progress import OnboardingLease, Trouble
from phones.sync import claims, record, runs
from phones.sync.claims import Claim
from phones.sync.fetch import read_waba
from portal import database_clock
from portal.graph import GraphError, TokenFacts

# The sync reads the WABA at this moment: its numbers are ours to read when it is through.
OUT_OF_THE_WAY = datetime.timedelta(seconds=5)

# A number that the dialog reported is looked for so often before it counts as none.
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


class NoAccountError(Exception):
    """The signup has opened no WABA yet."""


def carry_out(lease: OnboardingLease, step: OnboardingStep) -> None:
    """Do the step as far as it goes now. Raises progress.LeaseLostError, and nothing of Meta's."""
    if step.state == StepState.RUNNING and step.tries >= progress.MOST_TRIES and step.action_id is None:
        progress.failed(lease, step, Trouble("worker_lost"))
        return
    progress.begin(lease, step)
    try:
        STEPS[step.kind](lease, step)
    except NoTokenError as error:
        progress.failed(lease, step, Trouble(error.kind))
    except NoAccountError:
        progress.failed(lease, step, Trouble("no_account"))
    except GraphError as error:
        progress.hindered(lease, step, Trouble.of(error))


@sensitive_variables()
def access(lease: OnboardingLease, step: OnboardingStep) -> None:
    """Learn from Meta what the token is: whose app's, for how long, for which WABAs."""
    onboarding = lease.onboarding
    facts = inspected(token_for(onboarding))
    if not facts.is_valid:
        progress.failed(lease, step, Trouble("token_dead", code=facts.error_code, subcode=facts.error_subcode))
        return
    if facts.app_id != settings.META_APP_ID:
        _refuse(lease, step, "other_app")
        return
    Credential.objects.filter(onboardings=onboarding).update(expires_at=facts.expires_at)
    progress.done(lease, step, waba_ids=list(facts.waba_ids))


@sensitive_variables()
def inspected(token: str) -> TokenFacts:
    """What Meta says of `token`. Raises GraphError."""
    app_token = f"{settings.META_APP_ID}|{settings.META_APP_SECRET}"
    return graph_client().debug_token(token, token=app_token, meter=meter())


@sensitive_variables()
def account(lease: OnboardingLease, step: OnboardingStep) -> None:
    """Read the WABA that the token opened, and put it on the desk as this client's."""
    onboarding, asked_at = lease.onboarding, database_clock.now()
    token = token_for(onboarding)
    if onboarding.waba is not None:
        reading = graph_client().waba(onboarding.waba.waba_id, token=token, meter=meter())
    else:
        found = accounts.opened_by(token, onboarding=onboarding, targets=_targets(onboarding, token), meter=meter())
        if found is None:
            progress.failed(lease, step, Trouble("no_account"))
            return
        reading = found
    try:
        with transaction.atomic():
            waba = accounts.put_on_desk(reading, onboarding=onboarding, asked_at=asked_at)
            Onboarding.objects.filter(pk=onboarding.pk).update(waba=waba)
            progress.done(lease, step)
    except OtherClientError:
        _refuse(lease, step, "other_client")
        return
    onboarding.waba = waba


@sensitive_variables()
def _targets(onboarding: Onboarding, token: str) -> list[str]:
    """The WABAs that the token is for, as Meta returned them in the first step; asked again when that is not kept."""
    kept = onboarding.steps.get(kind=StepKind.ACCESS).details.get("waba_ids")
    return [str(one) for one in kept] if isinstance(kept, list) else list(inspected(token).waba_ids)


@transaction.atomic
def _refuse(lease: OnboardingLease, step: OnboardingStep, refusal: str) -> None:
    """Accept nothing of this signup: its token goes, and its attempt is left to staff."""
    onboarding = lease.onboarding
    progress.failed(lease, step, Trouble(refusal))
    if onboarding.attempt is not None:
        signups.fail(attempt=onboarding.attempt, state=AttemptState.REFUSED, refusal=refusal)
    Onboarding.objects.filter(pk=onboarding.pk).update(dismissed_at=database_clock.now(), due_at=None)
    Credential.objects.filter(onboardings=onboarding, kind=CredentialKind.BUSINESS, wabas=None).delete()


@sensitive_variables()
def subscription(lease: OnboardingLease, step: OnboardingStep) -> None:
    """Have Meta send us the WABA's events, unless it does already. A lost answer is settled by looking at Meta."""
    waba, token = _waba_of(lease), token_for(lease.onboarding)
    action = sending.followed(step, ActionKind.SUBSCRIBE, waba=waba)
    if action is None or action.closed_at is None:
        try:
            found = subscriptions.read(waba, token=token)
        except GraphError as error:
            if action is None:
                raise
            look_at = database_clock.now() + progress.pause(step.tries) if step.tries < progress.MOST_TRIES else None
            progress.unknown(lease, step, Trouble.of(error), look_at=look_at, action=action)
            return
        if action is None and found.is_ours:
            progress.done(lease, step)
            return
    if action is None or sending.never_arrived(action):
        request = SubscribeRequest(waba=waba, token=token, **sending.columns_of(lease, step, action))
        action = sending.send(lease, step, request, read_back=lambda _action: _read_subscription(waba, token))
    if action is not None:
        action.refresh_from_db()
        sending.follow(lease, step, action)


@sensitive_variables()
def _read_subscription(waba: Waba, token: str) -> None:
    """Read it back; when that fails, what is open stays so until the step looks again."""
    with contextlib.suppress(GraphError):
        subscriptions.read(waba, token=token)


@sensitive_variables()
def credit_line(lease: OnboardingLease, step: OnboardingStep) -> None:
    """Share our line of credit with the WABA, if we have one. It can't be read back: a lost answer is a person's."""
    waba = _waba_of(lease)
    if not settings.META_EXTENDED_CREDIT_ID:
        progress.done(lease, step, StepState.NOT_NEEDED)
        return
    settle.settle_credit_lines()
    action = sending.followed(step, ActionKind.SHARE_CREDIT_LINE, waba=waba)
    if action is None or sending.never_arrived(action):
        request = _credit_line_request(lease, step, waba, action)
        if request is None:
            return
        action = sending.send(lease, step, request, read_back=lambda _action: None)
    if action is not None:
        sending.follow(lease, step, action)


@sensitive_variables()
def _credit_line_request(
    lease: OnboardingLease, step: OnboardingStep, waba: Waba, last: Action | None
) -> CreditLineRequest | None:
    """What is to be sent; None when nothing is, which is written down."""
    is_decided = "retried_at" in step.details
    standing = credit.standing_with(waba)
    before = standing.share
    others = OnboardingStep.objects.filter(kind=StepKind.CREDIT_LINE, onboarding__waba=waba, state=StepState.DONE)
    is_shared = others.exclude(pk=step.pk).exists() and standing.revocation is None
    if (before is not None and before.state == ActionState.SUCCEEDED) or is_shared:
        progress.done(lease, step, StepState.NOT_NEEDED)
        return None
    if before is not None and before.state != ActionState.FAILED and not is_decided:
        progress.unknown(lease, step, Trouble("answer_lost"))
        return None
    token = token_of(environment_credential())
    if not waba.currency:
        progress.failed(lease, step, Trouble("no_currency"))
        return None
    about = sending.columns_of(lease, step, last)
    return CreditLineRequest(waba=waba, token=token, currency=waba.currency, is_decided=is_decided, **about)


@sensitive_variables()
def numbers(lease: OnboardingLease, step: OnboardingStep) -> None:
    """Read all numbers of the WABA, as a sync does, and set the registration of those that signed up on its way."""
    waba, token = _waba_of(lease), token_for(lease.onboarding)
    # The WABA is held as the sync holds it, so that an older listing of it can't be stored over this one.
    held = claims.take_waba(waba.pk, holder=lease.holder, span=progress.LEASE)
    if not held:
        progress.wait(lease, step, database_clock.now() + OUT_OF_THE_WAY)
        return
    credential_pk = lease.onboarding.credential_id or waba.credential_id or 0
    fetched = read_waba(graph_client(), Claim(waba.pk, waba.waba_id, credential_pk), token)
    if fetched.listing is None:
        # The failure of this token says nothing of the one that the WABA is read with.
        claims.give_back(waba.pk, holder=lease.holder)
        raise fetched.error or AssertionError("neither a listing nor an error")
    recorded = record.record([fetched], holder=lease.holder)
    runs.close_finished(recorded.runs)
    if step.tries < LOOKS and registering.is_awaited(lease.onboarding):
        progress.write(lease, step, state=StepState.WAITING, retry_at=database_clock.now() + progress.pause(step.tries))
        return
    with transaction.atomic():
        found = registering.lay_out(lease)
        progress.done(lease, step, numbers=found)


@sensitive_variables()
def token_for(onboarding: Onboarding) -> str:
    """The token to act with: the one of this signup, else the WABA's. Raises NoTokenError."""
    return token_of(onboarding.credential or (onboarding.waba.credential if onboarding.waba is not None else None))


def _waba_of(lease: OnboardingLease) -> Waba:
    waba = lease.onboarding.waba
    if waba is None:
        raise NoAccountError
    return waba


STEPS: Mapping[str, Callable[[OnboardingLease, OnboardingStep], None]] = {
    StepKind.ACCESS: access,
    StepKind.ACCOUNT: account,
    StepKind.SUBSCRIPTION: subscription,
    StepKind.CREDIT_LINE: credit_line,
    StepKind.NUMBERS: numbers,
    StepKind.REGISTRATION: registering.registration,
}
