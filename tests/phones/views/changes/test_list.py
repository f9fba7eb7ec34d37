"""Changes as a list like all others: views with counts, selection, acknowledging at once; and what is seen first."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from clients.models import User, Waba
from phones.choices import ChangeKind
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_change, make_client, make_number, make_waba
from tests.phones.listing.rows import text_of as file_of
from tests.phones.reading import text_of
from tests.phones.views.changes.test_page import acknowledge, page_of, rows_on, unseen_in_rail

pytestmark = pytest.mark.django_db


def boxes_on(page: str) -> dict[str, str]:
    """The value of the checkbox of each happening, by what it is about."""
    return {text: pk for pk, text in re.findall(r'name="ids" value="(\d+)".*?<th scope="row"><a[^>]*>([^<]+)<', page)}


@pytest.fixture
def book(alices_waba: Waba) -> list[PhoneNumber]:
    """Three numbers of Alice's: two went bad, one got better."""
    numbers = [make_number(alices_waba) for _ in range(3)]
    for number, new in zip(numbers, ("RED", "YELLOW", "GREEN"), strict=True):
        make_change(number, waba=alices_waba, old="YELLOW" if new == "GREEN" else "GREEN", new=new)
    return numbers


def test_what_is_selected_or_matches_is_acknowledged_and_the_rest_stays_new(
    account_manager: User, covering_manager: User, book: list[PhoneNumber], sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    first, second, third = map(str, book)

    page = page_of(browser)
    noted = text_of(acknowledge(browser, page, boxes_on(page)[third]))
    assert "you have seen 1 change." in noted
    assert list(boxes_on(noted)) == [first, second]
    assert unseen_in_rail(noted) == "2"
    assert list(boxes_on(page_of(browser, "?since=week&seen=yes"))) == [third]
    assert [row.endswith("Seen") for row in rows_on(page_of(browser, "?since=week"))] == [False, False, True]

    # All that match, though one got worse meanwhile that the page did not show.
    narrowed = page_of(browser, "?worse=yes&since=yesterday")
    late = make_number(book[0].waba)
    make_change(late, waba=late.waba, old="GREEN", new="RED")
    assert "you have seen 2 changes." in text_of(acknowledge(browser, narrowed))
    assert list(boxes_on(page_of(browser))) == [str(late)]
    assert len(rows_on(page_of(sign_in(covering_manager)))) == 4

    # What is seen up to a mark needs no single marks behind it.
    assert "Nothing new" in text_of(acknowledge(browser, page_of(browser)))
    assert rows_on(page_of(browser, "?since=week&seen=no")) == []


def test_what_was_unticked_of_all_that_match_stays_new_and_out_of_the_file(
    account_manager: User, book: list[PhoneNumber], sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    page = page_of(browser)
    but_one = {"query": "/changes/", "all": "yes", "except": boxes_on(page)[str(book[1])]}

    lines = file_of(browser.post("/changes/chosen/", {**but_one, "as": "csv"})).splitlines()
    up_to, read = (re.findall(rf'name="{name}" value="(\d+)"', page)[0] for name in ("up_to", "lines"))
    browser.post("/changes/seen/", {**but_one, "up_to": up_to, "lines": read})

    assert [str(number) in "".join(lines) for number in book] == [True, False, True]
    assert list(boxes_on(page_of(browser))) == [str(book[1])]


def test_a_view_of_changes_is_counted_shared_opened_first_and_behind_the_files(
    account_manager: User, covering_manager: User, book: list[PhoneNumber], sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    query = "/changes/?since=week&worse=yes&sort=-at"
    kept = browser.post("/views/", {"list": "changes", "query": query, "name": "Worse", "is_shared": "yes"})
    browser.post("/views/worse/", {"do": "open-first"})
    cache.clear()

    counted = text_of(browser.get("/counts/"))
    assert re.search(r'Worse</span>\s*<span class="n">2<', counted)
    assert kept["Location"] == "/changes/?view=worse"
    page = page_of(browser, "?view=worse")
    assert list(boxes_on(page)) == [str(book[1]), str(book[0])]
    assert 'href="/changes/?view=worse" data-go="h"' in page
    for who in (browser, sign_in(covering_manager)):
        lines = file_of(who.get("/changes/export.csv?view=worse&bom=0")).splitlines()
        assert [str(number) in line for number, line in zip((book[1], book[0]), lines[1:], strict=True)] == [True] * 2


def arrive(waba: Waba, numbers: int, **facts: Any) -> None:
    """What the desk writes down when it first sees a WABA: facts come a little later."""
    make_change(waba=waba, kind=ChangeKind.ADDED, field="", old=None, new=waba.name, at=waba.created_at)
    for name, value in facts.items():
        make_change(waba=waba, field=name, old=None, new=value, at=waba.created_at + timedelta(minutes=5))
    for _ in range(numbers):
        make_number(waba)


def test_what_a_sync_sees_first_is_one_line_a_client_never_worse_and_one_for_many_clients(
    team_lead: User, account_manager: User, sign_in: SignIn
) -> None:
    client = make_client("Alma Foods", owner=account_manager)
    for _ in range(3):
        arrive(make_waba(client), numbers=2, account_review_status="REJECTED")
    make_change(waba=make_waba(client), field="account_review_status", old="APPROVED", new="REJECTED")

    worse, arrival = rows_on(page_of(sign_in(account_manager)))
    assert "Account review: Approved became → Rejected" in worse
    assert arrival.startswith("3 WABAs and 6 numbers Alma Foods Seen for the first time:")

    for _ in range(8):
        arrive(make_waba(make_client()), numbers=0)
    cache.clear()
    page = page_of(sign_in(team_lead))
    assert [row.partition(" Seen ")[0] for row in rows_on(page)[1:]] == ["11 WABAs and 6 numbers 9 clients"]
    assert "1 for the worse" in page
    assert "and 8 more" in page
    assert rows_on(page_of(sign_in(team_lead), f"?client={client.pk}"))[1].startswith("3 WABAs and 6 numbers Alma")


def test_days_from_one_to_another_and_a_sort_by_time(
    account_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    now = timezone.now()
    for days, field, new in ((1, "quality_rating", "RED"), (3, "verified_name", "B"), (9, "verified_name", "C")):
        make_change(alices_number, waba=alices_number.waba, field=field, new=new, at=now - timedelta(days=days))
    browser = sign_in(account_manager)
    first, last = (timezone.localdate() - timedelta(days=days) for days in (5, 2))

    assert len(rows_on(page_of(browser, f"?day={first}&until={last}"))) == 1
    assert len(rows_on(page_of(browser, f"?until={last}"))) == 2
    oldest_first = rows_on(page_of(browser, "?since=month&sort=at"))
    assert ["→ C" in oldest_first[0], "Low" in oldest_first[2]] == [True, True]
    assert "lies before the first" in page_of(browser, f"?day={last}&until={first}")
