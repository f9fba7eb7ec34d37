"""The Excel file: the numbers of the list as text in a form that Excel opens; and the columns of both files."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest
from django.test import Client as Browser

from clients.models import User, Waba
from phones.listing import export
from phones.models import PhoneNumber
from portal.web import files
from tests.conftest import SignIn
from tests.factories import make_number
from tests.phones.listing.rows import text_of
from tests.workbooks import sheets_in

_NAMESPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets_of(browser: Browser, query: str = "") -> list[list[dict[str, str]]]:
    """The rows of each sheet: the text of each cell by its column's letter. Anything but text fails."""
    answer = browser.get(f"/phones/export.xlsx?{query}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined] # on every streamed response
    assert answer["Content-Length"] == str(len(content))
    trees = [ElementTree.fromstring(sheet) for sheet in sheets_in(content)]  # noqa: S314 - our own file
    sheets = []
    for tree in trees:
        assert {cell.get("t") for cell in tree.iterfind(".//x:c", _NAMESPACE)} <= {"inlineStr"}
        sheets.append(
            [
                {
                    str(cell.get("r")).rstrip("0123456789"): "".join(cell.itertext())
                    for cell in row.iterfind("x:c", _NAMESPACE)
                }
                for row in tree.iterfind(".//x:row", _NAMESPACE)
            ]
        )
    return sheets


def test_ids_and_plus_signs_stay_text_and_nothing_is_a_formula(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    make_number(
        alices_waba,
        phone_number_id="123456789012345678",
        display_phone_number="+34 600 11 22 33",
        verified_name="=1+1 <Sol> & \x01 🍕",
        quality_rating=None,
    )

    (head, row), *others = sheets_of(sign_in(administrator))

    assert others == []
    assert list(head.values()) == export.HEADER
    assert (row["A"], row["B"]) == ("123456789012345678", "+34 600 11 22 33")
    assert row["C"] == "=1+1 <Sol> & _x0001_ 🍕"
    assert (row["D"], row["Y"]) == ("Alpha Bakery", "alice")
    assert "K" not in row


def test_it_holds_the_numbers_of_the_list_in_its_order_and_goes_on_on_the_next_sheet(
    account_manager: User,
    sign_in: SignIn,
    alices_waba: Waba,
    foreign_number: PhoneNumber,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "ROWS_A_SHEET", 3)
    monkeypatch.setattr(export, "_PIECE", 2)
    numbers = [make_number(alices_waba, quality_rating=value) for value in ("GREEN", "RED", "YELLOW", "RED")]
    make_number(alices_waba, status="PENDING")

    sheets = sheets_of(sign_in(account_manager), "status=CONNECTED&sort=-quality_rating&columns=phone_number_id")

    ids = [row["B"] for sheet in sheets for row in sheet[1:]]
    assert ids == [numbers[place].phone_number_id for place in (0, 2, 3, 1)]
    assert [len(sheet) for sheet in sheets] == [3, 3]


def test_who_sees_nothing_gets_the_head_alone(stranger: User, sign_in: SignIn, foreign_number: PhoneNumber) -> None:
    assert [len(sheet) for sheet in sheets_of(sign_in(stranger))] == [1]


def test_a_file_holds_the_columns_that_the_screen_shows(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    number = make_number(alices_waba, quality_rating="RED", next_action="Write to the client")
    browser = sign_in(administrator)

    page = text_of(browser.get("/phones/", {"columns": "quality_rating,client,owner,next_action,status"}))
    (address,) = re.findall(r'href="(/phones/export\.csv[^"]*)"', page)
    head, row = text_of(browser.get(unescape(address))).splitlines()

    assert head.removeprefix("\ufeff").split(",") == [
        *("display_phone_number", "verified_name", "quality_rating", "client", "waba_name", "owner"),
        *("next_action", "status"),
    ]
    assert row.split(",")[2:] == [
        *("RED", "Alpha Bakery", "Alpha Bakery WABA", "alice", "Write to the client", "CONNECTED")
    ]
    assert '<td class="owner">alice<td' in page
    text = text_of(browser.get("/phones/export.csv?columns=waba_id,nonsense&columns=first_seen_at&bom=0"))
    assert text.splitlines() == [
        "display_phone_number,waba_id,first_seen_at",
        f"{number.display_phone_number},{alices_waba.waba_id},{number.first_seen_at:%Y-%m-%dT%H:%M:%SZ}",
    ]
