"""Everything that people change about clients, WABAs and credentials. Nothing here is about phone numbers.

One transaction each. What a person did is written to Django's admin log in the same transaction; what the command line
did (no `actor`) goes to the log only. No text here ever contains a token. Callers have checked that the actor may.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import structlog
from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from clients import roles
from clients.choices import CredentialKind, CredentialState, WabaOrigin
from clients.facts import facts_of
from clients.gateway import graph_client
from clients.models import Client, Credential, Portfolio, StatusLink, User, Waba
from portal.crypto import SecretUnreadableError

log = structlog.get_logger(__name__)

ENVIRONMENT_LABEL = "System user (environment)"
LONGEST_TOKEN = 4096
_TOKEN = re.compile(r"[\x21-\x7e]+")  # what may stand in an HTTP header


class NotAssignableError(Exception):
    """These people can't look after a client; the text says why."""


class NameNotUsableError(Exception):
    """A client can't have this name."""


class MergeError(Exception):
    """These clients can't be merged."""


class TokenNotUsableError(Exception):
    """What was given can't be a token. The text does not repeat it."""


class ClientNotClearError(Exception):
    """Several clients have this name."""


class WabaOfAnotherClientError(Exception):
    """The WABA already belongs to another client, `owner`."""

    def __init__(self, owner: Client) -> None:
        super().__init__(f"This WABA already belongs to the client “{owner}”.")
        self.owner = owner


# --- Clients ----------------------------------------------------------------------------------------------------------


def check_assignable(*, client: Client | None, owner: User | None, cover: User | None) -> None:
    """Raises NotAssignableError unless `owner` and `cover` may look after `client` (None for one that is to be made).

    Whoever is new to the client needs a role. Someone who lost theirs meanwhile may stay, so that one of the two can
    be changed without the other.
    """
    if owner is not None and owner == cover:
        raise NotAssignableError("The cover must be someone else than the owner.")
    for person, before in (
        (owner, client.owner_id if client else None),
        (cover, client.cover_id if client else None),
    ):
        if person is not None and person.pk != before and roles.role_of(person) is None:
            raise NotAssignableError(f"{person} has no role, and could not see the client.")


@transaction.atomic
def assign(*, client: Client, owner: User | None, cover: User | None, actor: User | None) -> None:
    """Make `owner` the account manager of `client` and `cover` their stand-in; None leaves the place empty.

    Raises NotAssignableError.
    """
    current = Client.objects.select_for_update(of=("self",)).select_related("owner", "cover").get(pk=client.pk)
    check_assignable(client=current, owner=owner, cover=cover)
    changes = [
        f"{place}: {before or 'nobody'} → {after or 'nobody'}"
        for place, before, after in (("Owner", current.owner, owner), ("Cover", current.cover, cover))
        if before != after
    ]
    client.owner, client.cover = owner, cover
    if changes:
        client.save(update_fields=["owner", "cover"])
        _audit(client, f"{'. '.join(changes)}.", actor)


@transaction.atomic
def make_client(*, name: str, actor: User) -> Client:
    """A client that was just won, looked after by `actor`. What Meta has of it comes with its signup.

    Raises NameNotUsableError, also when `actor` sees a client of that name already: the two would be mixed up.
    """
    name = _client_name(name)
    # Compared here and not in SQL, because SQLite knows upper and lower case of ASCII letters only.
    names = Client.objects.visible_to(actor).values_list("name", flat=True)
    if any(name.casefold() == other.casefold() for other in names):
        raise NameNotUsableError(
            f"There is a client called “{name}” already. Open it, or choose a name to tell them by."
        )
    client = Client.objects.create(name=name, owner=actor)
    _audit(client, f"Made by hand, looked after by {actor}.", actor, flag=ADDITION)
    return client


@transaction.atomic
def rename_client(*, client: Client, name: str, actor: User | None) -> None:
    """Give `client` another name. Raises NameNotUsableError."""
    current = Client.objects.select_for_update().get(pk=client.pk)
    client.name = _client_name(name)
    if client.name != current.name:
        client.save(update_fields=["name"])
        _audit(client, f"Name: {current.name} → {client.name}.", actor)


@transaction.atomic
def merge_clients(*, keep: Client, absorb: Sequence[Client], actor: User | None) -> None:
    """Make one client of several: `keep` gets everything of `absorb`, which are deleted.

    Their links to status pages are revoked: whoever has one would see the numbers of all of them from now on.
    Discovery does not make them again, because it finds a client through its portfolios. `keep` stays with its own
    owner and cover, so the people of the others lose sight of what was theirs. Raises MergeError.
    """
    gone = {client.pk for client in absorb}
    if not gone or keep.pk in gone:
        raise MergeError("Choose at least two different clients, and the one of them to keep.")
    found = list(Client.objects.select_for_update().filter(pk__in=[keep.pk, *gone]).order_by("pk"))
    if len(found) != len(gone) + 1:
        raise MergeError("One of these clients is no longer there. Look again.")
    for client in found:
        if client.pk == keep.pk:
            continue
        _audit(client, f"Merged into {keep} ({keep.pk}).", actor, flag=DELETION)
        _audit(keep, f"Took over {client} ({client.pk}) with {_contents_of(client)}.", actor)
    StatusLink.objects.filter(client__in=gone, revoked_at=None).update(revoked_at=timezone.now())
    # Every table that points to a client, those of other apps too: nothing may go with a row that is only absorbed.
    for relation in Client._meta.related_objects:
        rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": gone})
        rows.update(**{relation.field.name: keep})
    Client.objects.filter(pk__in=gone).delete()


@transaction.atomic
def move_waba(*, waba: Waba, to: Client, actor: User | None) -> None:
    """Give `waba` to the client `to`: its people see it from now on, and the former client's no longer do.

    The portfolio that owns it stays where it is, and with it the WABAs that discovery finds there later.
    """
    current = Waba.objects.select_for_update(of=("self",)).select_related("client").get(pk=waba.pk)
    waba.client = to
    if current.client_id != to.pk:
        waba.save(update_fields=["client"])
        _audit(waba, f"Client: {current.client} → {to}.", actor)


def _client_name(name: str) -> str:
    name = " ".join(name.split())
    longest = Client._meta.get_field("name").max_length
    if not name or (longest is not None and len(name) > longest):
        raise NameNotUsableError(f"A client needs a name of 1 to {longest} characters.")
    return name


def _contents_of(client: Client) -> str:
    wabas = [waba.waba_id for waba in client.wabas.only("waba_id")]
    portfolios = list(client.portfolios.values_list("business_id", flat=True))
    return f"WABAs {', '.join(wabas) or 'none'}; portfolios {', '.join(portfolios) or 'none'}"


# --- Credentials ------------------------------------------------------------------------------------------------------


@sensitive_variables("token")
def checked_token(token: str) -> str:
    """`token` without blanks around it. Raises TokenNotUsableError for what can't be one."""
    token = token.strip()
    if not token:
        raise TokenNotUsableError("The token is empty.")
    if not _TOKEN.fullmatch(token) or len(token) > LONGEST_TOKEN:
        raise TokenNotUsableError("This is not a token: it is too long, or holds blanks or characters no token has.")
    return token


@sensitive_variables("token")
@transaction.atomic
def store_credential_token(*, credential: Credential, token: str, actor: User | None) -> None:
    """Replace the token of `credential`, which counts as not tried yet and is used from now on.

    Whatever worker still acts with the old one loses its hold. Raises TokenNotUsableError.
    """
    _put_token(credential, checked_token(token))
    credential.save(update_fields=_TOKEN_COLUMNS)
    _audit(credential, f"Stored a new token ({credential.hint}).", actor)


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
    credential.state, credential.state_since = CredentialState.UNTRIED, timezone.now()
    credential.expires_at = credential.last_failure = credential.not_before = None
    credential.lease_token = credential.lease_until = None
    credential.failures_in_a_row = credential.attempts = 0
    credential.next_sync_at = timezone.now()


@sensitive_variables("token")
def _holds(credential: Credential, token: str) -> bool:
    try:
        return credential.open_token() == token
    except SecretUnreadableError:
        return False


# --- Connecting a WABA by hand ----------------------------------------------------------------------------------------


@sensitive_variables("token", "reading_token")
def connect_waba(*, waba_id: str, client_name: str, token: str = "", actor: User | None) -> Waba:
    """Put one WABA on the desk, under the client of that name (found whatever its case, else made), due at once.

    It is read from Graph first, and nothing is stored when that fails. With `token`, the WABA is read with that
    business token from now on; without, with the environment's system user token.

    Raises NameNotUsableError, TokenNotUsableError (also when there is no token at all), ClientNotClearError,
    WabaOfAnotherClientError, portal.graph.GraphError, and ValueError for an id that is not made of digits.
    """
    name = _client_name(client_name)
    if token:
        reading_token = checked_token(token)
    elif settings.META_BUSINESS_ID and settings.META_SYSTEM_USER_TOKEN:
        reading_token = settings.META_SYSTEM_USER_TOKEN
    else:
        raise TokenNotUsableError("There is no token: the environment sets no META_BUSINESS_ID and token.")
    asked_at = timezone.now()
    reading = graph_client().waba(waba_id, token=reading_token)
    with transaction.atomic():
        waba = Waba.objects.select_for_update(of=("self",)).select_related("client").filter(waba_id=waba_id).first()
        client = _client_called(name, waba)
        columns = {**facts_of(reading), "facts_read_at": asked_at, "next_sync_at": asked_at, "not_before": None}
        columns["credential"] = _business_credential(waba, client, reading_token) if token else environment_credential()
        if waba is None:
            waba = Waba.objects.create(waba_id=waba_id, client=client, origin=WabaOrigin.MANUAL, **columns)
        else:
            for column, value in columns.items():
                setattr(waba, column, value)
            waba.save(update_fields=columns)
        # Our own portfolio owns WABAs of many clients, and stands for none of them.
        if waba.owner_business_id and waba.owner_business_id != settings.META_BUSINESS_ID:
            Portfolio.objects.get_or_create(
                business_id=waba.owner_business_id,
                defaults={"name": waba.owner_business_name or "", "client": client},
            )
        _audit(waba, f"Connected by hand for {client}.", actor)
    return waba


def _client_called(name: str, waba: Waba | None) -> Client:
    """The one client of that name; a known `waba` says which of several is meant, and that it is no other's."""
    # Compared here and not in SQL, because SQLite knows upper and lower case of ASCII letters only.
    same_name = [pk for pk, other in Client.objects.values_list("pk", "name") if other.casefold() == name.casefold()]
    if waba is not None:
        if waba.client_id not in same_name:
            raise WabaOfAnotherClientError(waba.client)
        return waba.client
    if len(same_name) > 1:
        raise ClientNotClearError(f"{len(same_name)} clients are called “{name}”. Merge or rename them first.")
    return Client.objects.get(pk=same_name[0]) if same_name else Client.objects.create(name=name)


@sensitive_variables("token")
def _business_credential(waba: Waba | None, client: Client, token: str) -> Credential:
    """The credential that keeps a WABA's own business token: the one it has, unless others are read with that too."""
    credential = Credential(label=client.name[:100], kind=CredentialKind.BUSINESS)
    if waba is not None and waba.credential is not None and waba.credential.kind == CredentialKind.BUSINESS:
        others = waba.credential.wabas.exclude(pk=waba.pk)
        credential = credential if others.exists() else waba.credential
    _put_token(credential, token)
    credential.save(update_fields=_TOKEN_COLUMNS if credential.pk else None)
    return credential


# --- Who did what -----------------------------------------------------------------------------------------------------


def _audit(row: models.Model, sentence: str, actor: User | None, *, flag: int = CHANGE) -> None:
    log.info("Changed by hand.", row=f"{row._meta.label} {row.pk}", what=sentence, actor=actor and actor.username)
    if actor is not None:
        LogEntry.objects.log_actions(actor.pk, [row], flag, change_message=sentence, single_object=True)
