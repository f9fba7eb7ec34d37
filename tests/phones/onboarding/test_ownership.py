"""Nobody comes to see a WABA by accident: discovery, signups, claims, connections, merges and moves in any order.

What each decides by itself is tested where it lives; here they are mixed, and a ledger of what people gave to whom
says who may see what.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from clients import clients, connect
from clients.choices import AttemptState, Role, WabaOrigin
from clients.models import Client, Credential, Portfolio, User, Waba
from clients.ownership import OtherClientError
from phones import waking
from phones.onboarding import accounts, claiming
from phones.onboarding.run import open_onboarding
from phones.sync import discovery
from portal.graph import NumberListing, WabaReading
from tests.factories import TOKEN, make_attempt, make_client, make_credential, make_person, make_signup_link

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("partner")]

OURS, BAKERS, GARAGES = "300", "301", "302"
# WABA id → the portfolio that owns it; one of the accounts does not tell.
OWNERS = {"101": OURS, "102": OURS, "103": BAKERS, "104": BAKERS, "105": GARAGES, "106": None}
PLAYERS = 3  # clients with an account manager each, from the beginning on


def reading(waba_id: str) -> WabaReading:
    owner = OWNERS[waba_id]
    values: dict[str, object] = {"name": f"Account {waba_id}"}
    if owner is not None:
        values["owner_business_info"] = {"id": owner, "name": f"Business {owner}"}
    return WabaReading(waba_id, values, frozenset(values))


@pytest.fixture
def managers() -> list[User]:
    """The account managers of the players."""
    return [make_person(f"manager-{number}", Role.ACCOUNT_MANAGER) for number in range(PLAYERS)]


@pytest.fixture
def partner(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own business, and a Graph that knows the accounts."""
    settings.META_BUSINESS_ID = OURS
    monkeypatch.setattr(waking, "wake_onboarding", lambda: None)
    monkeypatch.setattr(connect, "graph_client", Graph)


class Graph:
    """As much of Graph as connecting by hand asks for."""

    def waba(self, waba_id: str, **_: Any) -> WabaReading:
        return reading(waba_id)

    def phone_numbers(self, _waba_id: str, **_named: object) -> NumberListing:
        return NumberListing([], 1)


class Desk:
    """The desk in one story. `wabas` and `portfolios` are the ledger: what people, or a first discovery, gave to whom.

    A client that discovery made up may have what it was made for, and nobody may look after it.
    """

    def __init__(self, lead: User, managers: list[User], *, old_row: bool = False) -> None:
        self.lead, self.managers = lead, managers
        self.credential: Credential = make_credential(business_id=OURS)
        self.players = [make_client(f"Player {one}", owner=one) for one in self.managers]
        self.wabas: dict[int, set[str]] = defaultdict(set)
        self.portfolios: dict[int, set[str]] = defaultdict(set)
        self.known = {client.pk for client in self.players}
        if old_row:  # an older version let our own portfolio stand for a client, which was merged into a player since
            Portfolio.objects.create(business_id=OURS, name="We", client=self.players[0])

    # --- What may happen ---

    def discover(self, waba_id: str, _player: int, _late: bool) -> None:
        found = [reading(waba_id), *([reading("102")] if waba_id == "101" else [])]
        origin = WabaOrigin.OWNED_EDGE if OWNERS[waba_id] == OURS else WabaOrigin.CLIENT_EDGE
        discovery.record_page(found, credential=self.credential, origin=origin, run_pk=None, at=timezone.now())
        for client in Client.objects.exclude(pk__in=self.known):
            assert (client.owner, client.cover) == (None, None)
            for waba in client.wabas.all():
                self.give(waba.waba_id, client)

    def sign_up(self, waba_id: str, player: int, late: bool) -> None:
        client, now = self.player(player), timezone.now()
        began = now if late else now - datetime.timedelta(days=1)
        attempt = make_attempt(make_signup_link(client), started_at=began)
        onboarding = open_onboarding(client=client, attempt=attempt, credential=make_credential())
        with suppress(OtherClientError):
            accounts.put_on_desk(reading(waba_id), onboarding=onboarding, asked_at=now)
            self.give(waba_id, client)

    def claim(self, waba_id: str, player: int, _late: bool) -> None:
        client, waba = self.player(player), Waba.objects.filter(waba_id=waba_id).first()
        attempt = make_attempt(make_signup_link(client), state=AttemptState.LOST, said_waba_id=waba_id)
        if waba is None:
            return
        with suppress(claiming.ClaimRefusedError):
            claiming.claim(attempt=attempt, waba=waba, actor=self.lead)
            self.give(waba_id, client)

    def connect(self, waba_id: str, player: int, _late: bool) -> None:
        client = self.player(player)
        with suppress(connect.WabaOfAnotherClientError):
            connect.connect_waba(waba_id=waba_id, client_name=client.name, token=TOKEN, actor=self.lead)
            self.give(waba_id, client)

    def merge(self, waba_id: str, player: int, late: bool) -> None:
        """Merge the WABA's client into the player's, or a player's into another's (`late`)."""
        keep = self.player(player)
        waba = Waba.objects.select_related("client").filter(waba_id=waba_id).first()
        gone = self.player(player + 1) if late or waba is None else waba.client
        if gone == keep:
            return
        pk = gone.pk
        clients.merge_clients(keep=keep, absorb=[gone], actor=self.lead)
        self.wabas[keep.pk] |= self.wabas.pop(pk, set())
        self.portfolios[keep.pk] |= self.portfolios.pop(pk, set())

    def move(self, waba_id: str, player: int, _late: bool) -> None:
        waba, client = Waba.objects.filter(waba_id=waba_id).first(), self.player(player)
        if waba is not None:
            clients.move_waba(waba=waba, to=client, actor=self.lead)
            self.take_away(waba_id)
            self.wabas[client.pk].add(waba_id)

    def remove(self, waba_id: str, _player: int, _late: bool) -> None:
        """The row goes, by hand in the database; what people gave by it is given no more."""
        Waba.objects.filter(waba_id=waba_id).delete()
        self.take_away(waba_id)

    # --- The ledger ---

    def player(self, number: int) -> Client:
        """One of the players' clients; fewer are left after merges."""
        left = Client.objects.filter(owner__isnull=False).order_by("pk")
        return left[number % left.count()]

    def give(self, waba_id: str, client: Client) -> None:
        """The WABA is the client's, and with it the portfolio that it is in, but for our own."""
        self.known.add(client.pk)
        self.take_away(waba_id)
        self.wabas[client.pk].add(waba_id)
        if (owner := OWNERS[waba_id]) is not None and owner != OURS:
            self.portfolios[client.pk].add(owner)

    def take_away(self, waba_id: str) -> None:
        """What was given of the WABA itself counts no more; portfolios stay where they are."""
        for theirs in self.wabas.values():
            theirs.discard(waba_id)

    def insist(self, story: object) -> None:
        """Every account manager sees only what was given to a client of theirs."""
        for manager in self.managers:
            for waba in Waba.objects.visible_to(manager):
                given_by_portfolio = OWNERS[waba.waba_id] in self.portfolios[waba.client_id]
                assert waba.waba_id in self.wabas[waba.client_id] or given_by_portfolio, (waba.waba_id, story)


HAPPENINGS: dict[str, Callable[[Desk, str, int, bool], None]] = {
    "discover": Desk.discover,
    "sign up": Desk.sign_up,
    "claim": Desk.claim,
    "connect": Desk.connect,
    "merge": Desk.merge,
    "move": Desk.move,
    "remove": Desk.remove,
}
STEP = st.tuples(
    st.sampled_from([*HAPPENINGS, "discover", "remove"]),
    st.sampled_from([*OWNERS, "101", "102"]),
    st.integers(0, PLAYERS - 1),
    st.booleans(),
)


def test_whatever_happens_nobody_sees_a_waba_that_was_not_given_to_a_client_of_theirs(
    team_lead: User, managers: list[User]
) -> None:
    @examples(max_examples=20)
    @given(story=st.lists(STEP, min_size=2, max_size=8), old_row=st.booleans())
    @example(story=[(what, "101", 0, False) for what in ("discover", "merge", "remove", "discover")], old_row=False)
    @example(story=[(what, "101", 0, False) for what in ("discover", "claim", "remove", "discover")], old_row=False)
    @example(story=[(what, "101", 0, False) for what in ("discover", "sign up", "remove", "discover")], old_row=False)
    def tell(story: list[tuple[str, str, int, bool]], *, old_row: bool) -> None:
        with transaction.atomic():
            desk = Desk(team_lead, managers, old_row=old_row)
            for what, waba_id, player, late in story:
                HAPPENINGS[what](desk, waba_id, player, late)
                desk.insist(story)
            transaction.set_rollback(True)

    tell()


@pytest.mark.parametrize("order", [("discover", "sign up"), ("sign up", "discover")])
def test_a_signup_gets_a_new_account_whether_or_not_discovery_was_faster(
    order: tuple[str, ...], team_lead: User, managers: list[User]
) -> None:
    desk = Desk(team_lead, managers)

    for what in order:
        HAPPENINGS[what](desk, "103", 1, False)

    assert Waba.objects.get().client == desk.players[1]
    assert Portfolio.objects.get().client == desk.players[1]
    assert Client.objects.count() == PLAYERS


@pytest.mark.parametrize("discovered", [False, True])
def test_a_new_account_of_a_business_that_was_another_clients_is_refused_whether_or_not_discovery_was_faster(
    discovered: bool, team_lead: User, managers: list[User]
) -> None:
    desk = Desk(team_lead, managers)
    desk.discover("103", 0, False)
    before = Client.objects.get(owner=None)
    Client.objects.filter(pk=before.pk).update(created_at=timezone.now() - datetime.timedelta(days=9))
    Waba.objects.filter(waba_id="103").update(created_at=timezone.now() - datetime.timedelta(days=9))
    if discovered:
        desk.discover("104", 0, False)

    desk.sign_up("104", 1, False)

    assert not Waba.objects.exclude(client=before).exists()
    assert Portfolio.objects.get().client == before
