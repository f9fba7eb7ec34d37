"""The board of the pool, a number's page, and the numbers that signup links offer."""

from __future__ import annotations

import re

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.choices import Role
from clients.models import Client, SignupLink, User
from phones.actions.lost_answers import ANSWER_LIMIT
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber, PreverifiedNumber
from phones.pool import reserve as reserving
from tests.conftest import SignIn
from tests.factories import make_client, make_credential, make_person
from tests.phones.pool.pooling import board, changes_seen, days, in_state, make_link, make_row, page, read, rows_on
from tests.phones.reading import text_of
from tests.practice import Practice

pytestmark = pytest.mark.django_db


# --- The board --------------------------------------------------------------------------------------------------------


def test_the_soonest_deadline_is_on_top_and_what_has_no_clock_comes_last(browser: Browser) -> None:
    late = make_row(verification_expiry_time=days(60))
    lapsed = make_row(code_verification_status="EXPIRED")
    soon = make_row(verification_expiry_time=days(3))
    leaving = make_row(
        code_verification_status="NOT_VERIFIED",
        code_verification_time=None,
        verification_expiry_time=None,
        first_seen_at=days(-85),
    )
    claimed = make_row(missing_since=days(-1), claimed_at=days(-89))
    make_row(deleted_at=timezone.now())

    order = [claimed, soon, leaving, late, lapsed]
    assert rows_on(board(browser)) == [row.preverified_id for row in order]


def test_the_tabs_count_and_filter_by_where_numbers_stand(browser: Browser) -> None:
    available = make_row()
    expired = make_row(code_verification_status="EXPIRED")
    deleted = make_row(deleted_at=timezone.now())
    shown = board(browser)

    for label, count in (("Current", 2), ("Available", 1), ("Expired", 1), ("Deleted", 1)):
        assert f'{label} <span class="n">{count}</span>' in shown, label
    assert "1 can be offered now" in shown
    for row, standing in ((available, "available"), (expired, "expired"), (deleted, "deleted")):
        assert rows_on(board(browser, standing)) == [row.preverified_id]
    assert "No number of the pool fits" in board(browser, "claimed")
    assert "No number of the pool fits" in board(browser, "nonsense")


def test_a_long_pool_has_pages(browser: Browser) -> None:
    for number in range(51):
        make_row(verification_expiry_time=days(50 + number / 50))
    first, second = board(browser), text_of(browser.get("/preverified/?page=2"))
    assert (len(rows_on(first)), len(rows_on(second))) == (50, 1)
    assert not set(rows_on(first)) & set(rows_on(second))


def test_odd_page_numbers_show_a_page(browser: Browser) -> None:
    make_row()
    for asked in ("0", "-1", "x", "٣", "9" * 40, ""):
        assert browser.get("/preverified/", {"page": asked}).status_code == 200, asked


def test_the_board_costs_the_same_however_many_numbers_it_shows(
    browser: Browser, alices_client: Client, lead: User, django_assert_max_num_queries: object
) -> None:
    for _ in range(12):
        make_link(make_client(), lead, make_row())
    with django_assert_max_num_queries(16):  # type: ignore[operator] # a fixture
        browser.get("/preverified/")


def test_an_empty_pool_says_whether_it_was_read(practice: Practice, browser: Browser) -> None:
    assert "Not read yet" in board(browser)
    practice.fault({"status": 200, "body": {"data": []}}, path_contains="preverified_numbers")
    shown = text_of(browser.post("/preverified/read/", follow=True))
    assert "The pool is empty" in shown


def test_without_the_environments_token_the_board_says_so(browser: Browser) -> None:
    assert "META_SYSTEM_USER_TOKEN" in board(browser)
    make_credential(from_environment=True, business_id="300000000000009")
    assert "META_SYSTEM_USER_TOKEN" not in board(browser)


def test_reading_from_the_board_tells_what_it_found(practice: Practice, browser: Browser) -> None:
    offered = re.findall(r"<button[^>]*>(.*?)</button>", board(browser), re.DOTALL)
    assert any("Refresh" in words for words in offered)
    assert not any("Read from Meta" in words for words in offered)
    shown = text_of(browser.post("/preverified/read/", {"next": "/preverified/?standing=expired"}, follow=True))
    assert "Read from Meta just now: 12 numbers, 12 new." in shown
    assert "Expired" in shown


def test_the_ticked_numbers_are_read_one_by_one_and_many_by_one_list(practice: Practice, browser: Browser) -> None:
    read(practice)
    first, second = PreverifiedNumber.objects.order_by("pk")[:2]
    for row in PreverifiedNumber.objects.all():
        practice.control("PATCH", f"preverified/{row.preverified_id}", {"state": "expired"})

    some = text_of(browser.post("/preverified/read/chosen/", {"ids": [first.pk, second.pk]}, follow=True))
    assert "2 of 2 numbers read from Meta just now." in some
    assert set(PreverifiedNumber.objects.filter(code_verification_status="EXPIRED")) == {first, second}

    for number in range(20):
        make_row(preverified_id=f"99{number}", phone_number=f"+1 555 01{number:02d}")
    practice.control("POST", "log/clear")
    text_of(browser.post("/preverified/read/chosen/", {"all": "yes"}, follow=True))
    assert PreverifiedNumber.objects.filter(code_verification_status="EXPIRED").count() == 12
    practice.fault({"graph_error": {"code": 190}}, path_contains=first.preverified_id)
    refused = text_of(browser.post("/preverified/read/chosen/", {"ids": first.pk}, follow=True))
    assert "0 of 1 number read from Meta just now. The rest could not be read." in refused
    assert "Choose at least one row." in text_of(browser.post("/preverified/read/chosen/", follow=True))


def test_a_failed_reading_is_explained_on_the_board_until_one_succeeds(practice: Practice, browser: Browser) -> None:
    practice.fault({"graph_error": {"code": 190}}, path_contains="preverified_numbers")
    shown = text_of(browser.post("/preverified/read/", follow=True))
    assert "The pool could not be read, and nothing here has changed" in shown
    assert "trace" in shown
    assert 'class="notice bad"' in board(browser)
    practice.heal()
    browser.post("/preverified/read/")
    assert 'class="notice bad"' not in board(browser)


# --- One number -------------------------------------------------------------------------------------------------------


def test_what_graph_did_not_return_is_not_shown_as_a_no(browser: Browser) -> None:
    row = make_row(code_verification_status=None, code_verification_time=None, verification_expiry_time=None)
    shown = page(browser, row)
    assert "Meta did not say whether it is verified" in shown
    assert shown.count("not returned") >= 3
    assert 'class="tone ok' not in shown


def test_nothing_is_green_when_it_was_not_read_for_a_day(browser: Browser) -> None:
    row = make_row(synced_at=days(-2))
    assert 'class="tone ok stale"' in page(browser, row)
    assert 'class="tone ok plain stale"' in board(browser)


def test_a_date_that_is_reckoned_says_so(browser: Browser) -> None:
    row = make_row(verification_expiry_time=None)
    assert "Reckoned: 90 days from when it was verified" in page(browser, row)


def test_a_verification_that_has_lapsed_is_not_green_though_meta_called_it_verified(browser: Browser) -> None:
    row = make_row(verification_expiry_time=days(-1))
    assert 'class="tone ok' not in page(browser, row)


def test_the_history_tells_what_was_done_by_whom_and_how_it_ended(
    browser: Browser, alices_client: Client, account_manager: User
) -> None:
    row = make_row()
    make_link(alices_client, account_manager, row)
    Action.objects.create(
        preverified_number=row,
        kind=ActionKind.REQUEST_CODE,
        state=ActionState.FAILED,
        details={"code_method": "VOICE"},
        requested_by=account_manager,
        created_at=timezone.now(),
        closed_at=timezone.now(),
        error_kind="code_request_failed",
        code=136024,
        subcode=2388091,
        message="Try later",
        fbtrace_id="AbcTrace",
    )
    shown = page(browser, row)
    assert "Request code by call" in shown
    assert "Meta could not send the code" in shown
    assert "<code>136024/2388091</code>" in shown
    assert "AbcTrace" in shown
    assert "from the desk by alice" in shown
    assert "Reserved for a signup link of Alpha Bakery." in shown


def test_a_page_whose_answer_may_still_come_looks_again_until_it_is_lost(browser: Browser) -> None:
    row, now = make_row(), timezone.now()
    asked = Action.objects.create(
        preverified_number=row, kind=ActionKind.REQUEST_CODE, state=ActionState.SENT, created_at=now
    )

    assert 'hx-trigger="every 2s"' in page(browser, row)
    Action.objects.filter(pk=asked.pk).update(created_at=now - ANSWER_LIMIT)
    assert 'hx-trigger="every 2s"' not in page(browser, row)


def test_reading_a_number_refreshes_it(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "fresh")
    practice.control("PATCH", f"preverified/{row.preverified_id}", {"state": "expired"})
    shown = text_of(browser.post(f"/preverified/{row.preverified_id}/read/", follow=True))
    assert "Read from Meta just now." in shown
    assert "Its verification has lapsed" in shown
    assert changes_seen(practice) == []


def test_reading_a_number_that_left_says_that_it_is_gone(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "fresh")
    practice.writer.delete_preverified_number(row.preverified_id, token=practice.credentials.system_user_token)
    shown = text_of(browser.post(f"/preverified/{row.preverified_id}/read/", follow=True))
    assert "Meta shows it no more" in shown
    assert "deleted elsewhere" in shown


# --- Offered in a signup link -----------------------------------------------------------------------------------------


def make_link_on_page(browser: Browser, client: Client, preverified: object = "") -> str:
    data = {"display_name": "", "lifetime": "30", "preverified": str(preverified)}
    return text_of(browser.post(f"/clients/{client.pk}/signup-links/", data, follow=True))


def test_an_available_number_is_offered_in_a_clients_link(
    alices_client: Client, account_manager: User, sign_in: SignIn
) -> None:
    row, taken = make_row(), make_row(code_verification_status="EXPIRED")
    browser = sign_in(account_manager)
    shown = text_of(browser.get(f"/clients/{alices_client.pk}/"))
    assert f'<option value="{row.pk}">+1 555-010-0000, verified until' in shown
    assert f'<option value="{taken.pk}">' not in shown

    make_link_on_page(browser, alices_client, row.pk)

    link = SignupLink.objects.get()
    assert reserving.offered_by(link) == row
    assert f'<option value="{row.pk}">' not in text_of(browser.get(f"/clients/{alices_client.pk}/"))


def test_a_number_that_was_taken_meanwhile_leaves_no_link_behind(
    alices_client: Client, foreign_client: Client, account_manager: User, sign_in: SignIn
) -> None:
    row = make_row()
    make_link(foreign_client, account_manager, row)
    shown = make_link_on_page(sign_in(account_manager), alices_client, row.pk)
    assert "No link was made." in shown
    assert "choose another one" in shown
    assert not SignupLink.objects.filter(client=alices_client).exists()


def test_a_link_without_one_is_made_as_ever(alices_client: Client, account_manager: User, sign_in: SignIn) -> None:
    make_row()
    make_link_on_page(sign_in(account_manager), alices_client)
    assert reserving.offered_by(SignupLink.objects.get()) is None


def test_the_signup_page_opens_metas_window_with_the_reserved_number(
    alices_client: Client, account_manager: User, settings: object, client: Browser
) -> None:
    from clients import links

    for name in ("META_APP_ID", "META_APP_SECRET", "META_LOGIN_CONFIG_ID"):
        setattr(settings, name, "100000000000001")
    row = make_row()
    link = make_link(alices_client, account_manager, row)
    shown = text_of(client.get(f"/signup/{links.token_of(link)}/"))
    assert f"&quot;preVerifiedPhone&quot;: {{&quot;ids&quot;: [&quot;{row.preverified_id}&quot;]}}" in shown


def test_a_claimed_number_leads_to_its_own_page(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "fresh")
    practice.sync()
    waba_id = practice.wabas()[0]["id"]
    wish = {"waba": waba_id, "number": "preverified", "preverified_id": row.preverified_id}
    made = practice.control("POST", "signups", wish)
    practice.sync(waba_id)
    read(practice)
    number = PhoneNumber.objects.get(phone_number_id=made["phone_number_id"])
    shown = page(browser, row)
    assert "Claimed by a client: register it in time." in shown
    assert f'href="/phones/{number.phone_number_id}/"' in shown
    assert "must be registered" in board(browser, "claimed")


def test_people_of_every_role_get_their_page(sign_in: SignIn) -> None:
    row = make_row()
    for role in Role:
        browser = sign_in(make_person(role.name, role))
        assert browser.get("/preverified/").status_code == 200
        assert browser.get(f"/preverified/{row.preverified_id}/").status_code == 200
