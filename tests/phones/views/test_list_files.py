"""Every list as a file: what the screen shows, in its order, and nothing that a spreadsheet takes for a formula."""

import csv
import io
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import SyncRun, User, Waba
from phones.models import Event, PhoneNumber, PreverifiedNumber
from portal.web import files
from tests.conftest import SignIn
from tests.factories import make_attempt, make_change, make_client, make_number, make_signup_link, make_waba
from tests.phones.listing.rows import text_of
from tests.workbooks import sheets_in

LISTS = ["clients", "wabas", "signup", "preverified", "syncs", "events", "changes"]


def rows_of(browser: Browser, path: str, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(f"/{path}/export.csv?bom=0&{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(text_of(answer), newline="")))


def fill_every_list(waba: Waba, person: User) -> None:
    now = timezone.now()
    number = make_number(waba, verified_name="=1+1")
    make_change(number, waba=waba, old="GREEN", new="RED", at=now)
    make_attempt(make_signup_link(waba.client, created_by=person))
    PreverifiedNumber.objects.create(preverified_id="777", phone_number="+1 555 0100", first_seen_at=now, synced_at=now)
    SyncRun.objects.create(scope="everything", requested_by=person)
    Event.objects.create(digest="d", received_at=now, field="account_update", event="=NOW()", value={}, waba=waba)


@pytest.mark.parametrize("path", LISTS)
def test_every_list_is_there_as_csv_and_as_excel_with_a_way_to_both_from_its_page(
    path: str, administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    fill_every_list(alices_waba, administrator)
    browser = sign_in(administrator)

    page = text_of(browser.get(f"/{path}/"))
    with_mark = text_of(browser.get(f"/{path}/export.csv"))
    excel = b"".join(browser.get(f"/{path}/export.xlsx").streaming_content)  # type: ignore[attr-defined] # it streams

    assert f'href="/{path}/export.csv"' in page
    assert f'href="/{path}/export.xlsx"' in page
    assert with_mark.startswith("\ufeff")
    (row, *_) = rows_of(browser, path)
    assert any(row.values())
    (first, second, *_) = row
    (sheet,) = sheets_in(excel)
    assert first in sheet
    assert list(rows_of(browser, path, f"columns={second},{first},nonsense")[0]) == [second, first]


def test_a_file_has_the_filters_and_the_order_of_the_screen_and_is_whole_over_many_pieces(
    team_lead: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(files, "_PIECE", 2)
    for name in ("Delta", "Beta", "=Gamma", "Alpha"):
        make_waba(make_client(name, owner=team_lead), name=f"{name} WABA")
    make_client("Nobody's")

    rows = rows_of(sign_in(team_lead), "clients", "owner=me&sort=-name&per_page=1")

    assert [row["client"] for row in rows] == ["Delta", "Beta", "Alpha", "'=Gamma"]
    assert {row["wabas"] for row in rows} == {"1"}


@pytest.mark.parametrize("path", [path for path in LISTS if path not in {"preverified", "events"}])
def test_a_file_holds_nothing_of_other_peoples_clients(
    path: str, account_manager: User, administrator: User, sign_in: SignIn, foreign_waba: Waba
) -> None:
    fill_every_list(foreign_waba, administrator)

    assert rows_of(sign_in(account_manager), path) == []


def test_a_line_of_changes_says_what_changed_and_a_phone_number_stays_one(
    account_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    make_change(alices_number, waba=alices_number.waba, old="GREEN", new="RED", at=timezone.now())

    (row,) = rows_of(sign_in(account_manager), "changes", "worse=yes")

    assert row["phone_number"] == alices_number.display_phone_number
    assert row["client"] == "Alpha Bakery"
    assert row["changes"] == "Quality: High → Low"
    assert row["way"] == "worse"
