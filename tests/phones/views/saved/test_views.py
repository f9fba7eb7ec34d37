"""Saved views: kept from a list, opened by their address, shared, changed, and shown with their counts."""

import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Client, SavedView, User
from phones.models import PhoneNumber
from portal.web.query import LISTS
from tests.conftest import SignIn
from tests.factories import make_client, make_number, make_waba
from tests.phones.listing.rows import ids_on, link, text_of

QUERY = "/phones/?quality_rating=RED&sort=-client&columns=display_phone_number,quality_rating,client&per_page=100"


def keep(browser: Browser, name: str = "Low quality", query: str = QUERY, **more: str) -> str:
    """The address of the view that the person keeps."""
    response = browser.post("/views/", {"list": "numbers", "query": query, "name": name, **more})
    assert response.status_code == 302
    return response["Location"]


def say(browser: Browser) -> str:
    """What the next page reports."""
    return text_of(browser.get("/views/"))


def rows_at(browser: Browser, address: str) -> list[str]:
    """The numbers that are listed there, asked for as when one turns the page: the results alone."""
    return ids_on(browser.get(address, headers={"HX-Request": "true"}))


@pytest.fixture
def low(alices_client: Client) -> PhoneNumber:
    """A number of Alice's and Carol's that is rated low."""
    return make_number(make_waba(alices_client), quality_rating="RED")


def test_a_view_keeps_filters_sort_columns_and_page_size(
    account_manager: User, sign_in: SignIn, low: PhoneNumber, alices_number: PhoneNumber
) -> None:
    browser = sign_in(account_manager)

    address = keep(browser)
    response = browser.get(address)

    assert address == "/phones/?view=low-quality"
    assert ids_on(response) == [low.phone_number_id]
    numbers = response.context["list"]
    assert (str(numbers.order), numbers.size) == ("-client", 100)
    assert [column.name for column in numbers.shown_columns()] == ["display_phone_number", "quality_rating", "client"]
    assert 'aria-label="Remove Quality Low"' in text_of(response)


def test_a_shared_view_opens_the_same_rows_for_a_colleague_within_their_own_clients(
    account_manager: User, covering_manager: User, other_manager: User, sign_in: SignIn, low: PhoneNumber
) -> None:
    hers = make_number(make_waba(make_client(owner=account_manager)), quality_rating="RED")
    address = keep(sign_in(account_manager), is_shared="yes")

    assert set(rows_at(sign_in(account_manager), address)) == {low.phone_number_id, hers.phone_number_id}
    assert rows_at(sign_in(covering_manager), address) == [low.phone_number_id]
    assert rows_at(sign_in(other_manager), address) == []
    assert f'href="{address}"' in text_of(sign_in(covering_manager).get("/"))


def test_a_view_that_is_not_shared_answers_like_one_that_there_is_not_and_shows_no_rows(
    account_manager: User, covering_manager: User, sign_in: SignIn, low: PhoneNumber
) -> None:
    address, colleague = keep(sign_in(account_manager)), sign_in(covering_manager)

    for there in (address, "/phones/?view=nothing"):
        page = colleague.get(there)
        assert "There is no view" in text_of(page)
        assert ids_on(page) == []
        assert text_of(colleague.get(there.replace("/phones/", "/phones/export.csv"))).count("\n") == 1
    for slug in ("low-quality", "nothing"):
        assert colleague.post(f"/views/{slug}/", {"do": "delete"}).status_code == 404
    assert address not in text_of(colleague.get("/"))
    assert "low-quality" not in text_of(colleague.get("/views/"))


def test_what_is_asked_beside_a_view_takes_the_place_of_what_it_has(
    account_manager: User, sign_in: SignIn, low: PhoneNumber, alices_number: PhoneNumber
) -> None:
    browser = sign_in(account_manager)
    address = keep(browser)

    assert rows_at(browser, f"{address}&quality_rating=GREEN") == [alices_number.phone_number_id]


def test_pages_of_a_view_keep_its_short_address_and_a_change_spells_everything_out(
    account_manager: User, sign_in: SignIn, low: PhoneNumber
) -> None:
    make_number(low.waba, quality_rating="RED")
    browser = sign_in(account_manager)
    address = keep(browser, query="/phones/?quality_rating=RED&per_page=1")

    first = browser.get(address)
    following = link(first, "next")

    assert following is not None
    assert following.startswith("/phones/?view=low-quality&page=")
    assert len(rows_at(browser, following)) == 1
    chip = re.search(r'href="([^"]*)" aria-label="Remove Quality Low"', text_of(first))
    assert chip
    assert "based_on=low-quality" in chip[1]
    assert "quality_rating" not in chip[1]
    changed = "/phones/?quality_rating=YELLOW&based_on=low-quality"
    assert "Update “Low quality”" in text_of(browser.get(changed))
    browser.post("/views/low-quality/", {"do": "replace", "query": changed})
    assert SavedView.objects.get().parameters[0] == ["quality_rating", "YELLOW"]


def test_a_view_is_renamed_shared_and_deleted_by_its_owner_and_a_shared_one_by_a_lead(
    account_manager: User, covering_manager: User, team_lead: User, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    keep(browser)

    browser.post("/views/low-quality/", {"do": "rename", "name": " Poor  quality "})
    browser.post("/views/low-quality/", {"do": "share"})
    view = SavedView.objects.get()
    assert (view.name, view.slug, view.is_shared) == ("Poor quality", "low-quality", True)
    for change in ("rename", "delete", "unshare", "replace"):
        assert sign_in(covering_manager).post("/views/low-quality/", {"do": change}).status_code == 403
    assert sign_in(team_lead).post("/views/low-quality/", {"do": "delete"}).status_code == 302
    assert not SavedView.objects.exists()


def test_the_navigation_leads_to_the_view_that_a_person_opens_first_until_it_is_shared_no_more(
    account_manager: User, covering_manager: User, sign_in: SignIn
) -> None:
    owner, colleague = sign_in(account_manager), sign_in(covering_manager)
    address = keep(owner, is_shared="yes")
    numbers = re.compile(r'<a href="([^"]*)" data-go="n"')

    colleague.post("/views/low-quality/", {"do": "open-first"})

    assert numbers.findall(text_of(colleague.get("/clients/"))) == [address]
    assert numbers.findall(text_of(owner.get("/clients/"))) == ["/phones/"]
    owner.post("/views/low-quality/", {"do": "unshare"})
    assert numbers.findall(text_of(colleague.get("/clients/"))) == ["/phones/"]


def test_a_view_that_can_t_be_kept_says_why(account_manager: User, sign_in: SignIn) -> None:
    browser = sign_in(account_manager)
    keep(browser)
    wrong: list[tuple[dict[str, str], str]] = [
        ({"name": " "}, "a name that can be read"),
        ({"name": "x" * 61}, "at most 60"),
        ({"name": "Low quality"}, "already"),
        ({"list": "nothing", "name": "x"}, "There is no list"),
        ({"query": "?flavour=sweet", "name": "x"}, "flavour"),
    ]

    for form, said in wrong:
        browser.post("/views/", {"list": "numbers", "query": QUERY, **form})
        assert said in say(browser), form
    assert SavedView.objects.count() == 1


def test_viewers_keep_views_and_share_none_and_people_without_a_role_keep_none(
    viewer: User, stranger: User, sign_in: SignIn
) -> None:
    keep(sign_in(viewer))
    for who in (viewer, stranger):
        sign_in(who).post("/views/", {"list": "numbers", "query": QUERY, "name": "Other", "is_shared": "yes"})
    sign_in(viewer).post("/views/low-quality/", {"do": "share"})

    assert list(SavedView.objects.values_list("owner__username", "is_shared")) == [("vera", False)]
    assert "You have no role yet" in say(sign_in(stranger))


def test_a_view_by_a_filter_that_there_is_no_more_shows_nothing_and_says_so(
    account_manager: User, sign_in: SignIn, low: PhoneNumber
) -> None:
    browser = sign_in(account_manager)
    address = keep(browser)
    SavedView.objects.update(parameters=[["flavour", "sweet"]])

    assert rows_at(browser, address) == []
    assert "flavour" in say(browser)
    assert browser.get("/counts/").status_code == 200


def test_a_shared_view_of_which_something_else_is_stored_than_a_query_breaks_no_colleagues_pages(
    account_manager: User, covering_manager: User, sign_in: SignIn, low: PhoneNumber
) -> None:
    address = keep(sign_in(account_manager), is_shared="yes")
    browser = sign_in(covering_manager)

    for stored in ({"a": 1}, "xy", [5], [["q"]], [["client", None]]):
        SavedView.objects.update(parameters=stored)
        assert "not a query" in say(browser), stored
        assert rows_at(browser, address) == [], stored
        assert browser.get("/counts/").status_code == 200, stored


def test_text_that_no_database_holds_names_no_view_and_is_not_kept_in_one(
    account_manager: User, sign_in: SignIn, low: PhoneNumber
) -> None:
    browser = sign_in(account_manager)

    for path in ("/phones/", "/clients/", "/wabas/", "/syncs/", "/preverified/", "/phones/export.csv"):
        for name in ("view", "based_on"):
            assert browser.get(path, {name: "a\0b"}).status_code == 200, (path, name)
    keep(browser, query="/phones/?q=a%00b")
    assert "no text has" in say(browser)
    assert not SavedView.objects.exists()


# --- Counts -----------------------------------------------------------------------------------------------------------


def test_the_navigation_counts_what_each_view_finds_and_the_title_how_many_need_somebody(
    account_manager: User, sign_in: SignIn, low: PhoneNumber, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    make_number(alices_number.waba, status="BANNED")
    make_number(foreign_number.waba, status="BANNED")
    browser = sign_in(account_manager)
    keep(browser)

    counted = text_of(browser.get("/counts/?queues=1"))

    assert re.search(r"Low quality</span>\s*<span class=\"n\">1</span>", counted)
    assert 'data-need="1 needs you"' in counted
    assert re.search(r'id="count-restricted" hx-swap-oob="true">1</span>', counted)
    page = text_of(browser.get("/phones/"))
    assert re.search(r"<title[^>]*>\s*1 needs you – Numbers", page)
    assert re.search(r'<link rel="icon"[^>]*href="/static/icon-need[^"]*"', page)
    assert re.search(r'id="count-quality">1</span>', page)


def test_asking_for_the_counts_takes_few_statements_however_many_views(
    account_manager: User, sign_in: SignIn, low: PhoneNumber, django_assert_max_num_queries: type
) -> None:
    browser = sign_in(account_manager)
    for name in "abcdefghij":
        keep(browser, name=name, query=f"/phones/?q={name}&client={low.waba.client_id}")

    with django_assert_max_num_queries(12):
        browser.get("/counts/?queues=1")
    with django_assert_max_num_queries(12):
        browser.get("/views/")


def test_every_list_can_be_kept_as_a_view(team_lead: User, sign_in: SignIn, alices_client: Client) -> None:
    browser = sign_in(team_lead)

    for name, path in (
        ("clients", "/clients/"),
        ("wabas", "/wabas/"),
        ("signups", "/signup/"),
        ("runs", "/syncs/"),
        ("pool", "/preverified/"),
        ("events", "/events/"),
    ):
        assert f'name="list" value="{name}"' in text_of(browser.get(path)), path
        address = keep(browser, name=name, query=path, list=name)
        assert address == f"{path}?view={name}"
        assert browser.get(address).status_code == 200


def test_a_shared_view_is_for_those_who_may_open_its_list(
    account_manager: User, team_lead: User, administrator: User, sign_in: SignIn
) -> None:
    for name in LISTS:
        SavedView.objects.create(owner=administrator, list_name=name, name=name, slug=name, is_shared=True)

    for person in (account_manager, team_lead):
        browser = sign_in(person)
        opened = {name for name, each in LISTS.items() if browser.get(reverse(each.route)).status_code == 200}
        assert opened != set(LISTS)
        assert set(SavedView.objects.visible_to(person).values_list("list_name", flat=True)) == opened
    assert SavedView.objects.visible_to(administrator).count() == len(LISTS)
