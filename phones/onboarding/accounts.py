"""Which WABA a signup's token opened, and whose it is. What the client's browser said is a hint and decides nothing.

A WABA that is another client's is refused: nothing of theirs is touched, and nobody is told whose it is.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from clients.access import graph_client
from clients.choices import CredentialKind, CredentialState, WabaOrigin
from clients.clients import merge_clients, move_waba
from clients.credentials import environment_credential
from clients.models import Client, Portfolio, Waba
from clients.waba_facts import LONGEST_NAME, facts_of
from phones.choices import ChangeKind, Source
from phones.models import Change, Onboarding
from phones.sync import discovery
from portal.crypto import SecretUnreadableError
from portal.graph import GraphClient, Meter, NotVisible, PermissionMissing, WabaReading

# A token that names no WABA is tried on so many of those that Meta lists for us.
MOST_CANDIDATES = 10
# The onboarding reads a new WABA itself; the regular reading comes in after this.
HEAD_START = datetime.timedelta(minutes=5)
REFUSAL = "This account is in use elsewhere."


class OtherClientError(Exception):
    """The WABA belongs to another client. The text names nobody."""


def began_at(onboarding: Onboarding) -> datetime.datetime:
    """When the signup began, as far as the desk knows."""
    attempt = onboarding.attempt
    if attempt is None:
        return onboarding.created_at
    return attempt.started_at or attempt.opened_at or attempt.created_at


@sensitive_variables()
def opened_by(token: str, *, onboarding: Onboarding, targets: Sequence[str], meter: Meter) -> WabaReading | None:
    """The WABA that the client has just given us access to, as Meta shows it to their token; None when there is none.

    `targets` are the WABAs that the token is for, newest first; empty when Meta did not narrow it. Raises GraphError.
    """
    graph = graph_client()
    said = onboarding.attempt.said_waba_id if onboarding.attempt is not None else ""
    if targets:
        return graph.waba(_choice(targets, said, onboarding), token=token, meter=meter)
    if said and (reading := _if_readable(graph, said, token, meter)):
        return reading
    for waba_id in _fresh_on_the_edge(graph, onboarding, meter):
        if reading := _if_readable(graph, waba_id, token, meter):
            return reading
    return None


def _choice(targets: Sequence[str], said: str, onboarding: Onboarding) -> str:
    """Of the WABAs that a token is for: the one that was said, else a new one, else one of this client's."""
    if said in targets:
        return said
    known = {waba.waba_id: waba for waba in Waba.objects.filter(waba_id__in=targets)}
    began = began_at(onboarding)
    fresh = [one for one in targets if one not in known or known[one].created_at >= began]
    own = [one for one in targets if one in known and known[one].client_id == onboarding.client_id]
    return next(iter([*fresh, *own, *targets]))


@sensitive_variables()
def _if_readable(graph: GraphClient, waba_id: str, token: str, meter: Meter) -> WabaReading | None:
    """The WABA, if this very token may read it."""
    try:
        return graph.waba(waba_id, token=token, meter=meter)
    except (NotVisible, PermissionMissing, ValueError):
        return None


@sensitive_variables()
def _fresh_on_the_edge(graph: GraphClient, onboarding: Onboarding, meter: Meter) -> Iterator[str]:
    """The WABAs that clients share with our business and that are new here, the youngest first. Raises GraphError."""
    credential = environment_credential()
    if credential is None:
        return
    try:
        pages = graph.client_wabas(credential.business_id, token=credential.open_token(), meter=meter)
    except SecretUnreadableError:
        return
    listed = [one for page in pages for one in page]
    known = dict(Waba.objects.filter(waba_id__in=[one.waba_id for one in listed]).values_list("waba_id", "created_at"))
    began = began_at(onboarding)
    fresh = [one for one in listed if one.waba_id not in known or known[one.waba_id] >= began]
    fresh.sort(key=lambda one: str(one.values.get("creation_time", "")), reverse=True)
    yield from [one.waba_id for one in fresh[:MOST_CANDIDATES]]


@transaction.atomic
def put_on_desk(reading: WabaReading, *, onboarding: Onboarding, asked_at: datetime.datetime) -> Waba:
    """The WABA's row, of the client who signed up, with what Meta says of it and a token that works.

    Raises OtherClientError, and then nothing is written.
    """
    onboarding.refresh_from_db(fields=["client"])  # the client may have been merged while Meta was asked
    waba = _locked(reading.waba_id)
    if waba is None:
        _insist_on_portfolio(reading.owner_business_id, onboarding)
        try:
            with transaction.atomic():
                waba = _create(reading, onboarding, asked_at)
        except IntegrityError:  # discovery made it between our look and our insert
            waba = Waba.objects.select_for_update(of=("self",)).select_related("client").get(waba_id=reading.waba_id)
    if waba.client_id != onboarding.client_id:
        _take_over(waba, onboarding)
    discovery.store_facts(waba, reading, at=asked_at)
    _keep_portfolio(reading, onboarding.client)
    columns: dict[str, object] = {"facts_read_at": asked_at, "unshared_since": None}
    if onboarding.credential_id is not None and not _has_lasting_token(waba):
        columns |= {"credential": onboarding.credential, "not_before": None}
    Waba.objects.filter(pk=waba.pk).update(**columns)
    waba.refresh_from_db()
    return waba


def _locked(waba_id: str) -> Waba | None:
    rows = Waba.objects.select_for_update(of=("self",)).select_related("client", "credential")
    return rows.filter(waba_id=waba_id).first()


def _create(reading: WabaReading, onboarding: Onboarding, asked_at: datetime.datetime) -> Waba:
    waba = Waba.objects.create(
        waba_id=reading.waba_id,
        client=onboarding.client,
        credential=onboarding.credential,
        origin=WabaOrigin.SIGNUP,
        facts_read_at=asked_at,
        next_sync_at=timezone.now() + HEAD_START,
        **facts_of(reading),
    )
    Change.objects.create(
        waba=waba, kind=ChangeKind.ADDED, new=waba.name or waba.waba_id, source=Source.ACTION, at=asked_at
    )
    return waba


def _has_lasting_token(waba: Waba) -> bool:
    """Whether the WABA is read with a token of our own business that works: those outlive a client's."""
    credential = waba.credential
    return (
        credential is not None
        and credential.kind == CredentialKind.SYSTEM_USER
        and credential.state != CredentialState.DEAD
        and bool(credential.token_sealed)
    )


# --- Whose it is ------------------------------------------------------------------------------------------------------


def _insist_on_portfolio(business_id: str | None, onboarding: Onboarding) -> None:
    """A new WABA of a portfolio that stands for another client is that client's. Raises OtherClientError."""
    portfolio = Portfolio.objects.select_related("client").filter(business_id=business_id or "").first()
    if portfolio is None or portfolio.client_id == onboarding.client_id:
        return
    if portfolio.client.created_at < began_at(onboarding) or not _is_unattended(portfolio.client):
        raise OtherClientError(REFUSAL)
    _bring_over(portfolio.client, onboarding, business_id)


def _take_over(waba: Waba, onboarding: Onboarding) -> None:
    """Move a WABA here that discovery found, while the client was still signing up, and gave a client of its own.

    Raises OtherClientError when it was there before, or somebody looks after that client.
    """
    other = waba.client
    if waba.created_at < began_at(onboarding) or not _is_unattended(other):
        raise OtherClientError(REFUSAL)
    _bring_over(other, onboarding, waba.owner_business_id, waba)
    waba.client = onboarding.client


def _is_unattended(client: Client) -> bool:
    return client.owner_id is None and client.cover_id is None


def _stands_for_nothing_else(client: Client, business_id: str | None, onboarding: Onboarding) -> bool:
    """Whether discovery made this client for the signup alone, so that nothing is lost when it is merged."""
    others = (
        client.portfolios.exclude(business_id=business_id or ""),
        client.signup_links.all(),
        client.status_links.all(),
        client.onboardings.all(),
    )
    return client.created_at >= began_at(onboarding) and not any(rows.exists() for rows in others)


def _bring_over(other: Client, onboarding: Onboarding, business_id: str | None, waba: Waba | None = None) -> None:
    """What discovery made for this signup, under the client who signed up; all of the other client if that is all."""
    if _stands_for_nothing_else(other, business_id, onboarding):
        merge_clients(keep=onboarding.client, absorb=[other], actor=None)
        return
    if waba is not None:
        move_waba(waba=waba, to=onboarding.client, actor=None)
    Portfolio.objects.filter(business_id=business_id or "", client=other).update(client=onboarding.client)


def _keep_portfolio(reading: WabaReading, client: Client) -> None:
    """Remember whose portfolio it is, so that discovery gives what it finds there to the same client."""
    business_id = reading.owner_business_id
    # Our own portfolio owns WABAs of many clients, and stands for none of them.
    if business_id and business_id != settings.META_BUSINESS_ID:
        name = (reading.owner_business_name or "")[:LONGEST_NAME]
        Portfolio.objects.get_or_create(business_id=business_id, defaults={"name": name, "client": client})
