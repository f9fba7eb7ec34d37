"""A whole book goes from one person to another."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from clients import links
from clients.models import Client, User
from tests.conftest import SignIn
from tests.factories import make_client, make_number, make_signup_link, make_waba
from tests.phones.reading import text_of, value_of


def test_a_lead_sees_what_goes_over_and_hands_it_over_in_one_go(
    team_lead: User, account_manager: User, covering_manager: User, other_manager: User, sign_in: SignIn
) -> None:
    owned = make_client("Owned", owner=account_manager, cover=covering_manager)
    covered = make_client("Covered", owner=covering_manager, cover=account_manager)
    over = make_client("Over", owner=covering_manager, cover=account_manager)
    Client.objects.filter(pk=over.pk).update(cover_until=timezone.localdate() - timedelta(days=1))
    others = make_client("Others", owner=other_manager)
    number = make_number(make_waba(owned), registration_deadline=timezone.now() + timedelta(days=3))
    link = make_signup_link(owned)
    browser = sign_in(team_lead)

    page = text_of(browser.get(f"/handover/?giver={account_manager.pk}&taker={covering_manager.pk}"))

    assert value_of(page, "Clients") == "2"
    assert str(number) in value_of(page, "Deadlines ahead")
    assert value_of(page, "Open links") == "1 signup, 0 code, 0 status"
    assert "Account manager: alice → carol. Cover: carol → nobody." in page

    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]
    form = {"giver": account_manager.pk, "taker": covering_manager.pk, "seen": seen}
    answer = text_of(browser.post("/handover/", form, follow=True))

    assert "2 clients of alice went over to carol." in answer
    link.refresh_from_db()
    assert link.revoked_at is None, "the links of who stays are kept unless they are told to be revoked"
    for client, owner, cover in (
        (owned, covering_manager, None),
        (covered, covering_manager, None),
        (over, covering_manager, account_manager),
        (others, other_manager, None),
    ):
        client.refresh_from_db()
        assert (client.owner, client.cover) == (owner, cover), client
    assert LogEntry.objects.filter(user=team_lead).count() == 2
    assert text_of(sign_in(account_manager).get("/clients/")).count("Owned") == 0


def test_a_book_that_changed_since_it_was_looked_at_stays_where_it_is(
    team_lead: User, account_manager: User, other_manager: User, alices_client: Client, sign_in: SignIn
) -> None:
    browser = sign_in(team_lead)
    address = f"/handover/?giver={account_manager.pk}&taker={other_manager.pk}"
    seen = re.findall(r'name="seen" value="(\w+)"', text_of(browser.get(address)))[0]
    make_client(owner=account_manager)

    form = {"giver": account_manager.pk, "taker": other_manager.pk, "seen": seen}
    answer = text_of(browser.post("/handover/", form, follow=True))

    assert "Nothing was changed" in answer
    assert Client.objects.filter(owner=account_manager).count() == 2


def test_nobody_takes_over_their_own_book_or_without_a_role(
    team_lead: User, account_manager: User, alices_client: Client, stranger: User, sign_in: SignIn
) -> None:
    browser = sign_in(team_lead)
    for taker, why in ((account_manager, "Choose two different people."), (stranger, "Select a valid choice")):
        answer = browser.get(f"/handover/?giver={account_manager.pk}&taker={taker.pk}")
        assert answer.status_code == 422
        assert why in text_of(answer)
    assert sign_in(account_manager).post("/handover/", {}).status_code == 403


@pytest.mark.parametrize(("has_left", "choice", "is_revoked"), [(False, "revoke", True), (True, "keep", False)])
def test_a_handover_asks_what_becomes_of_the_open_links_and_says_what_it_does_by_itself(
    team_lead: User,
    account_manager: User,
    other_manager: User,
    alices_client: Client,
    sign_in: SignIn,
    *,
    has_left: bool,
    choice: str,
    is_revoked: bool,
) -> None:
    link = links.make_status_link(client=alices_client, actor=team_lead)
    User.objects.filter(pk=account_manager.pk).update(is_active=not has_left)
    browser = sign_in(team_lead)
    page = browser.get(f"/handover/?giver={account_manager.pk}&taker={other_manager.pk}").content.decode()
    preset = re.findall(r'name="links" value="(\w+)"[^>]*checked', page)
    assert preset == ["revoke" if has_left else "keep"]

    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]
    form = {"giver": account_manager.pk, "taker": other_manager.pk, "seen": seen, "links": choice}
    browser.post("/handover/", form)

    link.refresh_from_db()
    assert (link.revoked_at is not None) == is_revoked


def test_many_clients_given_away_at_once_lose_their_links_where_that_is_chosen(
    team_lead: User, account_manager: User, other_manager: User, alices_client: Client, sign_in: SignIn
) -> None:
    link = links.make_status_link(client=alices_client, actor=account_manager)
    browser = sign_in(team_lead)
    form = {"list": "clients", "ids": alices_client.pk, "owner": other_manager.pk, "links": "revoke"}
    page = text_of(browser.post("/clients/assign/", {**form, "step": "preview"}))
    assert "Account manager: alice → otto. Its open links are revoked." in page

    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]
    browser.post("/clients/assign/", {**form, "step": "confirm", "seen": seen})

    link.refresh_from_db()
    assert link.revoked_at is not None
