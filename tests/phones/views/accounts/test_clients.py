"""The list of clients, and one client."""

import datetime
import re

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.choices import Role
from clients.models import Client, SyncFailure, User, Waba
from phones.models import PhoneNumber
from phones.views.accounts import clients as views
from tests.conftest import SignIn
from tests.factories import make_client, make_listing, make_number, make_person, make_portfolio, make_waba
from tests.phones.reading import shown_to


def names_on(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a class="row" href="/clients/\d+/">(.*?)</a>', page)


def test_people_see_the_clients_they_own_or_cover_and_no_others(
    account_manager: User,
    covering_manager: User,
    team_lead: User,
    stranger: User,
    alices_client: Client,
    foreign_client: Client,
    sign_in: SignIn,
) -> None:
    assert names_on(shown_to(account_manager, "/clients/", sign_in)) == ["Alpha Bakery"]
    assert names_on(shown_to(covering_manager, "/clients/", sign_in)) == ["Alpha Bakery"]
    assert names_on(shown_to(team_lead, "/clients/", sign_in)) == ["Alpha Bakery", "Zeta Garage"]
    assert names_on(shown_to(stranger, "/clients/", sign_in)) == []


def test_each_line_counts_wabas_numbers_and_failures(team_lead: User, sign_in: SignIn) -> None:
    client = make_client("Counted")
    now = timezone.now()
    good, bad = make_waba(client, last_synced_at=now), make_waba(client, last_synced_at=now)
    bad.last_failure = SyncFailure.objects.create(waba=bad, kind="transient", at=now)
    bad.save()
    shared = make_number(good)
    make_listing(shared, bad)
    make_number(bad)

    page = shown_to(team_lead, "/clients/", sign_in)

    assert "1 failing" in page
    assert re.findall(r'<td class="num[^"]*">(?:<a[^>]*>)?(\d+)', page) == ["2", "2"]


def test_the_oldest_reading_counts_and_one_that_never_was_is_never(team_lead: User, sign_in: SignIn) -> None:
    client = make_client()
    make_waba(client, last_synced_at=timezone.now())
    make_waba(client, last_synced_at=timezone.now() - datetime.timedelta(hours=5))

    assert "5 h ago" in shown_to(team_lead, "/clients/", sign_in)

    make_waba(client, last_synced_at=None)

    page = shown_to(team_lead, "/clients/", sign_in)
    assert "Not read yet" in page
    assert "All read" not in page


def test_a_client_without_an_owner_is_marked(team_lead: User, sign_in: SignIn) -> None:
    make_client("Orphan")

    assert "Nobody" in shown_to(team_lead, "/clients/", sign_in)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=alph", ["Alpha Bakery"]),
        ("q=nothing", []),
        ("owner=alice", ["Alpha Bakery"]),
        ("owner=-", ["Orphan"]),
        ("owner=me", []),
        ("owner=nobody-of-that-name", []),
        ("failing=yes", ["Zeta Garage"]),
        ("q=%00", ["Alpha Bakery", "Orphan", "Zeta Garage"]),
        ("page=rubbish", ["Alpha Bakery", "Orphan", "Zeta Garage"]),
    ],
)
def test_the_list_is_searched_and_filtered_by_its_address(
    query: str,
    expected: list[str],
    team_lead: User,
    alices_client: Client,
    foreign_waba: Waba,
    sign_in: SignIn,
) -> None:
    make_client("Orphan")
    foreign_waba.last_failure = SyncFailure.objects.create(waba=foreign_waba, kind="transient", at=timezone.now())
    foreign_waba.save()

    assert names_on(shown_to(team_lead, f"/clients/?{query}", sign_in)) == expected


def test_nothing_found_differs_from_nothing_there(team_lead: User, account_manager: User, sign_in: SignIn) -> None:
    assert "No clients yet" in shown_to(team_lead, "/clients/", sign_in)
    assert "No client is yours yet" in shown_to(account_manager, "/clients/", sign_in)

    make_client()

    assert "No client fits" in shown_to(team_lead, "/clients/?q=nothing", sign_in)


def test_pages_follow_each_other_in_order_of_name_both_ways(
    team_lead: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views.ClientList, "page_sizes", (2,))
    for name in ("delta", "Alpha", "charlie", "Bravo", "Echo"):
        make_client(name)

    first = shown_to(team_lead, "/clients/", sign_in)
    second = shown_to(team_lead, _link(first, "next"), sign_in)
    third = shown_to(team_lead, _link(second, "next"), sign_in)
    back = shown_to(team_lead, _link(third, "prev"), sign_in)

    assert [names_on(page) for page in (first, second, third)] == [["Alpha", "Bravo"], ["charlie", "delta"], ["Echo"]]
    assert names_on(back) == ["charlie", "delta"]


def test_the_list_costs_the_same_for_one_client_and_for_many(
    team_lead: User, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        owner = make_person(f"manager-{number}", Role.ACCOUNT_MANAGER)
        make_number(make_waba(make_client(owner=owner)))
    browser = sign_in(team_lead)
    # The count of changes beside the navigation is kept for a while.
    browser.get("/changes/")

    with django_assert_max_num_queries(11):
        browser.get("/clients/")


def test_a_foreign_client_is_as_unknown_as_one_that_does_not_exist(
    account_manager: User, foreign_client: Client, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)

    for pk in (foreign_client.pk, 999_999, 10**30):
        assert browser.get(f"/clients/{pk}/").status_code == 404
        assert browser.post(f"/clients/{pk}/assign/").status_code == 404


def test_a_client_shows_its_people_portfolios_wabas_and_numbers(
    account_manager: User, alices_client: Client, alices_waba: Waba, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    make_portfolio(alices_client, "4242424242")

    page = shown_to(account_manager, f"/clients/{alices_client.pk}/", sign_in)

    for text in ("alice", "carol", "4242424242", "Alpha Bakery WABA", str(alices_number), "…WXYZ", "Refresh"):
        assert text in page
    assert 'name="owner"' not in page


def test_a_number_shared_with_another_client_does_not_name_that_one(
    account_manager: User, alices_client: Client, alices_waba: Waba, foreign_waba: Waba, sign_in: SignIn
) -> None:
    shared = make_number(foreign_waba)
    make_listing(shared, alices_waba)
    make_waba(alices_client)

    page = shown_to(account_manager, f"/clients/{alices_client.pk}/", sign_in)

    assert str(shared) in page
    assert "Zeta" not in page


def test_a_client_costs_few_queries_however_much_it_has(
    account_manager: User,
    alices_client: Client,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(5):
        waba = make_waba(alices_client)
        for _ in range(4):
            make_number(waba)
    browser = sign_in(account_manager)
    # The count of changes beside the navigation is kept for a while.
    browser.get("/changes/")

    with django_assert_max_num_queries(15):
        browser.get(f"/clients/{alices_client.pk}/")


def test_a_lead_gives_a_client_to_somebody(
    team_lead: User, account_manager: User, covering_manager: User, sign_in: SignIn
) -> None:
    client = make_client("Orphan")

    answer = sign_in(team_lead).post(
        f"/clients/{client.pk}/assign/", {"owner": account_manager.pk, "cover": covering_manager.pk}, follow=True
    )

    client.refresh_from_db()
    assert (client.owner, client.cover) == (account_manager, covering_manager)
    assert "now looked after by alice and covered by carol" in answer.content.decode()


@pytest.mark.parametrize("wrong", ["same", "no role", "rubbish"])
def test_people_who_cannot_look_after_a_client_are_refused_in_words(
    wrong: str, team_lead: User, account_manager: User, stranger: User, sign_in: SignIn
) -> None:
    client = make_client("Orphan")
    posted = {
        "same": {"owner": account_manager.pk, "cover": account_manager.pk},
        "no role": {"owner": stranger.pk},
        "rubbish": {"owner": "rubbish"},
    }[wrong]

    page = sign_in(team_lead).post(f"/clients/{client.pk}/assign/", posted, follow=True).content.decode()

    client.refresh_from_db()
    assert client.owner is None
    assert 'class="message error"' in page


def test_managers_may_not_give_clients_away(
    account_manager: User, alices_client: Client, other_manager: User, sign_in: SignIn
) -> None:
    answer = sign_in(account_manager).post(f"/clients/{alices_client.pk}/assign/", {"owner": other_manager.pk})

    alices_client.refresh_from_db()
    assert answer.status_code == 403
    assert alices_client.owner == account_manager


def _link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}"\s+href="(/clients/\?[^"]+)"', page)
    assert found, f"no link to the {rel} page"
    return found[1].replace("&amp;", "&")


# --- A client that was just won ---------------------------------------------------------------------------------------


def test_an_account_manager_adds_a_client_and_looks_after_it(account_manager: User, sign_in: SignIn) -> None:
    browser = sign_in(account_manager)
    assert 'href="/clients/new/"' in browser.get("/clients/").content.decode()

    page = browser.post("/clients/new/", {"name": "  Corner   Bakery "}, follow=True).content.decode()

    made = Client.objects.get()
    assert (made.name, made.owner) == ("Corner Bakery", account_manager)
    assert "Corner Bakery is on the desk." in page
    assert "Make a signup link" in page


def test_a_viewer_adds_no_client(viewer: User, sign_in: SignIn) -> None:
    browser = sign_in(viewer)
    assert "/clients/new/" not in browser.get("/clients/").content.decode()
    for answer in (browser.get("/clients/new/"), browser.post("/clients/new/", {"name": "X"})):
        assert answer.status_code == 403
    assert not Client.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 513])
def test_a_client_needs_a_name_that_can_be_shown(account_manager: User, sign_in: SignIn, name: str) -> None:
    assert sign_in(account_manager).post("/clients/new/", {"name": name}).status_code == 422
    assert not Client.objects.exists()


def test_a_second_client_of_the_same_name_is_refused_where_one_sees_the_first_and_only_there(
    account_manager: User, other_manager: User, alices_client: Client, sign_in: SignIn
) -> None:
    answer = sign_in(account_manager).post("/clients/new/", {"name": "ALPHA bakery"})
    assert answer.status_code == 422
    assert "There is a client called" in answer.content.decode()

    assert sign_in(other_manager).post("/clients/new/", {"name": "Alpha Bakery"}).status_code == 302
