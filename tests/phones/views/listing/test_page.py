"""What stands on the page of the numbers list, with and without htmx."""

import datetime
import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import SyncFailure, User, Waba
from phones.listing.queues import QUEUES
from phones.models import PhoneNumber
from phones.numbers import standing as standings
from tests.conftest import SignIn
from tests.factories import make_client, make_number, make_waba
from tests.phones.listing.rows import page_of, text_of

HTMX = {"HX-Request": "true"}


def row_of(browser: Browser, number: PhoneNumber, **parameters: str) -> str:
    """The markup of one row."""
    text = text_of(page_of(browser, **parameters))
    match = re.search(rf'<tr data-phone-number-id="{number.phone_number_id}">(.*?)</tr>', text, re.DOTALL)
    assert match
    return match[1]


# --- Rows -------------------------------------------------------------------------------------------------------------


def test_a_row_says_whose_number_it_is_and_how_it_stands(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    shown = (
        "client,status,code_verification_status,name_status,quality_rating,account_mode,last_onboarded_time,synced_at"
    )
    row = row_of(sign_in(administrator), alices_number, columns=shown)

    for words in (
        str(alices_number.display_phone_number),
        f"/phones/{alices_number.phone_number_id}/",
        "Alpha Bakery WABA",
        f"/clients/{alices_number.waba.client_id}/",
        f"/wabas/{alices_number.waba.waba_id}/",
        "Connected",
        "Cloud API",
        "Verified",
        "Approved",
        "Live",
        "sync",
    ):
        assert words in row, words
    assert len(re.findall(r'<td class="(?:time|age)" title="[^"]* UTC', row)) == 2


def test_a_row_says_what_to_do_next_whose_move_it_is_and_until_when(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    signed_up = timezone.now() - timedelta(days=12)
    number = make_number(alices_waba, status="PENDING", platform_type="NOT_APPLICABLE", last_onboarded_time=signed_up)
    PhoneNumber.objects.update(is_pin_enabled=False)
    standings.recompute([number.pk])

    row = row_of(sign_in(administrator), number)

    for words in ("Ready to register", "Register it with a PIN.", "Our move", "due-bad", "in 47 h"):
        assert words in row, words


def test_connected_without_cloud_api_is_not_green(administrator: User, sign_in: SignIn, alices_waba: Waba) -> None:
    number = make_number(alices_waba, status="CONNECTED", platform_type="NOT_APPLICABLE")
    assert "Connected, not registered" in row_of(sign_in(administrator), number, columns="status")


def test_what_graph_did_not_return_looks_different_from_empty(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    silent = make_number(alices_waba, quality_rating=None, verified_name=None, last_onboarded_time=None)
    empty = make_number(alices_waba, quality_rating="", verified_name="")
    browser = sign_in(administrator)

    assert row_of(browser, silent, columns="quality_rating,last_onboarded_time").count('class="absent"') == 3
    assert 'class="absent"' not in row_of(browser, empty, columns="quality_rating,last_onboarded_time")


def test_an_unknown_value_is_shown_as_itself_and_not_in_green(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    row = row_of(sign_in(administrator), make_number(alices_waba, status="SHINY_NEW"), columns="status")

    assert "SHINY_NEW" in row
    assert 'class="tone none' in row
    assert 'class="tone ok' not in row


def test_what_is_old_is_not_shown_in_green(administrator: User, sign_in: SignIn, alices_waba: Waba) -> None:
    old = make_number(alices_waba, synced_at=timezone.now() - datetime.timedelta(days=2))
    row = row_of(sign_in(administrator), old)

    assert re.findall(r'class="\w+ ok([^"]*)"', row)
    assert all("stale" in rest for rest in re.findall(r'class="\w+ ok([^"]*)"', row))


def test_a_missing_number_is_called_missing_not_connected(
    administrator: User, sign_in: SignIn, alices_waba: Waba
) -> None:
    row = row_of(sign_in(administrator), make_number(alices_waba, missing_since=timezone.now()), columns="status")

    assert "Missing" in row
    assert 'class="tone ok' not in row


def test_a_row_says_when_its_waba_cannot_be_read(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    waba = alices_number.waba
    waba.last_failure = SyncFailure.objects.create(waba=waba, kind="x", at=timezone.now())
    waba.save()

    assert "reading fails" in row_of(sign_in(administrator), alices_number)


def test_names_from_outside_are_text(administrator: User, sign_in: SignIn) -> None:
    evil = '"><script>alert(1)</script>'
    number = make_number(
        make_waba(make_client(evil), name=evil), verified_name=evil, display_phone_number=evil, status=evil
    )

    text = text_of(page_of(sign_in(administrator), q=evil, status=evil, sort=evil, queue=evil, owner=evil))

    assert "<script>alert" not in text
    assert "<script>alert" not in row_of(sign_in(administrator), number)


def test_columns_are_chosen_in_the_address(administrator: User, sign_in: SignIn, alices_number: PhoneNumber) -> None:
    text = text_of(page_of(sign_in(administrator), columns="throughput,is_pin_enabled,nonsense"))
    heads = re.findall(r"<th scope=\"col\".*?</th>", text)

    assert [re.sub(r"<[^>]*>", "", head) for head in heads[1:]] == ["Number", "Throughput", "PIN"]


# --- Around the rows --------------------------------------------------------------------------------------------------


def test_each_applied_filter_is_a_chip_that_can_be_removed(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    text = text_of(
        page_of(
            sign_in(administrator), status=["CONNECTED", "NEW"], quality_rating="-", client="7", q="alpha", owner="me"
        )
    )
    chips = dict(re.findall(r'<a href="([^"]*)" aria-label="Remove ([^"]*)"', text))

    assert set(chips.values()) == {
        "Connection Connected",
        "Connection NEW",
        "Quality not returned",
        "Client 7",
        "Search alpha",
        "Account manager me",
    }
    without = next(address for address, label in chips.items() if label == "Connection NEW")
    assert "status=CONNECTED" in without
    assert "status=NEW" not in without
    assert "q=alpha" in without


def test_a_chip_names_the_client(administrator: User, sign_in: SignIn, alices_number: PhoneNumber) -> None:
    text = text_of(page_of(sign_in(administrator), client=str(alices_number.waba.client_id)))

    assert 'aria-label="Remove Client Alpha Bakery"' in text


def test_an_applied_value_that_nobody_knows_stays_in_the_panel(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    text = text_of(page_of(sign_in(administrator), status="SHINY_NEW", panel="shown"))

    assert re.search(r'name="status" value="SHINY_NEW" checked', text)


def test_parameters_without_a_field_travel_with_the_form(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    text = text_of(page_of(sign_in(administrator), queue="quality", waba="1", per_page="100"))

    for name, value in (("queue", "quality"), ("waba", "1"), ("per_page", "100")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in text


def test_the_sorted_column_says_so_and_turns_round(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = sign_in(administrator)

    assert re.search(
        r'aria-sort="ascending"><a href="/phones/\?[^"]*sort=-status',
        text_of(page_of(browser, sort="status", columns="status")),
    )
    assert re.search(
        r'aria-sort="descending"><a href="/phones/\?[^"]*sort=status',
        text_of(page_of(browser, sort="-status", columns="status")),
    )
    assert text_of(page_of(browser, columns="last_onboarded_time")).count("aria-sort") == 1


def test_every_queue_has_a_tab(administrator: User, sign_in: SignIn, alices_number: PhoneNumber) -> None:
    text = text_of(page_of(sign_in(administrator), queue="missing", status="X"))

    for name in QUEUES:
        assert f'href="/phones/?queue={name}"' in text
    assert re.search(r'href="/phones/\?queue=missing" aria-current="page"', text)


def test_the_address_of_the_file_is_that_of_the_list(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    text = text_of(
        page_of(sign_in(administrator), status="CONNECTED", sort="-client", columns="status", per_page="100")
    )

    for kind in ("csv", "xlsx"):
        assert (
            f'href="/phones/export.{kind}?status=CONNECTED&amp;sort=-client'
            '&amp;columns=display_phone_number%2Cverified_name%2Cstatus"' in text
        )
    assert 'href="/phones/export.xlsx?status=CONNECTED"' in text_of(page_of(sign_in(administrator), status="CONNECTED"))


# --- htmx -------------------------------------------------------------------------------------------------------------


def test_htmx_gets_the_results_alone_and_what_changes_around_them(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    response = sign_in(administrator).get("/phones/?q=&status=CONNECTED&owner=&sort=", headers=HTMX)
    text = text_of(response)

    assert "<html" not in text
    assert alices_number.phone_number_id in text
    for target in ("#count", "#filter-count"):
        assert f'hx-swap-oob="innerHTML:{target}"' in text
    for name in ("sort", "export"):
        assert re.search(rf'id="{name}"[^>]*hx-swap-oob="true"', text)
    assert response["HX-Push-Url"] == "/phones/?status=CONNECTED"
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_whole_page_is_sent_where_htmx_wants_one(
    header: str, administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    text = text_of(sign_in(administrator).get("/phones/", headers={**HTMX, header: "true"}))

    assert "<html" in text
    assert "hx-swap-oob" not in text


def test_the_page_has_no_inline_style_or_script(
    administrator: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    text = text_of(page_of(sign_in(administrator), q="alpha"))

    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<script>", text)
