"""Storing and replacing the tokens that the desk acts with. Using one for a call is in `access`.

One transaction each, recorded in the same transaction. No text here ever contains a token.
"""

import re

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from clients import audit
from clients.choices import AuditKind, CredentialKind, CredentialState
from clients.models import Client, Credential, User, Waba
from portal import database_clock
from portal.crypto import SecretUnreadableError

log = structlog.get_logger(__name__)

ENVIRONMENT_LABEL = "System user (environment)"
LONGEST_TOKEN = 4096
_TOKEN = re.compile(r"[\x21-\x7e]+")  # what may stand in an HTTP header


class TokenNotUsableError(Exception):
    """What was given can't be a token. The text does not repeat it."""


class OtherClientsTokenError(Exception):
    """A token of one client must not read another's accounts."""

    def __init__(self) -> None:
        super().__init__("This token is another client’s own: it was given to us for their accounts only.")


@sensitive_variables("token")
def checked_token(token: str) -> str:
    """`token` without blanks around it. Raises TokenNotUsableError for what can't be one."""
    token = token.strip()
    if not token:
        raise TokenNotUsableError("The token is empty.")
    if not _TOKEN.fullmatch(token) or len(token) > LONGEST_TOKEN:
        raise TokenNotUsableError("This is not a token: it is too long, or holds blanks or characters no token has.")
    return token


def check_fits(*, waba: Waba, credential: Credential | None) -> None:
    """Raises OtherClientsTokenError where the token is one that another client gave us for their own accounts."""
    if credential is None or credential.kind != CredentialKind.BUSINESS:
        return
    if credential.wabas.exclude(client=waba.client_id).exists():
        raise OtherClientsTokenError


@transaction.atomic
def choose_credential(*, waba: Waba, credential: Credential | None, actor: User) -> None:
    """Read `waba` with the token of `credential` from now on; with None it is not read. Raises OtherClientsTokenError.

    Only this column is written, because workers write the rest meanwhile.
    """
    check_fits(waba=waba, credential=credential)
    before = Waba.objects.select_for_update(of=("self",)).select_related("credential").get(pk=waba.pk).credential
    waba.credential = credential
    if before != credential:
        waba.save(update_fields=["credential"])
        words = f"Read with: {before or 'no token'} → {credential or 'no token'}."
        audit.record(waba, words, actor, kind=AuditKind.ACCESS)


@sensitive_variables("token")
@transaction.atomic
def store_credential_token(*, credential: Credential, token: str, actor: User | None) -> None:
    """Replace the token of `credential`, which counts as not tried yet and is used from now on.

    Whatever worker still acts with the old one loses its hold. Raises TokenNotUsableError.
    """
    _put_token(credential, checked_token(token))
    credential.save(update_fields=_TOKEN_COLUMNS)
    audit.record(credential, f"Stored a new token ({credential.hint}).", actor, kind=AuditKind.ACCESS)


@sensitive_variables("token")
def environment_credential() -> Credential | None:
    """The credential of META_BUSINESS_ID and META_SYSTEM_USER_TOKEN, stored anew when the environment changed.

    None, and nothing written, when one of the two is not set. A token stored earlier stays: a command that happens to
    run without the environment must not take the portal's token away. Delete the credential in the admin to stop
    using it. Safe to call from several processes at once.
    """
    business_id, token = settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN
    if not (business_id and token):
        return None
    stored = Credential.objects.filter(from_environment=True).first()
    if stored is not None and stored.business_id == business_id and _holds(stored, token):
        return stored
    try:
        return _store_environment(business_id, token)
    except IntegrityError:  # another process made the row between our look and our insert
        return _store_environment(business_id, token)


@sensitive_variables("token")
@transaction.atomic
def _store_environment(business_id: str, token: str) -> Credential:
    credential = Credential.objects.select_for_update().filter(from_environment=True).first()
    if credential is None:
        credential = Credential(
            label=ENVIRONMENT_LABEL, kind=CredentialKind.SYSTEM_USER, business_id=business_id, from_environment=True
        )
        _put_token(credential, token)
        credential.save()
        log.info("Stored the system user token from the environment.", credential=credential.pk)
    elif credential.business_id != business_id or not _holds(credential, token):
        credential.business_id = business_id
        _put_token(credential, token)
        credential.save(update_fields=["business_id", *_TOKEN_COLUMNS])
        log.info("Replaced the system user token by the environment's new one.", credential=credential.pk)
    return credential


_TOKEN_COLUMNS = [
    "token_sealed",
    "token_last_four",
    "state",
    "state_since",
    "expires_at",
    "last_failure",
    "discovery_failure",
    "failures_in_a_row",
    "attempts",
    "next_sync_at",
    "not_before",
    "lease_token",
    "lease_until",
]


@sensitive_variables("token")
def _put_token(credential: Credential, token: str) -> None:
    """`token` on the row (not saved), with everything that was known of the old one forgotten."""
    credential.store_token(token)
    credential.state, credential.state_since = CredentialState.UNTRIED, database_clock.now()
    credential.expires_at = credential.last_failure = credential.not_before = None
    credential.discovery_failure = None
    credential.lease_token = credential.lease_until = None
    credential.failures_in_a_row = credential.attempts = 0
    credential.next_sync_at = database_clock.now()


@sensitive_variables("token")
def _holds(credential: Credential, token: str) -> bool:
    try:
        return credential.open_token() == token
    except SecretUnreadableError:
        return False


@sensitive_variables("token")
def business_credential(waba: Waba | None, client: Client, token: str) -> Credential:
    """The credential that keeps a WABA's own business token: the one it has, unless others are read with that too."""
    credential = Credential(label=client.name[:100], kind=CredentialKind.BUSINESS)
    if waba is not None and waba.credential is not None and waba.credential.kind == CredentialKind.BUSINESS:
        others = waba.credential.wabas.exclude(pk=waba.pk)
        credential = credential if others.exists() else waba.credential
    _put_token(credential, token)
    credential.save(update_fields=_TOKEN_COLUMNS if credential.pk else None)
    return credential
