"""What Meta's own page says of adding numbers stands where numbers are added."""

from django.test import Client as Browser
from django.urls import reverse

from clients import links
from clients.models import User, Waba
from tests.conftest import SignIn
from tests.factories import make_signup_link
from tests.phones.reading import shown_to


def test_adding_a_number_says_what_migrating_is_and_where_it_starts(
    team_lead: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    page = shown_to(team_lead, f"/wabas/{alices_waba.waba_id}/add-number/", sign_in)

    assert "it moves from that WABA to this one" in page
    assert "turns its two-step verification off" in page
    assert f'href="/clients/{alices_waba.client_id}/#signup"' in page
    assert "Test numbers and personal numbers are as bad an idea as test names" in page
    assert "A number in the WhatsApp Business app can be registered" in page
    assert "must not be in use on WhatsApp or in the WhatsApp Business app" not in page


def test_a_waba_says_where_meta_shows_its_id(team_lead: User, sign_in: SignIn, alices_waba: Waba) -> None:
    assert "under Accounts, WhatsApp accounts" in shown_to(team_lead, f"/wabas/{alices_waba.waba_id}/", sign_in)


def test_the_clients_page_discourages_test_and_personal_numbers_and_says_how_to_move_one(db: None) -> None:
    link = make_signup_link()
    page = " ".join(Browser().get(reverse("signup:page", args=[links.token_of(link)])).content.decode().split())

    assert "Take no test number and nobody’s personal one" in page
    assert "A number that another provider connected" in page
