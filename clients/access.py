"""The way to Meta: the Graph client of this process, the token to ask with or why there is none, and how long to wait.

Nothing here asks Graph anything. A token leaves this module for a call only, and is in no text.
"""

import os
import time
from datetime import datetime
from functools import lru_cache
from typing import Literal

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from clients import refused_fields
from clients.choices import CredentialState
from clients.explanations import OF_THE_SETTINGS
from clients.models import Credential, SyncFailure, Waba
from portal import patience
from portal.crypto import SecretUnreadableError
from portal.graph import GraphClient, GraphConfig, Meter

# How long one piece of work may wait for Meta, with all of its calls: a page that shows what Meta says (well before the
# browser gives up), one thing done or looked up for a person, a client or a step, and what workers read as a whole.
PAGE_SECONDS = 8
ACTION_SECONDS = 20
WABA_SECONDS = 90
POOL_SECONDS = 120
DISCOVERY_SECONDS = 180


class NoTokenError(Exception):
    """There is no token to ask Meta with now. `kind` says why, in the words' keys of `clients.explanations`."""

    Kind = Literal["no_token", "secret_unreadable", "token_dead", "throttled"]

    def __init__(self, kind: Kind, message: str = "", *, retry_at: datetime | None = None) -> None:
        super().__init__(message or kind)
        self.kind, self.message, self.retry_at = kind, message, retry_at

    def failure(self, *, at: datetime) -> SyncFailure:
        return SyncFailure(kind=self.kind, message=self.message, retry_at=self.retry_at, at=at)


@sensitive_variables()
def token_of(credential: Credential | None) -> str:
    """The token that `credential` keeps, whatever Meta said to it last. Raises NoTokenError when there is none."""
    try:
        token = credential.open_token() if credential is not None else ""
    except SecretUnreadableError as error:
        raise NoTokenError("secret_unreadable", str(error)) from None
    if not token:
        raise NoTokenError("no_token")
    return token


@sensitive_variables()
def token_now(
    credential: Credential | None,
    waba: Waba | None = None,
    *,
    at: datetime,
    even_if_refused: bool = False,
    for_person: bool = False,
) -> str:
    """The token to ask about `waba` with at `at`. Raises NoTokenError, also while Meta asked us to wait.

    A token that Meta refused is used `even_if_refused`, to find out whether it works again. What a person asks is asked
    `for_person`, though Meta wants us to wait: they may know that this is over, and one call finds out.
    """
    if for_person:
        return token_of(credential)
    if reason := why_not_now(credential, waba, at=at, even_if_refused=even_if_refused):
        raise reason
    return token_of(credential)


def why_not_now(
    credential: Credential | None, waba: Waba | None = None, *, at: datetime, even_if_refused: bool = False
) -> NoTokenError | None:
    """Why Meta can't be asked at `at`, as far as the rows tell without the secret; None when it can."""
    if credential is None or not credential.token_sealed:
        return NoTokenError("no_token")
    if credential.state == CredentialState.DEAD and not even_if_refused:
        return NoTokenError("token_dead")
    asked_for = (credential.not_before, waba.not_before if waba is not None else None)
    waits = [until for until in asked_for if until is not None and until > at]
    if not waits or (even_if_refused and _waits_for_a_setting(credential)):
        return None
    return NoTokenError("throttled", retry_at=max(waits))


def _waits_for_a_setting(credential: Credential) -> bool:
    """Whether the pause is our own: Meta refused the app, and calls are spared until that is put right."""
    return credential.last_failure is not None and credential.last_failure.kind in OF_THE_SETTINGS


def meter(seconds: float = ACTION_SECONDS, *, is_irreplaceable: bool = False) -> Meter:
    """A meter that ends in `seconds`, or before, when a person who waits for a page has waited long enough.

    `is_irreplaceable`: the answer can't be had a second time, so whoever waits, waits for the whole of it.
    """
    return Meter(deadline=time.monotonic() + seconds if is_irreplaceable else patience.deadline(seconds))


def graph_client() -> GraphClient:
    """The client to ask Graph with, shared by all threads of this process. Looks up which fields are given up.

    Raises ValueError when GRAPH_API_URL, GRAPH_API_VERSION or HTTPS_PROXY can't work; a system check says so at start.
    """
    config = GraphConfig(
        api_url=settings.GRAPH_API_URL,
        version=settings.GRAPH_API_VERSION,
        app_secret=settings.META_APP_SECRET,
        proxy=settings.HTTPS_PROXY,
        no_proxy=settings.NO_PROXY,
    )
    # Pooled connections must not be shared with a parent process that was forked after using them.
    client = _client_of(os.getpid(), config)
    client.leave_out(refused_fields.given_up())
    return client


@lru_cache(maxsize=4)
def _client_of(_process: int, config: GraphConfig) -> GraphClient:
    return GraphClient(config)
