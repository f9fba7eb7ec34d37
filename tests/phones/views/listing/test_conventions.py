"""The conventions that people expect of a list (product.md 4.4), on every list of the desk at once.

The other halves stand elsewhere, each under the name of its convention:
  Saved filters                   tests/phones/views/saved/test_views.py
  CSV of the filtered set         tests/phones/views/test_list_files.py
  Watching, notes, history        tests/phones/views/book, tests/phones/views/changes
  Speed                           tests/phones/views/listing/test_cost.py, tests/portal/web/test_keyset.py
  Keyboard, themes, contrast, targets     tests/browser/test_conventions.py, tests/browser/test_big_book.py
"""

import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client as Browser
from django.urls import get_resolver, reverse
from django.utils import timezone

from clients.desk_list import DeskList
from clients.models import Client, ListPreference, SyncRun, User
from phones.bulk_choices import BulkKind, BulkState
from phones.models import BulkRun, Event, PhoneNumber, PreverifiedNumber
from portal.web.query import LISTS
from tests.conftest import SignIn
from tests.factories import make_attempt, make_change, make_client, make_number, make_signup_link, make_waba
from tests.phones.listing.rows import text_of

ListKind = type[DeskList[Any]]


def lists() -> list[ListKind]:
    """Every list that is declared; they enter themselves when the addresses are read.

    Not the audit log, of which each of these requests is a line: `tests/clients/audit_log`.
    """
    assert get_resolver().url_patterns
    return [kind for kind in LISTS.values() if issubclass(kind, DeskList) and kind.columns and kind.name != "audit"]


@pytest.fixture
def lead(team_lead: User, sign_in: SignIn) -> Browser:
    return sign_in(team_lead)


@pytest.fixture
def two_of_each(team_lead: User) -> None:
    """Two rows in every list."""
    now = timezone.now()
    for index in range(2):
        client = make_client(f"Harbor {index}", owner=team_lead)
        number = make_number(make_waba(client, name=f"Harbor WABA {index}", last_synced_at=now))
        make_change(number)
        make_attempt(make_signup_link(client, created_by=team_lead))
        SyncRun.objects.create(scope="client", client=client, requested_by=team_lead, started_at=now)
        columns = {"received_at": now, "event_time": now, "field": "account_update", "value": {}}
        Event.objects.create(digest=str(index), waba=number.waba, number=number, **columns)
        PreverifiedNumber.objects.create(
            preverified_id=f"77{index}",
            phone_number=f"+1 555 010{index}",
            digits=f"1555010{index}",
            first_seen_at=now,
            synced_at=now,
        )
        BulkRun.objects.create(
            kind=BulkKind.REFRESH, state=BulkState.FINISHED, requested_by=team_lead, created_at=now, chosen=1
        )


def main_of(browser: Browser, address: object) -> str:
    answer = browser.get(str(address))
    assert answer.status_code == 200, address
    return text_of(answer).partition("<main")[2].partition("</main>")[0]


def rows_in(page: str) -> list[str]:
    """The rows of the list; where rows can be chosen, they are those with a checkbox."""
    table = page.partition('id="results"')[2]
    return [row for row in re.findall(r"<tr.*?</tr>", table) if '<th scope="row"' in row]


def heads_in(page: str) -> list[str]:
    table = page.partition('id="results"')[2]
    heads = re.findall(r'<th scope="col"(?! class="pick")[^>]*>(.*?)</th>', table)
    return [re.sub(r"<svg.*?</svg>|<[^>]+>", "", head).strip() for head in heads]


def test_url_addressable_state__filters_sort_page_and_columns_stand_in_the_address_and_posts_lead_back_to_it(
    lead: Browser, two_of_each: None, team_lead: User
) -> None:
    for kind in lists():
        wanted = ",".join(column.name for column in kind.columns[:3])
        data = QueryDict(f"columns={wanted}&per_page=1&q=harbor")
        found = kind(data, team_lead)
        again = kind(QueryDict(str(found.address).partition("?")[2]), team_lead)
        assert again.address == found.address, kind.name
        assert again.shown_columns() == found.shown_columns() == list(kind.columns[:3]), kind.name
        page = main_of(lead, kind(QueryDict(f"columns={wanted}&per_page=1"), team_lead).address)
        second = re.search(r'rel="next" href="([^"]+)"', page)
        assert second is not None, kind.name
        assert rows_in(main_of(lead, second[1].replace("&amp;", "&"))) != rows_in(page), kind.name
        # The list that an action was called from is where it ends.
        here = f"{reverse(kind.route)}?per_page=1"
        form = {"list": kind.name, "columns": [kind.columns[1].name], "next": here}
        assert lead.post("/columns/", form).headers["Location"] == here, kind.name


def test_quick_search__each_list_is_searched_as_one_types_and_by_enter_and_phone_numbers_in_any_notation(
    lead: Browser, two_of_each: None
) -> None:
    searched = [kind for kind in lists() if "q" in kind.filter_set.base_filters]
    assert {kind.name for kind in lists()} - {kind.name for kind in searched} == {"bulk"}
    for kind in searched:
        page = main_of(lead, reverse(kind.route))
        (form,) = re.findall(r'<form[^>]*role="search".*?</form>', page)
        assert 'method="get"' in form, kind.name
        assert re.search(r'hx-trigger="submit, change, input [^"]*delay:350ms', form), kind.name
        assert 'type="search"' in form, kind.name
        assert len(rows_in(page)) == 2, kind.name
        sought = "+1 (555) 0101" if kind.name == "pool" else "harbor 1"
        if kind.name == "numbers":
            sought = PhoneNumber.objects.latest("pk").digits
        assert len(rows_in(main_of(lead, f"{reverse(kind.route)}?q={sought.replace('+', '%2B')}"))) == 1, kind.name


def test_applied_filters_are_chips__each_with_a_way_to_remove_it_and_one_to_clear_all(
    lead: Browser, two_of_each: None
) -> None:
    for kind in lists():
        path = reverse(kind.route)
        for name in [name for name in kind.filter_set.base_filters if name in {"q", "state", "status", "standing"}]:
            page = main_of(lead, f"{path}?{name}=waiting")
            chips = re.findall(r'<span class="chip".*?</span>\s*<a href="([^"]+)"', page)
            assert chips == [path], (kind.name, name)
            assert f'<a class="link" href="{path}">Clear all</a>' in page, kind.name


def test_column_choice_and_order__are_a_persons_own_can_be_reset_kept_in_views_and_are_those_of_the_file(
    lead: Browser, two_of_each: None, team_lead: User
) -> None:
    for kind in lists():
        path, (first, *others) = reverse(kind.route), kind.columns
        chosen = [others[1], others[0]]
        lead.post("/columns/", {"list": kind.name, "columns": [column.name for column in chosen], "next": path})
        page = main_of(lead, path)
        assert heads_in(page) == [column.label for column in (first, *chosen)], kind.name
        assert all(len(re.findall(r"<td|<th", row)) in {3, 4} for row in rows_in(page)), kind.name
        if kind.file_columns:
            (address,) = re.findall(r'href="([^"]*export\.csv[^"]*)"', page)
            head = text_of(lead.get(address.replace("&amp;", "&"))).splitlines()[0].removeprefix("\ufeff")
            wanted = [name for column in (first, *chosen) for name in column.in_file or (column.name,)]
            assert head.split(",") == wanted, kind.name
        lead.post("/views/", {"list": kind.name, "query": path, "name": f"Short {kind.name}", "is_shared": "yes"})
        lead.post("/columns/", {"list": kind.name, "reset": "yes", "next": path})
        assert len(heads_in(main_of(lead, path))) > 3, kind.name
        assert len(heads_in(main_of(lead, f"{path}?view=short-{kind.name}"))) == 3, kind.name
    assert all(not kept.columns for kept in ListPreference.objects.filter(person=team_lead))


def test_bulk_select__the_page_then_all_that_match_resolved_by_the_query_on_the_server(
    lead: Browser, two_of_each: None
) -> None:
    for kind in lists():
        if not kind.file_columns:
            continue
        path = reverse(kind.route)
        page = main_of(lead, f"{path}?per_page=1")
        assert "Select this page" in page, kind.name
        assert "Select all 2 matching" in page, kind.name
        (key,) = re.findall(r'name="ids" value="(\d+)"', page)
        (send,) = re.findall(r'<form class="picking"[^>]* action="([^"]+)"', page)
        one = text_of(lead.post(send, {"query": path, "ids": key, "as": "csv"})).splitlines()
        both = text_of(lead.post(send, {"query": f"{path}?per_page=1", "all": "yes", "as": "csv"})).splitlines()
        assert (len(one), len(both)) == (2, 3), kind.name
        assert lead.post(send, {"query": path}).status_code == 302, kind.name
    assert "Assign 2 clients" in text_of(lead.post("/clients/assign/", {"query": "/clients/", "all": "yes"}))


def test_relative_time__has_the_exact_time_behind_it_and_never_in_words(lead: Browser, two_of_each: None) -> None:
    relative = re.compile(r"\b(?:\d+ (?:min|h|days|months|years) ago|just now)\b")
    for kind in lists():
        page = main_of(lead, reverse(kind.route))
        exact = r'<(time|span)[^>]* title="[^"]+"[^>]*>.*?</\1>'
        assert not relative.search(re.sub(exact, "", page)), kind.name
        for found in re.findall(r"<time[^>]*>", page):
            assert "datetime=" in found, (kind.name, found)
            assert "title=" in found, (kind.name, found)


def test_page_title_and_favicon__carry_how_many_numbers_need_somebody_on_every_list(
    lead: Browser, two_of_each: None
) -> None:
    make_number(status="BANNED")
    lead.get("/phones/")  # counts them, for a while
    for kind in lists():
        page = text_of(lead.get(reverse(kind.route)))
        assert re.search(r"<title data-counted>\s*1 needs you – ", page), kind.name
        assert re.search(r'<link rel="icon"[^>]* href="/static/icon-need', page), kind.name


def test_empty_states__no_data_yet_nothing_matches_and_no_permission(
    lead: Browser, stranger: User, sign_in: SignIn, db: None
) -> None:
    for kind in lists():
        path, noun = reverse(kind.route), "q" if "q" in kind.filter_set.base_filters else ""
        assert re.search(r"<h2>(No \w.* yet|Not read yet)</h2>", main_of(lead, path)), kind.name
        if noun:
            page = main_of(lead, f"{path}?q=zzz")
            assert re.search(r"<h2>No .* fits</h2>", page), kind.name
            assert f'<a class="button" href="{path}">Clear all</a>' in page, kind.name
        if kind.name != "events":  # for leads alone
            assert "You have no role yet" in main_of(sign_in(stranger), path), kind.name


def test_keyboard__every_row_can_be_walked_ticked_and_opened_and_every_list_has_its_key(
    lead: Browser, two_of_each: None
) -> None:
    goes = dict(re.findall(r'href="([^"?]+)[^"]*" data-go="([^"]+)"', text_of(lead.get("/"))))
    for kind in lists():
        page = main_of(lead, reverse(kind.route))
        assert "data-rows" in page.partition('id="results"')[2], kind.name
        for row in rows_in(page):
            assert "<a" in row or "<summary" in row, kind.name
            assert 'name="ids"' in row or not kind.file_columns, kind.name
        assert reverse(kind.route) in goes, kind.name


def test_access__real_tables_with_scopes_named_checkboxes_and_sorted_heads_that_say_so(
    lead: Browser, two_of_each: None, team_lead: User
) -> None:
    for kind in lists():
        page = main_of(lead, reverse(kind.route))
        assert all("scope=" in head for head in re.findall(r"<th\b[^>]*>", page)), kind.name
        for box in re.findall(r'<input[^>]*name="ids"[^>]*>', page):
            assert re.search(r'aria-label="Select [^"]+"', box), kind.name
        for name, order in kind.orders.items():
            if any(column.order == name for column in kind(QueryDict(), team_lead).shown_columns()):
                sorted_page = main_of(lead, f"{reverse(kind.route)}?sort={order}")
                assert re.search(r'aria-sort="(ascending|descending)"', sorted_page), (kind.name, name)


def test_permissions_visible__what_a_viewer_may_not_do_is_greyed_with_the_reason(
    viewer: User, viewed_number: PhoneNumber, viewed_client: Client, sign_in: SignIn
) -> None:
    browser = sign_in(viewer)
    greyed = {"/phones/": "Register", "/clients/": "New client", "/preverified/": "Add a number", "/syncs/": "Refresh"}
    for path, words in greyed.items():
        page = main_of(browser, path)
        buttons = re.findall(r'<button[^>]*aria-disabled="true"[^>]*title="([^"]+)"[^>]*>([^<]+)', page)
        assert any(label.strip().startswith(words) and why.endswith(".") for why, label in buttons), path
