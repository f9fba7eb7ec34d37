"""Whose the WABAs are that the business edges list, above all our own: read over the practice server's socket."""

import pytest

from clients.choices import WabaOrigin
from clients.clients import merge_clients
from clients.models import Client, Portfolio, User, Waba
from phones.models import Listing, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_portfolio
from tests.practice import Practice

pytestmark = pytest.mark.django_db


def our_own() -> list[Waba]:
    return list(Waba.objects.filter(origin=WabaOrigin.OWNED_EDGE).select_related("client").order_by("pk"))


def remove(waba: Waba) -> None:
    """The row of the WABA and of its numbers, by hand in the database."""
    Listing.objects.filter(waba=waba).delete()
    PhoneNumber.objects.filter(waba=waba).delete()
    waba.delete()


def test_a_waba_of_ours_that_was_forgotten_comes_back_to_nobody_though_its_client_was_merged(
    whole_practice: Practice, alices_client: Client, account_manager: User, team_lead: User, sign_in: SignIn
) -> None:
    whole_practice.sync()
    waba = our_own()[0]
    merge_clients(keep=alices_client, absorb=[waba.client], actor=team_lead)
    address = f"/wabas/{waba.waba_id}/"
    assert sign_in(account_manager).get(address).status_code == 200

    remove(waba)
    whole_practice.sync()

    assert sign_in(account_manager).get(address).status_code == 404
    assert sign_in(team_lead).get(address).status_code == 200
    found = Waba.objects.get(waba_id=waba.waba_id).client
    assert (found.owner, found.cover) == (None, None)


def test_each_waba_of_ours_is_a_client_of_its_own_and_our_portfolio_is_nobodys(whole_practice: Practice) -> None:
    whole_practice.sync()

    wabas = our_own()
    assert len({waba.client for waba in wabas}) == len(wabas) > 1
    assert [waba.client.name for waba in wabas] == [waba.name for waba in wabas]
    assert not Portfolio.objects.filter(business_id=whole_practice.credentials.business_id).exists()


def test_an_old_row_of_our_portfolio_gives_its_client_nothing_more(
    whole_practice: Practice, alices_client: Client, account_manager: User, sign_in: SignIn
) -> None:
    make_portfolio(alices_client, whole_practice.credentials.business_id, name="Kept by an older version")

    whole_practice.sync()

    assert our_own()
    assert not Waba.objects.visible_to(account_manager).exists()
    assert "Kept by an older version" not in sign_in(account_manager).get(f"/clients/{alices_client.pk}/").text
