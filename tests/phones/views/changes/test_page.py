"""What changed over the whole book, for whom and since when, and what a person says to have seen."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.models import User, Waba
from phones.choices import ChangeKind, Source
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_change, make_client, make_number, make_waba
from tests.phones.reading import text_of


def page_of(browser: Browser, query: str = "") -> str:
    answer = browser.get(f"/changes/{query}")
    assert answer.status_code == 200
    return text_of(answer)


def rows_on(page: str) -> list[str]:
    """The text of each happening, in their order."""
    found = re.findall(r'<tr><td class="pick">.*?<th scope="row">(.*?)</tr>', page)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def unseen_in_rail(page: str) -> str:
    found = re.search(r'id="unseen-changes" title="Not seen by you yet">([^<]+)<', page)
    return found[1] if found else ""


def acknowledge(browser: Browser, page: str, *ids: str) -> Any:
    """Say to have seen the happenings with these ids, or without any all of the list."""
    hidden = re.findall(r'type="hidden" name="(query|next|up_to|lines)" value="([^"]*)"', page)
    data = {name: unescape(value) for name, value in hidden if name != "query" or value.startswith("/changes/")}
    cache.clear()
    return browser.post("/changes/seen/", {**data, **({"ids": ids} if ids else {"all": "yes"})}, follow=True)


def make_event(number: PhoneNumber, at: Any) -> None:
    said = {"quality_event": {"event": "FLAGGED"}}
    values = {"field": "phone_number_quality_update", "old": None, "new": said, "source": Source.WEBHOOK}
    make_change(number, waba=number.waba, kind=ChangeKind.EVENT, at=at, **values)


def test_an_event_and_the_reading_after_it_are_one_line_and_the_worst_stands_first(
    account_manager: User, alices_waba: Waba, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    now = timezone.now()
    make_event(alices_number, now - timedelta(minutes=3))
    make_change(alices_number, waba=alices_waba, old="GREEN", new="RED", at=now - timedelta(minutes=2))
    make_change(
        alices_number,
        waba=alices_waba,
        field="status",
        old="CONNECTED",
        new="FLAGGED",
        at=now - timedelta(minutes=2),
    )
    other = make_number(alices_waba)
    make_change(other, waba=alices_waba, field="name_status", old="PENDING_REVIEW", new="APPROVED", at=now)
    make_change(foreign_number, waba=foreign_number.waba, old="GREEN", new="RED")

    page = page_of(sign_in(account_manager))

    first, second = rows_on(page)
    assert first.startswith(f"{alices_number} Alpha Bakery Quality: High became → Low Connection: Connected")
    assert "flagged its quality as low" in first
    assert "event from Meta, then sync" in first
    assert second.startswith(f"{other} Alpha Bakery Name review")
    assert page.index("Got worse") < page.index("Got better")
    assert unseen_in_rail(page) == "2"


def test_what_a_person_has_seen_is_gone_for_them_alone_and_what_comes_late_is_new(
    account_manager: User, covering_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    make_change(alices_number, old="GREEN", new="RED")
    browser = sign_in(account_manager)

    seen = text_of(acknowledge(browser, page_of(browser)))

    assert "Noted." in seen
    assert "Nothing new" in seen
    assert unseen_in_rail(seen) == ""
    assert len(rows_on(page_of(sign_in(covering_manager)))) == 1
    # Meta delivers again what it could not deliver for hours.
    make_event(alices_number, timezone.now() - timedelta(hours=9))
    cache.clear()
    assert len(rows_on(page_of(browser))) == 1
    assert unseen_in_rail(text_of(browser.get("/"))) == "1"


def test_nothing_that_came_in_while_somebody_read_is_called_seen(
    account_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    make_change(alices_number, pk=1_000)
    browser = sign_in(account_manager)
    page = page_of(browser)

    # Written down before, and stored after what the page showed.
    make_change(alices_number, pk=999, field="status", old="CONNECTED", new="BANNED")
    answer = text_of(acknowledge(browser, page))

    assert "More came in while you read" in answer
    assert "Banned by Meta" in answer


def test_a_time_a_client_a_topic_and_the_worse_narrow_what_is_shown(
    account_manager: User, alices_waba: Waba, alices_number: PhoneNumber, viewed_number: PhoneNumber, sign_in: SignIn
) -> None:
    now = timezone.now()
    make_change(alices_number, waba=alices_waba, old="GREEN", new="RED", at=now - timedelta(days=5))
    make_change(alices_number, waba=alices_waba, field="verified_name", old="A", new="B", at=now - timedelta(days=30))
    make_change(viewed_number, waba=viewed_number.waba, field="verified_name", old="C", new="D")
    browser = sign_in(account_manager)
    month = (timezone.localdate() - timedelta(days=31)).isoformat()

    assert len(rows_on(page_of(browser))) == 1
    assert len(rows_on(page_of(browser, "?since=yesterday"))) == 1
    assert len(rows_on(page_of(browser, "?since=week"))) == 2
    assert len(rows_on(page_of(browser, f"?day={month}"))) == 3
    assert len(rows_on(page_of(browser, f"?day={month}&client={alices_waba.client_id}"))) == 2
    assert len(rows_on(page_of(browser, f"?day={month}&topic=name"))) == 2
    assert len(rows_on(page_of(browser, f"?day={month}&worse=yes"))) == 1
    assert "No change fits" in page_of(browser, "?since=yesterday&worse=yes")


def test_what_an_address_gets_wrong_is_said_and_fails_nothing(account_manager: User, sign_in: SignIn) -> None:
    browser = sign_in(account_manager)

    assert "is no day. A day is written like" in page_of(browser, "?day=yesterday")
    assert "has not come yet" in page_of(browser, "?day=9999-12-31")
    assert "is no time to look at" in page_of(browser, "?since=century&client=x&topic=y&page=99999&worse=z")
    assert "Nothing was noted" in text_of(browser.post("/changes/seen/", {"up_to": "x"}, follow=True))


def test_new_numbers_of_one_reading_are_one_line_and_come_with_no_worry(
    team_lead: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    at = timezone.now()
    for _ in range(5):
        make_change(make_number(alices_waba), waba=alices_waba, kind=ChangeKind.ADDED, field="", old=None, at=at)

    (row,) = rows_on(page_of(sign_in(team_lead)))

    assert row.startswith("5 numbers Alpha Bakery WABA Alpha Bakery Seen for the first time:")
    assert "and 2 more" in row


def test_the_page_costs_few_queries_however_much_happened(
    account_manager: User, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(15):
        waba = make_waba(make_client(owner=account_manager))
        make_change(make_number(waba), waba=waba)
        make_change(waba=waba, field="account_review_status", old="APPROVED", new="REJECTED")
    browser = sign_in(account_manager)
    cache.clear()

    with django_assert_max_num_queries(10):
        assert len(rows_on(page_of(browser, "?since=week"))) == 30
