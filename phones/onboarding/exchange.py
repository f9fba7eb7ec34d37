"""Turns the code of a finished signup into the client's business token, at once, and opens the onboarding.

A code lives 30 seconds and works once, so this happens in the request that brings it, and one caller does it. Token
and code are in no row but the sealed one, in no log line and in no text. Which WABAs the token opens is not decided
here: `accounts` reads that from Meta.
"""

import re
from typing import Literal, NoReturn

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from clients import signups
from clients.access import ACTION_SECONDS, graph_client, meter
from clients.choices import AttemptState, CredentialKind
from clients.models import Client, Credential, SignupAttempt
from phones import waking
from phones.models import Onboarding
from phones.onboarding.run import open_onboarding
from portal import database_clock
from portal.graph import BusinessToken, CodeExpired, CodeNotForUs, CodeUsed, GraphError, Meter, TokenFacts

log = structlog.get_logger(__name__)

_CODE = re.compile(r"[\x21-\x7e]{1,4000}")

Kind = Literal[
    "no_code", "used", "not_configured", "code_expired", "code_used", "code_foreign", "no_token", "token_invalid",
    "other_app",
]  # fmt: skip


class SignupRefusedError(Exception):
    """The signup was not completed. `sentence` is for the client; `kind` is what the attempt's row says (`refusal`)."""

    def __init__(self, kind: Kind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind: Kind = kind
        self.sentence = sentence


@sensitive_variables()
def finish(*, attempt: SignupAttempt, code: str) -> Onboarding:
    """The onboarding that follows from `attempt`, due now, with the client's token stored. Raises SignupRefusedError.

    Uses up the attempt's state: of any number of callers one asks Meta, and once. Nothing but the attempt's row is
    written when Meta gives no token, or one of another app. When Meta can't be asked what the token is, the token is
    kept, because nothing brings it back, and the step ACCESS is left to the worker.
    """
    if not _CODE.fullmatch(code):
        raise _refusal("no_code")
    if not signups.use_state(attempt=attempt):
        raise _refusal("used")
    signup_meter = meter(ACTION_SECONDS, is_irreplaceable=True)
    granted = _exchanged(attempt, code, signup_meter)
    facts = _inspected(attempt, granted, signup_meter)
    if facts is not None:
        _insist_that_it_is_ours(attempt, facts)
    return _store(attempt, granted, facts)


@sensitive_variables()
def _exchanged(attempt: SignupAttempt, code: str, meter: Meter) -> BusinessToken:
    app_id, app_secret = settings.META_APP_ID, settings.META_APP_SECRET
    if not (app_id and app_secret):
        _refuse(attempt, "not_configured")
    try:
        return graph_client().exchange_code(app_id=app_id, app_secret=app_secret, code=code, meter=meter)
    except GraphError as error:
        _refuse(attempt, _kind_of(error), error=error)
    except ValueError:  # the code was looked at, so one of our settings is not what it should be
        _refuse(attempt, "not_configured")


def _kind_of(error: GraphError) -> Kind:
    if isinstance(error, CodeExpired):
        return "code_expired"
    if isinstance(error, CodeUsed):
        return "code_used"
    return "code_foreign" if isinstance(error, CodeNotForUs) else "no_token"


@sensitive_variables()
def _inspected(attempt: SignupAttempt, granted: BusinessToken, meter: Meter) -> TokenFacts | None:
    """What Meta says the token is; None when it could not be asked."""
    app_token = f"{settings.META_APP_ID}|{settings.META_APP_SECRET}"
    try:
        return graph_client().debug_token(granted.token, token=app_token, meter=meter)
    except GraphError as error:
        log.warning("A new token could not be inspected yet.", attempt=attempt.pk, error=str(error))
        return None


def _insist_that_it_is_ours(attempt: SignupAttempt, facts: TokenFacts) -> None:
    if facts.app_id != settings.META_APP_ID and (facts.app_id or facts.is_valid):
        _refuse(attempt, "other_app", state=AttemptState.REFUSED)
    if not facts.is_valid:
        _refuse(attempt, "token_invalid")


@sensitive_variables()
@transaction.atomic
def _store(attempt: SignupAttempt, granted: BusinessToken, facts: TokenFacts | None) -> Onboarding:
    client, now = _held_client_of(attempt), database_clock.now()
    credential = Credential(label=client.name[:100], kind=CredentialKind.BUSINESS, state_since=now)
    if facts is not None:
        credential.expires_at = facts.expires_at
    elif granted.expires_in is not None:
        credential.expires_at = now + granted.expires_in
    credential.store_token(granted.token)
    credential.save()
    SignupAttempt.objects.filter(pk=attempt.pk).update(credential=credential)
    attempt.credential = credential
    onboarding = open_onboarding(
        client=client,
        attempt=attempt,
        credential=credential,
        access_known=facts is not None,
        # Which permissions, and to which WABAs they are narrowed, newest first.
        access_details={"scopes": list(facts.scopes), "waba_ids": list(facts.waba_ids)} if facts is not None else None,
    )
    log.info("A signup brought a token.", attempt=attempt.pk, onboarding=onboarding.pk, client=client.pk)
    waking.wake_onboarding()
    return onboarding


def _held_client_of(attempt: SignupAttempt) -> Client:
    """Whose link it is, locked: a merge waits until the token, which nothing brings back, is stored."""
    clients = Client.objects.select_for_update(of=("self",)).filter(signup_links=attempt.link_id)
    # After a merge that was waited for, the link is found at the client that was kept.
    return clients.first() or clients.get()


def _refuse(
    attempt: SignupAttempt, kind: Kind, *, state: AttemptState = AttemptState.FAILED, error: GraphError | None = None
) -> NoReturn:
    signups.fail(attempt=attempt, state=state, refusal=kind, error=error)
    # Not from Meta's error: the page shows our sentence, and the row has the rest.
    raise _refusal(kind) from None


def _refusal(kind: Kind) -> SignupRefusedError:
    sentences: dict[Kind, str] = {
        "no_code": _("Meta’s answer did not reach us whole. Please start again."),
        "used": _("This signup has been sent to us already. To add another number, open your link and start again."),
        "not_configured": _("Signing up is not possible at the moment. Please tell your account manager."),
        "code_expired": _("Meta’s answer took too long to reach us. Please start again."),
        "code_used": _("Meta says that this signup was sent to us before. Please start again."),
        "code_foreign": _("Meta did not accept our request. Please tell your account manager."),
        "no_token": _("Meta did not answer as it should, and nothing was stored. Please start again in a moment."),
        "token_invalid": _("Meta took the permission back right away. Please start again."),
        "other_app": _("This permission was not given to us. Please open your link again and start from there."),
    }
    return SignupRefusedError(kind, sentences[kind])
