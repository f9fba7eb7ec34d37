"""Whose a WABA is and whom a portfolio stands for. Decided here only: for discovery, signups, claims, `connect`.

A portfolio stands for one client, which gets the WABAs that are found in it. Our own portfolio owns WABAs of many
clients and stands for none: a WABA of ours gets a client of its own, whom nobody looks after, so that only team leads
and administrators see it until a person gives it away. That holds for every order of events because whom our own
portfolio stands for is never looked up: a row that an older version kept of it gives nothing to anybody.
Merging clients and moving WABAs (`clients`) write down what a person decided, and decide nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from clients import audit
from clients.choices import AuditKind, CoverState, CredentialKind
from clients.clients import merge_clients, move_waba
from clients.models import Client, Credential, Portfolio, User, Waba
from clients.querysets import PortfolioQuerySet
from clients.waba_facts import LONGEST_NAME
from portal.graph import WabaReading


class OtherClientError(Exception):
    """The WABA belongs to another client. The text names nobody."""

    def __init__(self) -> None:
        super().__init__("This account is in use elsewhere.")


class OwnPortfolioError(Exception):
    """Our own portfolio stands for no client."""

    def __init__(self) -> None:
        super().__init__("This is our own portfolio. It owns accounts of many clients, and stands for none of them.")


def our_own_portfolios() -> frozenset[str]:
    """The ids of the partner's own portfolios: the environment's, and those of all system user tokens."""
    return frozenset({settings.META_BUSINESS_ID, *_system_user_portfolios()}) - {""}


def _system_user_portfolios() -> QuerySet[Credential, str]:
    return Credential.objects.filter(kind=CredentialKind.SYSTEM_USER).values_list("business_id", flat=True)


def clients_portfolios() -> PortfolioQuerySet:
    """All portfolios that stand for a client: whatever row there is of our own stands for none."""
    ours = Q(business_id=settings.META_BUSINESS_ID) | Q(business_id__in=_system_user_portfolios())
    return Portfolio.objects.exclude(ours)


def portfolios_of(client: Client) -> list[Portfolio]:
    return list(clients_portfolios().filter(client=client))


def clients_of_found(found: Sequence[WabaReading]) -> dict[str, Client]:
    """The client of each new WABA that discovery found, by WABA id; clients and portfolios not met before are made."""
    ours = our_own_portfolios()
    ids = {one.owner_business_id for one in found if one.owner_business_id} - ours
    known = Portfolio.objects.filter(business_id__in=ids).select_related("client")
    by_portfolio = {portfolio.business_id: portfolio.client for portfolio in known}
    clients: dict[str, Client] = {}
    made: list[Client] = []
    portfolios: list[Portfolio] = []
    for one in found:
        business_id = one.owner_business_id if one.owner_business_id in ids else None
        client = by_portfolio.get(business_id) if business_id is not None else None
        if client is None:
            client = Client(name=_name_for_owner_of(one, owner_is_client=business_id is not None))
            made.append(client)
            if business_id is not None:
                by_portfolio[business_id] = client
                name = (one.owner_business_name or "")[:LONGEST_NAME]
                portfolios.append(Portfolio(business_id=business_id, name=name, client=client))
        clients[one.waba_id] = client
    Client.objects.bulk_create(made)
    Portfolio.objects.bulk_create(portfolios)
    return clients


def remember_portfolio(business_id: str | None, name: str | None, *, client: Client) -> None:
    """Let the portfolio stand for `client` from now on, unless it stands for somebody already or is our own."""
    if business_id and business_id not in our_own_portfolios():
        defaults = {"name": (name or "")[:LONGEST_NAME], "client": client}
        Portfolio.objects.get_or_create(business_id=business_id, defaults=defaults)


@transaction.atomic
def take_for_signup(waba: Waba | None, *, business_id: str | None, to: Client, began: datetime) -> None:
    """Give a WABA, that a signup of `to` opened, to that client; `waba` is None while the desk has no row of it.

    What discovery made of the WABA while the client was signing up is handed over, so that it does not matter which of
    the two came first. Raises OtherClientError, and then nothing is written, when the WABA or the portfolio it is in
    was another client's before, or somebody looks after that client by now.
    """
    if waba is not None and waba.client_id == to.pk:
        return
    if waba is not None and waba.created_at < began:
        raise OtherClientError
    portfolio = _portfolio(business_id)
    others = {row.client for row in (waba, portfolio) if row is not None and row.client_id != to.pk}
    if any(other.created_at < began or not _is_nobodys(other) for other in others):
        raise OtherClientError
    for other in others:
        _hand_over(waba, business_id, before=other, to=to, actor=None)
    if waba is not None:
        waba.client = to


@transaction.atomic
def hand_over(waba: Waba, *, to: Client, actor: User) -> None:
    """Give `waba` and the portfolio that it is in to the client `to`, because `actor` says that they are theirs."""
    if waba.client_id != to.pk:
        _hand_over(waba, waba.owner_business_id, before=waba.client, to=to, actor=actor)


def _hand_over(waba: Waba | None, business_id: str | None, *, before: Client, to: Client, actor: User | None) -> None:
    """Give `to` what `before` has of the WABA and its portfolio; all of `before`, if there is nothing else to it."""
    portfolio = _portfolio(business_id)
    if _stands_for_nothing_else(before, waba, portfolio):
        merge_clients(keep=to, absorb=[before], actor=actor)
        return
    if waba is not None and waba.client_id == before.pk:
        move_waba(waba=waba, to=to, actor=actor)
    if portfolio is not None and portfolio.client_id == before.pk:
        _give(portfolio, to, actor)


@transaction.atomic
def give_portfolio(portfolio: Portfolio, *, to: Client, actor: User) -> None:
    """Let the portfolio stand for the client `to`. Raises OwnPortfolioError for our own, which stands for none."""
    if portfolio.business_id in our_own_portfolios():
        raise OwnPortfolioError
    current = Portfolio.objects.select_for_update(of=("self",)).select_related("client").get(pk=portfolio.pk)
    if current.client_id != to.pk:
        _give(current, to, actor)


def _give(portfolio: Portfolio, to: Client, actor: User | None) -> None:
    before, portfolio.client = portfolio.client, to
    portfolio.save(update_fields=["client"])
    audit.record(portfolio, f"Client: {before} → {to}.", actor, kind=AuditKind.ACCESS)


def _portfolio(business_id: str | None) -> Portfolio | None:
    """The portfolio with the client it stands for; None for our own, and for one that the desk has not met."""
    if not business_id or business_id in our_own_portfolios():
        return None
    return Portfolio.objects.select_related("client").filter(business_id=business_id).first()


def _is_nobodys(client: Client) -> bool:
    """Whether nobody looks after `client`; a cover that is over counts as nobody."""
    return client.owner_id is None and client.cover_state in {None, CoverState.ENDED}


def _stands_for_nothing_else(client: Client, waba: Waba | None, portfolio: Portfolio | None) -> bool:
    """Whether discovery made this client for the WABA and its portfolio, so that nothing is lost when it is merged."""
    own_wabas = client.wabas.exclude(pk=waba.pk) if waba is not None else client.wabas.all()
    portfolios = client.portfolios.exclude(business_id__in=our_own_portfolios())
    if portfolio is not None:
        own_wabas = own_wabas.exclude(owner_business_id=portfolio.business_id)
        portfolios = portfolios.exclude(pk=portfolio.pk)
    rest = (own_wabas, portfolios, client.signup_links.all(), client.status_links.all(), client.onboardings.all())
    return _is_nobodys(client) and not any(rows.exists() for rows in rest)


def _name_for_owner_of(one: WabaReading, *, owner_is_client: bool) -> str:
    owner = one.owner_business_name if owner_is_client else None
    return (owner or str(one.values.get("name") or "") or f"WABA {one.waba_id}")[:LONGEST_NAME]
