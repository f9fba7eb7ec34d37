"""The CSV file: the same numbers as the list, in the same order, that any program reads back unchanged."""

import csv
import datetime
import io
import itertools

import pytest
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clients.models import User, Waba
from phones.listing import export
from phones.listing.columns import ORDERS
from phones.models import PhoneNumber
from portal.web.files import csv_of, guarded
from tests.conftest import SignIn
from tests.factories import make_number, make_waba
from tests.phones.listing.rows import text_of, walked

PUBLIC = [
    "phone_number_id",
    "display_phone_number",
    "verified_name",
    "client",
    "waba_id",
    "waba_name",
    "status",
    "code_verification_status",
    "name_status",
    "new_name_status",
    "quality_rating",
    "platform_type",
    "throughput",
    "account_mode",
    "messaging_limit",
    "is_official_business_account",
    "is_pin_enabled",
    "last_onboarded_time",
    "stage",
    "registration_deadline",
    "synced_at",
    "registered",
    "may_send",
    "facts_as_of",
    "owner",
    "cover",
    "labels",
    "username",
    "profile",
    "calling",
]
OF_OTHERS = {
    "phone_number_id",
    "client",
    "waba_id",
    "waba_name",
    "owner",
    "cover",
    "labels",
    "username",
    "profile",
    "calling",
    "synced_at",
    "registered",
    "facts_as_of",
}


def file_of(browser: Browser, query: str = "") -> list[dict[str, str]]:
    """The rows of the file, by column."""
    text = text_of(browser.get(f"/phones/export.csv?bom=0&{query}"))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_columns_are_the_public_ones_in_their_order(administrator: User, sign_in: SignIn) -> None:
    text = text_of(sign_in(administrator).get("/phones/export.csv?bom=0"))

    assert text == ",".join(PUBLIC) + "\r\n"


def test_the_file_says_what_it_is(administrator: User, sign_in: SignIn) -> None:
    response = sign_in(administrator).get("/phones/export.csv")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="numbers-{timezone.now():%Y-%m-%d}.csv"'
    assert response.streaming
    assert text_of(response).startswith("\ufeffphone_number_id,")


def test_each_fact_stands_in_its_column(administrator: User, sign_in: SignIn, alices_waba: Waba) -> None:
    at = datetime.datetime(2026, 3, 4, 9, 8, 7, 654_321, tzinfo=datetime.UTC)
    number = make_number(
        alices_waba,
        display_phone_number="+34 600 11 22 33",
        verified_name="Clínica, «Sol»",
        new_name_status="PENDING_REVIEW",
        is_pin_enabled=False,
        is_official_business_account=True,
        last_onboarded_time=at,
        synced_at=at + datetime.timedelta(days=1),
        stage="ready",
        may_send="yes",
        username_state="none",
        calling_state="on",
        registration_deadline=at + datetime.timedelta(days=14),
    )

    assert file_of(sign_in(administrator)) == [
        {
            "phone_number_id": number.phone_number_id,
            "display_phone_number": "+34 600 11 22 33",
            "verified_name": "Clínica, «Sol»",
            "client": "Alpha Bakery",
            "waba_id": alices_waba.waba_id,
            "waba_name": "Alpha Bakery WABA",
            "status": "CONNECTED",
            "code_verification_status": "VERIFIED",
            "name_status": "APPROVED",
            "new_name_status": "PENDING_REVIEW",
            "quality_rating": "GREEN",
            "platform_type": "CLOUD_API",
            "throughput": "STANDARD",
            "account_mode": "LIVE",
            "messaging_limit": "TIER_1K",
            "is_official_business_account": "true",
            "is_pin_enabled": "false",
            "last_onboarded_time": "2026-03-04T09:08:07Z",
            "stage": "ready",
            "registration_deadline": "2026-03-18T09:08:07Z",
            "synced_at": "2026-03-05T09:08:07Z",
            "registered": "yes",
            "may_send": "yes",
            "facts_as_of": "2026-03-05T09:08:07Z",
            "owner": "alice",
            "cover": "carol",
            "labels": "",
            "username": "none",
            "profile": "unknown",
            "calling": "on",
        }
    ]


def test_what_graph_did_not_return_is_an_empty_cell(administrator: User, sign_in: SignIn, alices_waba: Waba) -> None:
    facts = [name for name in PUBLIC if name not in OF_OTHERS]
    make_number(alices_waba, **{name: None for name in facts if name != "stage"})  # type: ignore[arg-type] # facts only

    row = file_of(sign_in(administrator))[0]

    assert {row[name] for name in facts} == {""}
    assert row["registered"] == "unknown"


def test_the_file_holds_the_numbers_of_the_list_in_its_order(
    account_manager: User, sign_in: SignIn, alices_waba: Waba, foreign_number: PhoneNumber
) -> None:
    for value in ("B", None, "A", "B"):
        make_number(alices_waba, status=value, verified_name=value, display_phone_number=value and f"+1 {ord(value)}")
    make_number(alices_waba, quality_rating="RED")
    browser = sign_in(account_manager)
    for sort in (sort for name in ORDERS for sort in (name, f"-{name}")):
        query = f"quality_rating=GREEN&sort={sort}&per_page=3"

        expected = list(itertools.chain(*walked(account_manager, query)))

        assert len(expected) == 4, sort
        assert [row["phone_number_id"] for row in file_of(browser, query)] == expected, sort


def test_a_file_longer_than_a_piece_is_whole(
    administrator: User, sign_in: SignIn, alices_waba: Waba, foreign_waba: Waba, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_PIECE", 2)
    numbers = [make_number(waba) for waba in (alices_waba, foreign_waba) for _ in range(5)]

    rows = file_of(sign_in(administrator), "sort=phone_number_id")

    assert [row["phone_number_id"] for row in rows] == [number.phone_number_id for number in numbers]
    assert {row["client"] for row in rows} == {"Alpha Bakery", "Zeta Garage"}


def test_the_number_of_queries_does_not_follow_the_number_of_rows(
    administrator: User, sign_in: SignIn, alices_waba: Waba, django_assert_max_num_queries: type
) -> None:
    for _ in range(30):
        make_number(alices_waba)
    browser = sign_in(administrator)

    with django_assert_max_num_queries(12):
        assert len(file_of(browser, "q=business")) == 30


# --- Spreadsheets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        '=HYPERLINK("http://x","y")',
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",
        "＠SUM(A1)",
        "'=1",
    ],
)
def test_no_cell_is_a_formula(value: str, administrator: User, sign_in: SignIn) -> None:
    make_number(make_waba(name=value), verified_name=value, status=value, display_phone_number=value)

    row = file_of(sign_in(administrator))[0]

    for name in ("verified_name", "waba_name", "status", "display_phone_number"):
        assert row[name].startswith("'")
        assert row[name].endswith(value)


@pytest.mark.parametrize("number", ["+34 600 11 22 33", "+1 (631) 555-1111", "+49.30.555", "34600112233"])
def test_a_phone_number_is_left_as_it_is(number: str, administrator: User, sign_in: SignIn, alices_waba: Waba) -> None:
    make_number(alices_waba, display_phone_number=number)

    assert file_of(sign_in(administrator))[0]["display_phone_number"] == number


@pytest.mark.parametrize("value", ["+1;=cmd|' /C calc'!A0", "+34 600\n=1", "+ABC", "-34 600"])
def test_what_only_begins_like_a_phone_number_is_none(
    value: str, administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    make_number(alices_waba, display_phone_number=value)

    assert file_of(sign_in(administrator))[0]["display_phone_number"] == f"'{value}"


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_is_read_back_as_one_cell_and_opens_as_text(values: list[str]) -> None:
    cells = [guarded(value) for value in values]
    lines = list(csv.reader(io.StringIO(b"".join(csv_of(cells, [[["end"]]])).decode(), newline="")))

    assert lines == [cells, ["end"]]
    for value, cell in zip(values, cells, strict=True):
        assert cell.removeprefix("'") == value.replace("\0", "").removeprefix("'") or cell == value.replace("\0", "")
        assert "\0" not in cell
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))
        assert not cell.startswith(("\t", "\r", "\n"))
