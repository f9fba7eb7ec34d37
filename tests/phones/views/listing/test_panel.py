"""The filter panel and the columns of the numbers list: what they offer, count and remember."""

import re

import pytest
from django.test import Client as Browser

from clients.models import Client, User
from phones.listing import value_counts
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_client, make_number, make_waba
from tests.phones.listing.rows import found, page_of, text_of


def counts(browser: Browser, query: str = "") -> dict[str, dict[str, int]]:
    """The counts beside the choices: filter, then the choice in words."""
    panel = text_of(browser.get(f"/phones/panel/?{query}"))
    choices = re.findall(r'<span title="[^"]*">([^<]*)</span>\s*<span class="n" id="([^"]*)"></span>', panel)
    labels = {place: label for label, place in choices}
    counted = text_of(browser.get(f"/phones/filters/?{query}"))
    told: dict[str, dict[str, int]] = {}
    for place, count in re.findall(r'id="(of-[^"]*)" hx-swap-oob="true">(\d+)<', counted):
        told.setdefault(place.removeprefix("of-").rpartition("-")[0], {})[labels[place]] = int(count)
    return told


def columns_of(browser: Browser, address: str = "/phones/") -> list[str]:
    """The heads of the columns, but for that of the checkboxes."""
    heads = re.findall(r'<th scope="col".*?</th>', text_of(browser.get(address)))
    words = [re.sub(r"<[^>]*>", "", head).strip() for head in heads]
    return [word for word in words if word != "Select this page"]


# --- Choices ----------------------------------------------------------------------------------------------------------


def test_each_choice_says_how_many_numbers_it_would_find_within_one_s_own_clients(
    account_manager: User, sign_in: SignIn, alices_client: Client, foreign_number: PhoneNumber
) -> None:
    waba = make_waba(alices_client)
    for rating, status in (("RED", "CONNECTED"), ("RED", "PENDING"), ("GREEN", "CONNECTED"), (None, "CONNECTED")):
        make_number(waba, quality_rating=rating, status=status)
    browser = sign_in(account_manager)

    everything, low = counts(browser), counts(browser, "quality_rating=RED")

    assert everything["quality_rating"] == {"High": 1, "Medium": 0, "Low": 2, "Not rated": 0, "Not returned": 1}
    assert low["quality_rating"] == everything["quality_rating"]
    assert low["status"]["Connected"] == low["status"]["Not registered"] == 1
    assert everything["status"]["Connected"] == 3
    assert low["registered"] == {"Registered": 1, "Not registered": 1, "Can’t tell": 0}


def test_a_list_that_is_too_long_is_not_counted_by_value(
    team_lead: User, sign_in: SignIn, alices_number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_number(alices_number.waba)
    monkeypatch.setattr(value_counts, "COUNTED", 1)

    answer = text_of(sign_in(team_lead).get("/phones/filters/"))

    assert "Too many numbers" in answer
    assert "of-status" not in answer


def test_synonyms_are_one_choice_one_chip_and_one_place_to_remove_them(
    team_lead: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    unverified, not_verified = (
        make_number(alices_number.waba, code_verification_status=value) for value in ("UNVERIFIED", "NOT_VERIFIED")
    )
    browser = sign_in(team_lead)
    choice = 'name="code_verification_status" value="NOT_VERIFIED,UNVERIFIED"'
    assert choice in text_of(page_of(browser, panel="shown"))

    both = page_of(browser, panel="shown", code_verification_status="NOT_VERIFIED,UNVERIFIED")

    assert found(browser, code_verification_status="NOT_VERIFIED,UNVERIFIED") == {
        unverified.phone_number_id,
        not_verified.phone_number_id,
    }
    assert f"{choice} checked" in text_of(both)
    assert re.findall(r'href="([^"]*)" aria-label="Remove One-time code Needs code"', text_of(both)) == ["/phones/"]
    assert found(browser, code_verification_status="UNVERIFIED") == {unverified.phone_number_id}


def test_a_client_is_found_by_part_of_its_name_among_however_many_and_stays_chosen(
    account_manager: User, other_manager: User, sign_in: SignIn, foreign_client: Client
) -> None:
    for number in range(60):
        make_client(f"Shop {number}", owner=account_manager)
    cafe = make_client("Café Łódź", owner=account_manager)
    browser = sign_in(account_manager)

    def offered(query: str) -> list[str]:
        return re.findall(r"<bdi>([^<]*)</bdi>", text_of(browser.get(f"/phones/clients/?{query}")))

    assert offered("client_name=lodz") == ["Café Łódź"]
    assert offered(f"client_name=shop+5&client={cafe.pk}")[:2] == ["Café Łódź", "Shop 5"]
    assert len(offered("client_name=")) == 12
    assert offered("client_name=zeta") == []
    assert offered(f"client={foreign_client.pk}&client_name=zeta") == [str(foreign_client.pk)]
    page = text_of(browser.get(f"/phones/panel/?client={cafe.pk}&client_name=shop+59"))
    assert f'name="client" value="{cafe.pk}" checked' in page
    assert "<bdi>Shop 59</bdi>" in page


def test_the_panel_offers_the_account_managers_of_one_s_clients(
    team_lead: User, account_manager: User, sign_in: SignIn, alices_client: Client
) -> None:
    text = text_of(page_of(sign_in(team_lead), panel="shown"))

    assert f'<option value="{account_manager.username}">{account_manager}</option>' in text
    assert f'<option value="{team_lead.username}"' not in text


def test_the_panel_comes_when_it_is_opened_and_until_then_the_form_has_what_is_chosen(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = sign_in(account_manager)
    asked = {"quality_rating": "RED", "sort": "client", "queue": "quality"}

    page, panel = text_of(page_of(browser, **asked)), text_of(browser.get("/phones/panel/", asked))

    (address,) = re.findall(r'href="([^"]*panel=shown)"', page)
    assert 'type="checkbox" name="quality_rating"' not in page
    for text in (panel, text_of(browser.get(address.replace("&amp;", "&")))):
        assert 'type="checkbox" name="quality_rating" value="RED" checked' in text
        assert '<option value="client" selected>' in text
    form = page[page.index('<form class="narrowing"') :].partition("</form>")[0]
    assert dict(re.findall(r'<input type="hidden" name="(\w+)"(?: id="\w+")? value="(\w+)"', form)) == asked


def test_what_htmx_fetches_changes_the_sort_of_the_panel_where_the_page_has_one(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = sign_in(account_manager)

    def fetched(**asked: str) -> str:
        return text_of(browser.get("/phones/", {"sort": "client", **asked}, headers={"HX-Request": "true"}))

    assert '<input type="hidden" name="sort" id="sort" value="client" hx-swap-oob="true">' in fetched()
    assert 'id="ask-counts"' not in fetched()
    assert '<select name="sort" id="sort" hx-swap-oob="true">' in fetched(panel="shown")
    assert 'id="ask-counts"' in fetched(panel="shown")


# --- Columns ----------------------------------------------------------------------------------------------------------


def test_columns_and_their_order_are_remembered_for_each_person_and_can_be_reset(
    account_manager: User, covering_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser, colleague = sign_in(account_manager), sign_in(covering_manager)
    standard = columns_of(browser)
    asked = {"columns": ["quality_rating", "client", "nonsense"], "next": "/phones/?status=CONNECTED&columns=stage"}

    answer = browser.post("/columns/", {"list": "numbers", **asked})

    assert answer["Location"] == "/phones/?status=CONNECTED"
    assert columns_of(browser) == ["Number", "Quality", "Client"]
    assert columns_of(browser, "/phones/?columns=stage") == ["Number", "Stage"]
    assert columns_of(colleague) == standard
    browser.post("/columns/", {"list": "numbers", "columns": ["quality_rating", "client"], "reset": "yes"})
    assert columns_of(browser) == standard


def test_the_columns_to_choose_from_come_when_the_menu_is_opened_and_are_a_page_without_script(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = sign_in(account_manager)
    page = text_of(page_of(browser, columns="stage,client"))
    (address,) = re.findall(r'<a href="(/columns/[^"]*)">Choose columns', page)

    assert 'type="checkbox" name="columns"' not in page
    for headers in ({}, {"HX-Request": "true"}):
        choices = text_of(browser.get(address.replace("&amp;", "&"), headers=headers))
        boxes = re.findall(r'name="columns" value="(\w+)"( checked)?', choices)
        assert boxes[:3] == [("stage", " checked"), ("client", " checked"), ("owner", "")]
    assert browser.get("/columns/?list=nonsense").status_code == 302


@pytest.mark.parametrize(
    ("button", "name", "expected"),
    [
        ("up", "client", ["Number", "Client", "Quality", "Stage"]),
        ("down", "quality_rating", ["Number", "Client", "Quality", "Stage"]),
        ("up", "quality_rating", ["Number", "Quality", "Client", "Stage"]),
        ("down", "stage", ["Number", "Quality", "Client", "Stage"]),
    ],
)
def test_a_column_is_moved_by_a_button_without_script(
    button: str, name: str, expected: list[str], account_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = sign_in(account_manager)

    browser.post("/columns/", {"list": "numbers", "columns": ["quality_rating", "client", "stage"], button: name})

    assert columns_of(browser) == expected


def test_files_have_the_columns_that_the_person_remembers(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = sign_in(account_manager)
    browser.post("/columns/", {"list": "numbers", "columns": ["quality_rating", "status"]})

    address = re.search(r'href="(/phones/export\.csv[^"]*)"', text_of(page_of(browser)))

    assert address
    file = text_of(browser.get(address[1].replace("&amp;", "&")))
    assert file.splitlines()[0].lstrip("\ufeff") == "display_phone_number,verified_name,quality_rating,status"
