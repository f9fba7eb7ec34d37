"""Pages by key, counts that stop, and addresses. The rows are phone numbers because those have every kind of column."""

import base64
import datetime
import itertools
import json
from dataclasses import replace

import pytest
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Waba
from phones.models import PhoneNumber
from portal.web.addresses import Address, clamped, is_storable
from portal.web.keyset import Count, Cursor, KeysetPage, SortOrder, first_keys, keys_in_order, page
from tests.factories import make_number

NAME = SortOrder("verified_name", "verified_name")
DIGITS = SortOrder("display_phone_number", "digits", optional=False, blank_is_missing=True)
SEEN = SortOrder("first_seen_at", "first_seen_at", datetime.datetime, optional=False)
PIN = SortOrder("is_pin_enabled", "is_pin_enabled", bool)
CLIENT = SortOrder("client", "waba__client__name", optional=False)
BOTH_WAYS = [each for order in (NAME, DIGITS, SEEN, PIN, CLIENT) for each in (order, order.reversed())]


@pytest.fixture
def rows(alices_waba: Waba, foreign_waba: Waba) -> QuerySet[PhoneNumber]:
    """Twelve numbers with few names, some of them absent, some without digits."""
    names = itertools.cycle(["Sol", None, "Alto", "Sol", ""])
    numbers = itertools.cycle(["+34 600", None, "+1 631"])
    pins = itertools.cycle([True, False, None])
    wabas = itertools.cycle([alices_waba, foreign_waba])
    for index in range(12):
        make_number(
            next(wabas),
            verified_name=next(names),
            display_phone_number=next(numbers),
            is_pin_enabled=next(pins),
            first_seen_at=timezone.now() - datetime.timedelta(hours=index // 3),
        )
    return PhoneNumber.objects.all()


def walk_on(rows: QuerySet[PhoneNumber], order: SortOrder, size: int) -> list[KeysetPage]:
    pages = [page(rows, order, None, size)]
    while pages[-1].next:
        pages.append(page(rows, order, through_an_address(pages[-1].next, order), size))
    return pages


def through_an_address(cursor: Cursor, order: SortOrder) -> Cursor:
    read = Cursor.read(cursor.token(order), order)
    assert read is not None
    return read


def keys(*pages: KeysetPage) -> list[int]:
    return [row.pk for each in pages for row in each.rows]


@pytest.mark.parametrize("order", BOTH_WAYS, ids=str)
def test_going_on_shows_every_row_once(rows: QuerySet[PhoneNumber], order: SortOrder) -> None:
    every = sorted(rows.values_list("pk", flat=True))
    for size in (1, 2, 5, 12, 50):
        pages = walk_on(rows, order, size)

        assert sorted(keys(*pages)) == every, f"{size} a page"
        assert len(pages) == -(-12 // size), f"{size} a page"


@pytest.mark.parametrize("order", BOTH_WAYS, ids=str)
def test_going_back_shows_the_same_pages(rows: QuerySet[PhoneNumber], order: SortOrder) -> None:
    for size in (1, 2, 5):
        pages = walk_on(rows, order, size)
        back = [pages[-1]]
        while back[-1].previous:
            back.append(page(rows, order, through_an_address(back[-1].previous, order), size))

        # Pages are cut from the end the person comes from, so the first one may differ; the rows do not.
        first = len(back[-1].rows)
        assert keys(*reversed(back))[-(12 - first) :] == keys(*pages)[-(12 - first) :], f"{size} a page"
        assert keys(back[-1]) == keys(*pages)[:first], f"{size} a page"


@pytest.mark.parametrize("order", BOTH_WAYS, ids=str)
def test_rows_without_a_value_come_last(rows: QuerySet[PhoneNumber], order: SortOrder) -> None:
    in_order = [row for each in walk_on(rows, order, 5) for row in each.rows]
    missing = set(rows.filter(order.missing).values_list("pk", flat=True)) if order.missing else set()

    assert {row.pk for row in in_order[len(in_order) - len(missing) :]} == missing


def test_a_sort_both_ways_is_a_mirror(rows: QuerySet[PhoneNumber]) -> None:
    there = keys(*walk_on(rows, SEEN, 5))
    back = keys(*walk_on(rows, SEEN.reversed(), 5))

    assert there == back[::-1]


@pytest.mark.parametrize("order", BOTH_WAYS, ids=str)
def test_all_keys_at_once_come_in_the_order_of_the_pages(rows: QuerySet[PhoneNumber], order: SortOrder) -> None:
    assert list(keys_in_order(rows, order)) == keys(*walk_on(rows, order, 5))


@pytest.mark.parametrize("order", [replace(each, last="is_pin_enabled") for each in BOTH_WAYS], ids=str)
def test_rows_that_stand_behind_all_others_do_so_on_every_page(rows: QuerySet[PhoneNumber], order: SortOrder) -> None:
    pages = walk_on(rows, order, 5)
    plain = replace(order, last="")
    front, behind = (rows.filter(is_pin_enabled__isnull=is_front) for is_front in (True, False))

    assert keys(*pages) == [*keys_in_order(front, plain), *keys_in_order(behind, plain)]
    assert list(keys_in_order(rows, order)) == keys(*pages)
    assert pages[-1].previous is not None
    before = page(rows, order, through_an_address(pages[-1].previous, order), 5)
    assert keys(before) == keys(pages[-2])


def test_a_row_that_went_away_leaves_no_hole(rows: QuerySet[PhoneNumber]) -> None:
    first = page(rows, SEEN, None, 4)
    last = first.rows[-1]
    expected = keys(*walk_on(rows, SEEN, 4))[4:8]
    last.listings.all().delete()
    last.delete()

    assert first.next is not None
    assert keys(page(rows, SEEN, first.next, 4)) == expected


def test_a_page_of_which_nothing_is_left_is_the_first(rows: QuerySet[PhoneNumber]) -> None:
    second = page(rows, SEEN, page(rows, SEEN, None, 8).next, 8)
    gone = PhoneNumber.objects.none()
    kept = rows.filter(pk__in=[row.pk for row in page(rows, SEEN, None, 3).rows])
    assert second.previous is not None

    assert keys(page(kept, SEEN, Cursor(SEEN.position(timezone.now(), 10**9)), 8)) == keys(page(kept, SEEN, None, 8))
    assert page(gone, SEEN, second.previous, 8) == KeysetPage([], None, None)


@pytest.mark.parametrize("order", BOTH_WAYS, ids=str)
def test_a_page_costs_at_most_three_queries(
    rows: QuerySet[PhoneNumber], order: SortOrder, django_assert_max_num_queries: type
) -> None:
    for each in walk_on(rows, order, 2):
        if each.next:
            with django_assert_max_num_queries(3):
                page(rows, order, each.next, 2)


# --- Cursors in addresses ---------------------------------------------------------------------------------------------


def token(*content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "10",
        "é",
        "%00",
        "a" * 100_000,
        "[" * 3_000,
        token(),
        token("verified_name", 0, "Sol"),
        token("verified_name", 2, "Sol", 1),
        token("verified_name", 0, "Sol", "1"),
        token("verified_name", 0, "Sol", -1),
        token("verified_name", 0, "Sol", 2**63),
        token("verified_name", 0, 5, 1),
        token("verified_name", 0, ["Sol"], 1),
        token("verified_name", 0, "S\0l", 1),
        token("verified_name", 0, "\ud800", 1),
        token("-verified_name", 0, "Sol", 1),
        token("digits", 0, "Sol", 1),
        base64.urlsafe_b64encode(b"[" * 2_000).decode(),
    ],
)
def test_a_cursor_that_was_tampered_with_is_none(text: str) -> None:
    assert Cursor.read(text, NAME) is None


@pytest.mark.parametrize("value", ["yesterday", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-02-03", 5, True])
def test_a_cursor_of_times_takes_times_only(value: object) -> None:
    assert Cursor.read(token("first_seen_at", 0, value, 1), SEEN) is None


def test_a_cursor_among_missing_values_needs_a_sort_that_has_some() -> None:
    assert Cursor.read(token("verified_name", 0, None, 1), NAME) is not None
    assert Cursor.read(token("first_seen_at", 0, None, 1), SEEN) is None


@given(st.text(max_size=200))
def test_no_text_makes_the_reading_of_a_cursor_fail(text: str) -> None:
    for order in BOTH_WAYS:
        Cursor.read(text, order)


@given(st.text().filter(is_storable), st.integers(0, 2**63 - 1), st.booleans())
def test_a_cursor_comes_out_of_an_address_as_it_went_in(value: str, key: int, back: bool) -> None:
    cursor = Cursor(NAME.position(value, key), back)

    if len(text := cursor.token(NAME)) < 4_000:
        assert Cursor.read(text, NAME) == cursor


# --- Counts and addresses ---------------------------------------------------------------------------------------------


def test_a_count_is_exact_up_to_its_limit(rows: QuerySet[PhoneNumber]) -> None:
    assert first_keys(rows, 12)[1] == Count(12, is_complete=True)
    assert first_keys(rows, 11)[1] == Count(11, is_complete=False)


def test_a_count_says_when_it_stopped() -> None:
    assert str(Count(1_000, is_complete=True)) == "1,000"
    assert str(Count(1_000, is_complete=False)) == "more than 1,000"


def test_an_address_keeps_what_is_not_changed() -> None:
    address = Address("/list/", (("status", "A"), ("status", "B&="), ("sort", "x")))

    assert str(address) == "/list/?status=A&status=B%26%3D&sort=x"
    assert str(address.without("status", "A")) == "/list/?status=B%26%3D&sort=x"
    assert str(address.setting("sort", "y")) == "/list/?status=A&status=B%26%3D&sort=y"
    assert str(address.setting("sort").setting("status")) == "/list/"
    assert str(address.at("/file")) == "/file?status=A&status=B%26%3D&sort=x"
    assert address.values("status") == ["A", "B&="]


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 50), ("100", 100), ("0", 1), ("999999999999", 200), ("-3", 50), ("abc", 50), ("1e3", 50), ("٣", 50)],
)
def test_a_page_size_stays_within_bounds(text: str, number: int) -> None:
    assert clamped(text, default=50, least=1, most=200) == number
