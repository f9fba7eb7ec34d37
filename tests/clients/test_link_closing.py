"""Links don't outlive the trust in the people who had them."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser
from django.urls import reverse

from clients import links
from clients.clients import move_waba
from clients.models import Client, User, Waba
from clients.models.links import Link
from phones.models import CodeLink, PhoneNumber
from phones.onboarding import codes
from phones.tasks import tick
from tests.back_office import page as back_office
from tests.clients.test_admin_people import person_form
from tests.conftest import SignIn
from tests.phones.reading import text_of

pytestmark = pytest.mark.django_db


def made_by(person: User, client: Client, number: PhoneNumber) -> list[tuple[Link, str]]:
    """A link of each kind with its address."""
    made: list[tuple[Link, str]] = [
        (links.make_signup_link(client=client, actor=person), "signup:page"),
        (links.make_status_link(client=client, actor=person), "signup:status"),
        (codes.code_link_for(number=number, actor=person), "signup:code"),
    ]
    return [(link, reverse(route, args=[links.token_of(link)])) for link, route in made]


def statuses(made: list[tuple[Link, str]]) -> set[int]:
    """What whoever has the addresses gets there."""
    return {Browser().get(address).status_code for _link, address in made}


def open_links(client: Client, reader: Browser) -> str:
    return text_of(reader.get(f"/clients/{client.pk}/links/"))


@pytest.fixture
def of_alice(account_manager: User, alices_client: Client, alices_number: PhoneNumber) -> list[tuple[Link, str]]:
    return made_by(account_manager, alices_client, alices_number)


@pytest.mark.parametrize("how", ["deactivated", "without a role"])
def test_whoever_leaves_takes_the_links_that_they_made_out_of_the_world(
    desk: Browser, account_manager: User, of_alice: list[tuple[Link, str]], how: str
) -> None:
    assert statuses(of_alice) == {200}
    manager = account_manager.groups.get()
    form = person_form(account_manager, groups=[manager.pk]) if how == "deactivated" else person_form(account_manager)
    if how == "deactivated":
        form["is_active"] = ""

    answer = text_of(desk.post(back_office(User, "change", account_manager.pk), form, follow=True))

    assert "Open links that alice had made: 3 revoked." in answer
    assert statuses(of_alice) == {410}
    assert LogEntry.objects.filter(change_message="Revoked: alice has left.").count() == 3


def test_the_links_of_whoever_leaves_can_be_handed_to_somebody_who_answers_for_them(
    desk: Browser, account_manager: User, covering_manager: User, of_alice: list[tuple[Link, str]]
) -> None:
    form = person_form(account_manager, is_active="", links_go_to=covering_manager.pk)
    desk.post(back_office(User, "change", account_manager.pk), form)
    tick()

    assert statuses(of_alice) == {200}
    assert CodeLink.objects.get().created_by == covering_manager
    assert LogEntry.objects.filter(change_message="Handed over: alice → carol.").count() == 3


def test_nobody_who_is_changed_and_stays_loses_a_link(
    desk: Browser, account_manager: User, of_alice: list[tuple[Link, str]]
) -> None:
    groups = [account_manager.groups.get().pk]
    desk.post(
        back_office(User, "change", account_manager.pk), person_form(account_manager, groups=groups, first_name="A.")
    )
    tick()

    assert statuses(of_alice) == {200}


def test_the_clock_finds_whoever_left_by_another_way(
    account_manager: User, alices_number: PhoneNumber, of_alice: list[tuple[Link, str]], team_lead: User
) -> None:
    User.objects.filter(pk=account_manager.pk).update(is_active=False)  # past everything that could notice
    leads = links.make_status_link(client=alices_number.waba.client, actor=team_lead)

    tick()

    assert statuses(of_alice) == {410}
    leads.refresh_from_db()
    assert leads.revoked_at is None


def test_the_links_of_a_person_who_is_deleted_end_with_them(
    account_manager: User, of_alice: list[tuple[Link, str]]
) -> None:
    account_manager.delete()

    assert statuses(of_alice) == {410}


@pytest.mark.parametrize(("choice", "status"), [("", 200), ("keep", 200), ("revoke", 410)])
def test_giving_a_client_to_somebody_else_asks_about_its_links(
    sign_in: SignIn,
    team_lead: User,
    other_manager: User,
    alices_client: Client,
    of_alice: list[tuple[Link, str]],
    choice: str,
    status: int,
) -> None:
    browser = sign_in(team_lead)
    page = text_of(browser.get(f"/clients/{alices_client.pk}/"))
    assert "Usually kept, and revoked where who had the client has left the desk." in page

    form = {"owner": other_manager.pk, "cover": "", "links": choice}
    browser.post(f"/clients/{alices_client.pk}/assign/", form)

    assert statuses(of_alice) == {status}


def test_giving_on_a_client_of_somebody_who_left_closes_also_the_links_of_others(
    sign_in: SignIn, team_lead: User, other_manager: User, account_manager: User, alices_client: Client
) -> None:
    by_lead = links.make_status_link(client=alices_client, actor=team_lead)
    account_manager.groups.clear()

    form = {"owner": other_manager.pk, "cover": "", "links": ""}
    answer = sign_in(team_lead).post(f"/clients/{alices_client.pk}/assign/", form, follow=True)

    assert "Open links revoked: 1." in text_of(answer)
    by_lead.refresh_from_db()
    assert by_lead.revoked_at is not None


def test_a_code_link_does_not_go_along_with_a_waba_to_another_client(
    administrator: User, of_alice: list[tuple[Link, str]], alices_waba: Waba, foreign_client: Client
) -> None:
    move_waba(waba=alices_waba, to=foreign_client, actor=administrator)

    kinds = {type(link).__name__: Browser().get(address).status_code for link, address in of_alice}
    assert kinds == {"SignupLink": 200, "StatusLink": 200, "CodeLink": 410}
    assert "is Zeta Garage’s now" in LogEntry.objects.latest("pk").change_message


def test_one_page_has_every_open_link_of_a_client_and_revokes_one_or_all(
    sign_in: SignIn,
    account_manager: User,
    viewer: User,
    alices_client: Client,
    alices_number: PhoneNumber,
    foreign_client: Client,
    foreign_number: PhoneNumber,
    other_manager: User,
    of_alice: list[tuple[Link, str]],
) -> None:
    others = made_by(other_manager, foreign_client, foreign_number)
    browser = sign_in(account_manager)
    address = f"/clients/{alices_client.pk}/links/"
    shown = browser.get(address).content.decode()
    for words in ("Signup link", "Code link", "Status link", str(alices_number), "Made by", "alice", "not yet"):
        assert words in shown
    assert all(links.token_of(link) not in shown for link, _ in of_alice)

    first = browser.post(f"/signup/links/signup/{of_alice[0][0].pk}/revoke/", {"next": address}, follow=True)
    assert first.redirect_chain[-1][0] == address
    assert "Signup link" not in open_links(alices_client, browser)

    assert "Revoke 2 links" in text_of(browser.get(f"{address}revoke/"))
    assert statuses(of_alice[1:]) == {200}  # asking changed nothing
    assert "Revoked: 2 links." in text_of(browser.post(f"{address}revoke/", follow=True))
    assert statuses(of_alice) == {410}
    assert statuses(others) == {200}
    assert LogEntry.objects.filter(change_message="Revoked: all links of the client.").count() == 2
    assert "Nobody can open a page" in open_links(alices_client, browser)
