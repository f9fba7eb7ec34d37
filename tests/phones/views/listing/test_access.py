"""Nobody sees, counts, finds or sorts by what is not theirs."""

import base64

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser

from clients.choices import Role
from clients.models import Client, User, Waba
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_listing, make_number
from tests.phones.listing.rows import found, page_of, text_of

PATHS = ["/phones/", "/phones/export.csv", "/phones/export.xlsx"]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_gets_in_without_a_login(path: str, db: None) -> None:
    response = Browser().get(path)

    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.parametrize("path", PATHS)
def test_nothing_can_be_posted(path: str, administrator: User, sign_in: SignIn) -> None:
    assert sign_in(administrator).post(path).status_code == 405


@pytest.mark.parametrize("who", ["account_manager", "covering_manager"])
def test_a_manager_sees_what_they_own_and_what_they_cover(
    who: str, request: pytest.FixtureRequest, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    browser = sign_in(request.getfixturevalue(who))

    assert found(browser) == {alices_number.phone_number_id}
    assert "1 number" in text_of(page_of(browser))


def test_a_viewer_sees_what_they_cover(
    viewer: User, sign_in: SignIn, alices_number: PhoneNumber, viewed_number: PhoneNumber
) -> None:
    assert found(sign_in(viewer)) == {viewed_number.phone_number_id}


@pytest.mark.parametrize("who", ["administrator", "team_lead"])
def test_leads_see_everything(
    who: str, request: pytest.FixtureRequest, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    assert len(found(sign_in(request.getfixturevalue(who)))) == 2


def test_a_number_that_moved_away_is_seen_by_its_new_people_only(
    account_manager: User, other_manager: User, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    alices_number.listings.update(is_current=False)
    make_listing(alices_number, foreign_number.waba)

    assert found(sign_in(account_manager)) == set()
    assert alices_number.phone_number_id in found(sign_in(other_manager))


@pytest.mark.parametrize("path", PATHS)
def test_no_address_shows_anything_of_others(
    path: str,
    account_manager: User,
    sign_in: SignIn,
    alices_number: PhoneNumber,
    foreign_number: PhoneNumber,
) -> None:
    secrets = {
        "client": foreign_number.waba.client_id,
        "waba": foreign_number.waba.waba_id,
        "id": foreign_number.phone_number_id,
    }
    browser = sign_in(account_manager)

    for query in ("", "?client={client}", "?waba={waba}", "?owner=otto", "?q=zeta", "?q={waba}", "?q={id}"):
        text = text_of(browser.get(path + query.format(**secrets)))
        assert "Zeta" not in text, query
        assert f'data-phone-number-id="{foreign_number.phone_number_id}"' not in text, query
        assert not any(line.startswith(foreign_number.phone_number_id) for line in text.splitlines()), query


def test_a_shared_number_shows_each_person_their_own_waba(
    account_manager: User,
    administrator: User,
    sign_in: SignIn,
    alices_client: Client,
    alices_number: PhoneNumber,
    foreign_number: PhoneNumber,
) -> None:
    make_listing(foreign_number, alices_number.waba)

    for sort in ("client", "-waba_name", "waba_id", "status"):
        text = text_of(page_of(sign_in(account_manager), sort=sort))
        assert foreign_number.phone_number_id in text
        assert "Alpha Bakery WABA" in text
        assert "Zeta Garage WABA" not in text
        assert "+1 WABA" not in text
    assert "Zeta Garage WABA" not in text_of(sign_in(account_manager).get("/phones/export.csv"))
    assert "+1 WABA" in text_of(page_of(sign_in(administrator)))


def test_a_page_address_holds_no_name_of_others(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    make_listing(foreign_number, alices_number.waba)
    response = page_of(sign_in(account_manager), sort="client", per_page="1")

    token = str(response.context["list"].next).rpartition("page=")[2]  # type: ignore[attr-defined] # the test client adds it
    content = base64.urlsafe_b64decode(token + "==").decode()
    assert "Alpha Bakery" in content
    assert "Zeta" not in content


def test_the_choices_name_nobody_elses_clients_and_people(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    text = text_of(page_of(sign_in(account_manager)))

    assert "Alpha Bakery" in text
    assert "Zeta" not in text
    assert "otto" not in text


# --- Why a page is empty ----------------------------------------------------------------------------------------------


def test_without_a_role_the_page_says_why_it_is_empty(
    stranger: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    assert "You have no role yet" in text_of(page_of(sign_in(stranger)))
    assert "You have no role yet" in text_of(page_of(sign_in(stranger), q="alpha"))
    assert text_of(sign_in(stranger).get("/phones/export.csv")).count("\n") == 1


def test_without_clients_the_page_says_why_it_is_empty(
    account_manager: User, sign_in: SignIn, foreign_number: PhoneNumber
) -> None:
    assert "No client is yours yet" in text_of(page_of(sign_in(account_manager)))


@pytest.mark.parametrize("who", ["administrator", "account_manager"])
def test_before_the_first_sync_the_page_says_what_comes(
    who: str, request: pytest.FixtureRequest, sign_in: SignIn, alices_client: Client
) -> None:
    assert "No numbers yet" in text_of(page_of(sign_in(request.getfixturevalue(who))))


def test_when_nothing_fits_the_page_offers_to_clear(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    text = text_of(page_of(sign_in(administrator), q="nothing like this"))

    assert "No number fits" in text
    assert "Clear all" in text


def test_what_pages_keep_counted_does_not_outlive_a_role(team_lead: User, foreign_waba: Waba, sign_in: SignIn) -> None:
    make_number(foreign_waba, status="BANNED")
    browser = sign_in(team_lead)
    assert "1 needs you" in text_of(browser.get("/phones/"))

    team_lead.groups.set(Group.objects.filter(name=Role.ACCOUNT_MANAGER.value))

    assert "1 needs you" not in text_of(browser.get("/phones/"))
