"""Connecting one WABA by hand: it is read from Graph first, and nothing is stored when that fails."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from clients import audit, ownership
from clients.access import graph_client, meter
from clients.choices import AuditKind, WabaOrigin
from clients.clients import usable_name
from clients.credentials import TokenNotUsableError, business_credential, checked_token, environment_credential
from clients.models import Client, User, Waba
from clients.waba_facts import facts_of, provenance_after
from portal import database_clock
from portal.graph import GraphError, TokenFacts, UnknownField, WabaReading

# Every WABA has both, and neither a portfolio nor a number has one.
_OF_A_WABA = frozenset({"currency", "timezone_id"})


WHERE_THE_ID_IS = (
    "Meta shows a WABA's id in the business portfolio's settings under Accounts, WhatsApp accounts, and in the address "
    "of WhatsApp Manager behind waba_id=."
)


class ClientNotClearError(Exception):
    """Several clients have this name."""


class NotAWabaError(Exception):
    """The id is one of Meta's, but of something else: a portfolio, a number, an app."""

    def __init__(self, waba_id: str) -> None:
        super().__init__(
            f"{waba_id} is no WABA's id: what Meta shows under it has no currency, time zone or numbers of its own. "
            f"{WHERE_THE_ID_IS}"
        )


class WabaOfAnotherClientError(Exception):
    """The WABA already belongs to another client, `owner`."""

    def __init__(self, owner: Client) -> None:
        super().__init__(f"This WABA already belongs to the client “{owner}”.")
        self.owner = owner


@sensitive_variables("token", "reading_token")
def connect_waba(
    *, waba_id: str, client_name: str, token: str = "", actor: User | None, client: Client | None = None
) -> Waba:
    """Put one WABA on the desk, under the client of that name (found whatever its case, else made), due at once.

    A `client` that is given is meant whatever others are called the same.

    It is read from Graph first, and nothing is stored when that fails. Before that, Meta is asked what `token` is, and
    one of another app is refused. With `token`, the WABA is read with that business token from now on; without, with
    the environment's system user token.

    Raises NotAWabaError, NameNotUsableError, TokenNotUsableError (also when there is no token at all),
    ClientNotClearError, WabaOfAnotherClientError, portal.graph.GraphError, and ValueError for an id that is not made of
    digits.
    """
    return _connected(waba_id=waba_id, client_name=client_name, token=token, actor=actor, client=client)[0]


@sensitive_variables("token", "reading_token")
def _connected(
    *, waba_id: str, client_name: str, token: str, actor: User | None, client: Client | None
) -> tuple[Waba, TokenFacts | None]:
    """The WABA, and what Meta says of the `token` that was given for it."""
    name = usable_name(client_name)
    facts = None
    if token:
        reading_token = checked_token(token)
        facts = _inspected(reading_token)
    elif settings.META_BUSINESS_ID and settings.META_SYSTEM_USER_TOKEN:
        reading_token = settings.META_SYSTEM_USER_TOKEN
    else:
        raise TokenNotUsableError("There is no token: the environment sets no META_BUSINESS_ID and token.")
    asked_at = database_clock.now()
    reading = _read_as_waba(waba_id, reading_token)

    def stored() -> Waba:
        return _stored(reading, asked_at, waba_id, name, client, reading_token if token else "", facts, actor)

    try:
        return stored(), facts
    except IntegrityError:
        # A sync or a second person has stored it meanwhile: it is there now.
        return stored(), facts


@sensitive_variables("token")
@transaction.atomic
def _stored(
    reading: WabaReading,
    asked_at: datetime,
    waba_id: str,
    name: str,
    client: Client | None,
    token: str,
    facts: TokenFacts | None,
    actor: User | None,
) -> Waba:
    waba = Waba.objects.select_for_update(of=("self",)).select_related("client").filter(waba_id=waba_id).first()
    if client is None:
        client = _client_called(name, waba)
    elif waba is not None and waba.client_id != client.pk:
        raise WabaOfAnotherClientError(waba.client)
    columns = {**facts_of(reading), "facts_read_at": asked_at, "next_sync_at": asked_at, "not_before": None}
    columns |= {"unlisted_since": None, "unshared_since": None}
    credential = business_credential(waba, client, token) if token else environment_credential()
    if facts is not None and credential is not None:
        credential.expires_at = facts.expires_at
        credential.save(update_fields=["expires_at"])
    columns["credential"] = credential
    if waba is None:
        waba = Waba.objects.create(waba_id=waba_id, client=client, origin=WabaOrigin.MANUAL, **columns)
    else:
        columns["provenance"] = provenance_after(waba, reading)
        for column, value in columns.items():
            setattr(waba, column, value)
        waba.save(update_fields=[*columns, "folded_name"])
    ownership.remember_portfolio(waba.owner_business_id, waba.owner_business_name, client=client)
    audit.record(waba, f"Connected by hand for {client}.", actor, kind=AuditKind.ACCESS)
    return waba


@sensitive_variables("token")
def connect_with_token(*, waba_id: str, client: Client, token: str, actor: User) -> tuple[Waba, TokenFacts | None]:
    """Put one WABA of `client` on the desk with its own token; it, and what Meta says of the token (None: nothing).

    Raises what `connect_waba` raises.
    """
    return _connected(waba_id=waba_id, client_name=client.name, client=client, token=token, actor=actor)


@sensitive_variables()
def _inspected(token: str) -> TokenFacts | None:
    """What Meta says of the token; None where it can't be asked. Raises TokenNotUsableError for one that is no good.

    A token of another app works for calls, but its WABA's events and changes would go to that app.
    """
    if not (settings.META_APP_ID and settings.META_APP_SECRET):
        return None
    try:
        app_token = f"{settings.META_APP_ID}|{settings.META_APP_SECRET}"
        facts = graph_client().debug_token(token, token=app_token, meter=meter())
    except GraphError:
        return None
    if facts.app_id and facts.app_id != settings.META_APP_ID:
        named = f"“{facts.application}”" if facts.application else facts.app_id
        raise TokenNotUsableError(
            f"Nothing was stored. This token was made for another app, {named}, and not for ours."
        )
    if not facts.is_valid:
        said = f" Meta says: {facts.error_message}" if facts.error_message else ""
        raise TokenNotUsableError(f"Nothing was stored. Meta says that this token is not valid (any more).{said}")
    return facts


@sensitive_variables("token")
def _read_as_waba(waba_id: str, token: str) -> WabaReading:
    """The WABA, once it has answered as only one does: Graph finds an id and a name under any id at all."""
    graph, both = graph_client(), meter()
    try:
        reading = graph.waba(waba_id, token=token, meter=both)
        if _OF_A_WABA & reading.requested and not _OF_A_WABA & reading.values.keys():
            raise NotAWabaError(waba_id)
        graph.phone_numbers(waba_id, token=token, meter=both)
    except UnknownField:
        raise NotAWabaError(waba_id) from None
    return reading


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
