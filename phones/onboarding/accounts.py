"""Which WABA a signup's token opened, and its row. What the client's browser said is a hint and decides nothing.

A WABA that is another client's (`clients.ownership` decides it) is refused: nothing of theirs is touched, and nobody
learns whose it is.
"""

import datetime
from collections.abc import Iterator, Sequence

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from clients.access import NoTokenError, graph_client, token_of
from clients.choices import CredentialKind, CredentialState, WabaOrigin
from clients.credentials import environment_credential
from clients.models import Waba
from clients.ownership import remember_portfolio, take_for_signup
from clients.waba_facts import facts_of
from phones.choices import ChangeKind, Source
from phones.models import Change, Onboarding
from phones.numbers import standing
from phones.sync import discovery
from portal import database_clock
from portal.graph import GraphClient, Meter, NotVisible, PermissionMissing, UnknownField, WabaReading
from portal.rows import row_or_none

# A token that names no WABA is tried on so many of those that Meta lists for us.
MOST_CANDIDATES = 10
# The onboarding reads a new WABA itself; the regular reading comes in after this.
HEAD_START = datetime.timedelta(minutes=5)


def began_at(onboarding: Onboarding) -> datetime.datetime:
    attempt = onboarding.attempt
    return onboarding.created_at if attempt is None else attempt.started_at or attempt.opened_at or attempt.created_at


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
    """The WABA, if the id is one's and this very token may read it."""
    try:
        return graph.waba(waba_id, token=token, meter=meter)
    except (NotVisible, PermissionMissing, UnknownField, ValueError):
        return None


@sensitive_variables()
def _fresh_on_the_edge(graph: GraphClient, onboarding: Onboarding, meter: Meter) -> Iterator[str]:
    """The WABAs that clients share with our business and that are new here, the youngest first. Raises GraphError."""
    credential = environment_credential()
    try:
        token = token_of(credential)
    except NoTokenError:
        return
    pages = graph.client_wabas(credential.business_id if credential is not None else "", token=token, meter=meter)
    listed = [one for page in pages for one in page]
    known = dict(Waba.objects.filter(waba_id__in=[one.waba_id for one in listed]).values_list("waba_id", "created_at"))
    began = began_at(onboarding)
    fresh = [one for one in listed if one.waba_id not in known or known[one.waba_id] >= began]
    fresh.sort(key=lambda one: str(one.values.get("creation_time", "")), reverse=True)
    yield from [one.waba_id for one in fresh[:MOST_CANDIDATES]]


@transaction.atomic
def put_on_desk(reading: WabaReading, *, onboarding: Onboarding, asked_at: datetime.datetime) -> Waba:
    """The WABA's row, of the client who signed up, with what Meta says of it and a token that works.

    Raises ownership.OtherClientError, and then nothing is written.
    """
    onboarding.refresh_from_db(fields=["client"])  # the client may have been merged while Meta was asked
    business_id, client, began = reading.owner_business_id, onboarding.client, began_at(onboarding)
    waba = row_or_none(_locked(reading.waba_id))
    take_for_signup(waba, business_id=business_id, to=client, began=began)
    if waba is None:
        try:
            with transaction.atomic():
                waba = _create(reading, onboarding, asked_at)
        except IntegrityError:  # discovery made it between our look and our insert
            waba = _locked(reading.waba_id).get()
            take_for_signup(waba, business_id=business_id, to=client, began=began)
    discovery.store_facts([(waba, reading, asked_at)])
    remember_portfolio(business_id, reading.owner_business_name, client=client)
    columns: dict[str, object] = {"unlisted_since": None, "unshared_since": None}
    if onboarding.credential_id is not None and not _has_lasting_token(waba):
        columns |= {"credential": onboarding.credential, "not_before": None}
    Waba.objects.filter(pk=waba.pk).update(**columns)
    standing.recompute_troubled([waba.pk])
    waba.refresh_from_db()
    return waba


def _locked(waba_id: str) -> QuerySet[Waba]:
    rows = Waba.objects.select_for_update(of=("self",)).select_related("client", "credential")
    return rows.filter(waba_id=waba_id)


def _create(reading: WabaReading, onboarding: Onboarding, asked_at: datetime.datetime) -> Waba:
    waba = Waba.objects.create(
        waba_id=reading.waba_id,
        client=onboarding.client,
        credential=onboarding.credential,
        origin=WabaOrigin.SIGNUP,
        facts_read_at=asked_at,
        next_sync_at=database_clock.now() + HEAD_START,
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
