"""What is done for the numbers that were ticked in the list: files of them, and their clients given away."""

from __future__ import annotations

import csv
import io

from django.test import Client as Browser

from clients.models import Client, User
from tests.conftest import SignIn
from tests.factories import make_client, make_number, make_waba
from tests.phones.reading import text_of
from tests.workbooks import sheets_in


def test_a_file_holds_all_that_match_but_the_unticked_with_the_columns_of_the_view(
    account_manager: User, sign_in: SignIn, alices_client: Client, foreign_client: Client
) -> None:
    waba = make_waba(alices_client)
    first, unticked, last = (make_number(waba, quality_rating="RED") for _ in range(3))
    make_number(waba, quality_rating="GREEN")
    make_number(make_waba(foreign_client), quality_rating="RED")
    alice = sign_in(account_manager)
    query = "/phones/?quality_rating=RED&columns=client,quality_rating"
    form = {"all": "yes", "query": query, "except": [unticked.pk, "x"]}
    columns = ["display_phone_number", "verified_name", "client", "waba_name", "quality_rating"]

    answer = alice.post("/phones/chosen/", {**form, "as": "csv"})
    text = b"".join(answer).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert head == columns
    assert {row[0] for row in rows} == {str(first), str(last)}

    answer = alice.post("/phones/chosen/", {**form, "as": "xlsx"})
    (sheet,) = sheets_in(b"".join(answer))
    assert sheet.count("<row ") == 3
    assert str(first) in sheet
    assert str(unticked) not in sheet

    alice.post("/bulk/plan/", {**form, "kind": "pin"})
    assert {item.number for item in account_manager.bulk_runs.get().items.all()} == {first, last}


def test_a_lead_gives_away_the_clients_of_the_numbers_that_were_ticked(
    browser: Browser, account_manager: User, other_manager: User
) -> None:
    mine, other = make_client(), make_client()
    numbers = [make_number(make_waba(mine)), make_number(make_waba(mine)), make_number(make_waba(other))]
    form = {"list": "numbers", "query": "/phones/?q=%2B", "ids": [number.pk for number in numbers[:2]]}

    page = text_of(browser.post("/clients/assign/", form))
    assert "Assign 1 client<" in page
    wanted = {**form, "owner": other_manager.pk}
    seen = text_of(browser.post("/clients/assign/", {**wanted, "step": "preview"})).partition('name="seen" value="')[2]
    answer = browser.post("/clients/assign/", {**wanted, "step": "confirm", "seen": seen.partition('"')[0]})

    assert answer["Location"] == "/phones/?q=%2B"
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.owner, other.owner) == (other_manager, None)
