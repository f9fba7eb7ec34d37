"""Turning the pages of the numbers list, and its sorts."""

import datetime
import itertools

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import User, Waba
from phones.listing.columns import ORDERS, STANDARD
from phones.listing.selection import NumberList
from phones.models import PhoneNumber
from portal.web import listing
from tests.conftest import SignIn
from tests.factories import make_client, make_listing, make_number, make_waba
from tests.phones.listing.rows import ids_on, link, page_of, pages_from, shown, text_of, walked

COUNTED = NumberList.counted


@pytest.fixture
def book(alices_waba: Waba, foreign_waba: Waba) -> list[PhoneNumber]:
    """Nine numbers whose facts repeat, differ and lack."""
    wabas = itertools.cycle([alices_waba, foreign_waba, make_waba(make_client("Alpha"), name="")])
    facts = itertools.cycle(["ONE", None, "TWO", "ONE"])
    flags = itertools.cycle([True, None, False, False, True])
    now = timezone.now()
    numbers = []
    for index in range(9):
        value = next(facts)
        numbers.append(
            make_number(
                next(wabas),
                display_phone_number=f"+34 60{index}" if value else None,
                status=value,
                verified_name=value,
                quality_rating=value,
                stage=value or "",
                is_pin_enabled=next(flags),
                is_official_business_account=next(flags),
                last_onboarded_time=now - datetime.timedelta(days=index) if value else None,
                registration_deadline=now + datetime.timedelta(days=index) if value else None,
            )
        )
    return numbers


@pytest.mark.parametrize("name", ORDERS)
def test_every_sort_pages_through_every_number_once_and_the_same_when_many_match(
    name: str, administrator: User, book: list[PhoneNumber], monkeypatch: pytest.MonkeyPatch
) -> None:
    for sort in (name, f"-{name}"):
        asked = f"sort={sort}&per_page=4"
        monkeypatch.setattr(NumberList, "counted", COUNTED)
        few = walked(administrator, asked)
        monkeypatch.setattr(NumberList, "counted", 3)
        many = walked(administrator, asked)

        assert [len(page) for page in few] == [4, 4, 1], sort
        assert sorted(itertools.chain(*few)) == sorted(number.phone_number_id for number in book), sort
        assert many == few, sort


@pytest.mark.parametrize("sort", ["client", "-client", "waba_name", "-waba_id"])
def test_a_manager_sorts_by_what_they_see_of_a_shared_number(
    sort: str, account_manager: User, sign_in: SignIn, alices_waba: Waba, foreign_waba: Waba
) -> None:
    shared = make_number(foreign_waba)
    make_listing(shared, alices_waba)
    others = [make_number(alices_waba) for _ in range(3)]
    browser = sign_in(account_manager)

    pages = pages_from(browser, f"/phones/?sort={sort}&per_page=2")

    expected = sorted([shared, *others], key=lambda number: number.pk, reverse=sort.startswith("-"))
    assert list(itertools.chain(*pages)) == [number.phone_number_id for number in expected]


def test_going_back_returns_to_the_first_page(administrator: User, sign_in: SignIn, book: list[PhoneNumber]) -> None:
    browser = sign_in(administrator)
    pages = pages_from(browser, "/phones/?sort=status&per_page=3")
    turned = {"HX-Request": "true"}
    second = browser.get(link(page_of(browser, sort="status", per_page="3"), "next") or "", headers=turned)
    first = browser.get(link(second, "prev") or "", headers=turned)

    assert ids_on(first) == pages[0]
    assert link(first, "prev") is None
    assert link(first, "next") is not None


def test_the_newest_signups_come_first(administrator: User, sign_in: SignIn, alices_waba: Waba) -> None:
    now = timezone.now()
    old = make_number(alices_waba, last_onboarded_time=now - datetime.timedelta(days=9))
    never = make_number(alices_waba, last_onboarded_time=None)
    new = make_number(alices_waba, last_onboarded_time=now)

    assert shown(sign_in(administrator)) == [new.phone_number_id, old.phone_number_id, never.phone_number_id]


def test_a_number_without_digits_comes_last_both_ways(administrator: User, sign_in: SignIn, alices_waba: Waba) -> None:
    silent = make_number(alices_waba, display_phone_number=None)
    make_number(alices_waba)
    browser = sign_in(administrator)

    assert shown(browser, sort="display_phone_number")[-1] == silent.phone_number_id
    assert shown(browser, sort="-display_phone_number")[-1] == silent.phone_number_id


def test_a_page_address_that_means_nothing_is_the_first_page(desk: Browser, alices_number: PhoneNumber) -> None:
    for page in ("10", "10000000000", "nonsense", "WyJ4IiwwLG51bGwsMV0", "é", "a" * 5_000):
        response = page_of(desk, page=page)

        assert ids_on(response) == [alices_number.phone_number_id], page
        assert "Here is the first page" in text_of(response), page


def test_a_page_of_one_sort_is_no_page_of_another(
    administrator: User, sign_in: SignIn, book: list[PhoneNumber]
) -> None:
    browser = sign_in(administrator)
    second = link(page_of(browser, sort="status", per_page="2"), "next") or ""

    response = browser.get(second.replace("sort=status", "sort=-status"))

    assert ids_on(response) == shown(browser, sort="-status", per_page="2")


def test_a_page_holds_no_more_than_two_hundred(desk: Browser, alices_number: PhoneNumber) -> None:
    sizes = {"2": 2, "0": 1, "99999999999999": 200, "x": 50, "": 50, "-5": 50}
    given = {
        asked: desk.get("/phones/", {"per_page": asked}, headers={"HX-Request": "true"}).context["size"]
        for asked in sizes
    }

    assert given == sizes


def test_a_link_to_another_page_keeps_the_rest_of_the_address(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    for _ in range(3):
        make_number(alices_waba)

    address = link(
        page_of(sign_in(administrator), status="CONNECTED", q="business", per_page="2", columns="status"), "next"
    )

    assert address is not None
    for kept in ("status=CONNECTED", "q=business", "per_page=2", "columns="):
        assert kept in address


def test_numbers_are_counted_exactly_also_where_they_are_too_many_to_be_sorted(
    administrator: User, sign_in: SignIn, book: list[PhoneNumber], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(administrator)

    assert "9 numbers" in text_of(page_of(browser))
    assert NumberList.counted == 10_000
    monkeypatch.setattr(NumberList, "counted", 5)
    assert "9 numbers" in text_of(page_of(browser))
    monkeypatch.setattr(listing, "COUNTED_TO", 5)
    assert "more than 5 numbers" in text_of(page_of(browser))


def test_the_usual_columns_can_be_sorted() -> None:
    assert all(column.order in ORDERS for column in STANDARD if column.order)
