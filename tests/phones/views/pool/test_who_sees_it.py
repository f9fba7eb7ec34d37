"""Who sees the pool, whose names they see in it, and who may do what."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, User
from phones.choices import ActionKind, ActionState
from phones.models import Action, PreverifiedNumber, PreverifiedShare
from phones.pool import reserve as reserving
from tests.access.asking import ask
from tests.back_office import page as back_office
from tests.conftest import SignIn
from tests.factories import make_number, make_waba
from tests.phones.pool.pooling import board, days, make_link, make_row, page, rows_on
from tests.phones.reading import text_of

pytestmark = pytest.mark.django_db

POSTS = ["read", "release", "request-code", "verify-code", "share", "unshare", "delete"]


@pytest.fixture
def reserved(alices_client: Client, account_manager: User) -> PreverifiedNumber:
    """A number that is reserved for Alice's client."""
    row = make_row()
    make_link(alices_client, account_manager, row)
    return row


@pytest.mark.parametrize(("who", "named"), [("alice", True), ("carol", True), ("tess", True), ("otto", False)])
def test_a_reservation_names_its_client_only_to_who_may_see_that_client(
    reserved: PreverifiedNumber,
    account_manager: User,
    covering_manager: User,
    team_lead: User,
    other_manager: User,
    sign_in: SignIn,
    who: str,
    named: bool,
) -> None:
    browser = sign_in(User.objects.get(username=who))
    of_one = page(browser, reserved)
    for shown in (board(browser), of_one):
        assert ("Alpha Bakery" in shown) is named
        assert "reserved" in shown.lower()
    told = "Reserved for a signup link of Alpha Bakery." if named else "Reserved for a signup link."
    history = of_one.partition("History")[2]
    assert told in history
    assert f"signup link {reserved.reserved_for_id}" not in history


def test_the_record_of_reservations_names_nobody_to_who_does_not_see_the_client(
    reserved: PreverifiedNumber, account_manager: User, other_manager: User, foreign_client: Client, sign_in: SignIn
) -> None:
    reserving.release(number=reserved, actor=account_manager)
    make_link(foreign_client, other_manager, reserved)

    history = {who: page(sign_in(who), reserved).partition("History")[2] for who in (account_manager, other_manager)}

    assert history[account_manager].count("by alice") == 2
    assert history[other_manager].count("by otto") == 1
    assert "otto" not in history[account_manager].partition("Reservation")[0]
    assert "alice" not in history[other_manager]
    assert all("Freed from its signup link." in shown for shown in history.values())


def test_a_claimed_number_is_named_only_to_who_may_see_it(
    alices_client: Client, account_manager: User, other_manager: User, sign_in: SignIn
) -> None:
    theirs = make_number(make_waba(alices_client), display_phone_number="+1 631-555-9999", verified_name="Alpha Shop")
    row = make_row(missing_since=days(-1), claimed_at=days(-1), number=theirs)
    for shown in (board(sign_in(account_manager), "in_use"), page(sign_in(account_manager), row)):
        assert "Alpha Bakery" in shown
    for shown in (board(sign_in(other_manager), "in_use"), page(sign_in(other_manager), row)):
        assert "Alpha" not in shown
        assert theirs.phone_number_id not in shown


def test_a_reservation_is_freed_by_who_works_on_the_client_and_by_leads(
    reserved: PreverifiedNumber, account_manager: User, other_manager: User, viewer: User, sign_in: SignIn
) -> None:
    address = f"/preverified/{reserved.preverified_id}/release/"
    assert sign_in(viewer).post(address).status_code == 403
    assert "ask a team lead to free it" in text_of(sign_in(other_manager).post(address, follow=True))
    assert not reserving.available().exists()

    assert "Freed." in text_of(sign_in(account_manager).post(address, follow=True))
    assert list(reserving.available()) == [reserved]
    assert "No signup link offers this number" in text_of(sign_in(account_manager).post(address, follow=True))


@pytest.mark.parametrize("kind", ["share", "unshare", "delete"])
def test_sharing_and_deleting_are_for_team_leads_and_administrators(
    account_manager: User, team_lead: User, sign_in: SignIn, kind: str
) -> None:
    row = make_row()
    confirm, act = (f"/preverified/{row.preverified_id}/{part}/" for part in (f"confirm/{kind}", kind))
    assert sign_in(account_manager).get(confirm).status_code == 403
    assert sign_in(account_manager).post(act).status_code == 403
    assert "This is for team leads and administrators." in page(sign_in(account_manager), row)
    assert sign_in(team_lead).get(confirm).status_code == 200


def test_a_viewer_sees_the_pool_and_changes_nothing(viewer: User, sign_in: SignIn) -> None:
    row, browser = make_row(), sign_in(viewer)
    assert rows_on(board(browser)) == [row.preverified_id]
    assert "Your role may look and not act." in page(browser, row)
    assert 'href="/preverified/add/"' not in board(browser)
    for part in POSTS:
        assert browser.post(f"/preverified/{row.preverified_id}/{part}/").status_code == 403, part
    assert browser.get(f"/preverified/{row.preverified_id}/confirm/request-code/").status_code == 403
    assert browser.get("/preverified/add/").status_code == 403
    assert browser.post("/preverified/add/").status_code == 403
    assert browser.post("/preverified/read/").status_code == 403
    assert browser.post("/preverified/read/chosen/", {"all": "yes"}).status_code == 403
    assert not Action.objects.exists()


def test_who_has_no_role_sees_nothing_of_the_pool_and_no_way_to_it(stranger: User, sign_in: SignIn) -> None:
    row, browser = make_row(), sign_in(stranger)
    shown = board(browser)
    assert row.digits not in shown
    assert "can be offered" not in shown
    assert 'href="/preverified/"' not in text_of(browser.get("/"))
    for part in ("", "confirm/request-code/"):
        there, missing = (
            ask(browser, "get", f"/preverified/{one}/{part}", {}, {"id": one}) for one in (row.preverified_id, "12345")
        )
        assert there.status == 404
        assert not there.difference(missing)
    for part in POSTS:
        assert browser.post(f"/preverified/{row.preverified_id}/{part}/").status_code == 404, part


def test_the_way_to_the_pool_is_in_the_rail_of_who_has_a_role(viewer: User, sign_in: SignIn) -> None:
    assert 'href="/preverified/"' in text_of(sign_in(viewer).get("/"))


def test_nothing_is_started_by_a_get_or_from_another_site(administrator: User) -> None:
    row = make_row()
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    addresses = [f"/preverified/{row.preverified_id}/{part}/" for part in POSTS]
    for address in [*addresses, "/preverified/read/"]:
        assert strict.get(address).status_code == 302, address
        assert strict.post(address).status_code == 403, address
    assert strict.post("/preverified/add/", {"phone_number": "+44 7700 900999"}).status_code == 403


@pytest.mark.parametrize("odd", ["0", "-1", "٣٤", "9" * 40, "%00", "a", "1%20or%201=1"])
def test_odd_ids_are_simply_not_there(browser: Browser, odd: str) -> None:
    assert browser.get(f"/preverified/{odd}/").status_code == 404
    assert browser.post(f"/preverified/{odd}/read/").status_code == 404


def test_who_is_not_signed_in_is_sent_to_the_login_whatever_they_ask_for() -> None:
    row, nobody = make_row(), Browser()
    for one in (row.preverified_id, "12345"):
        pages = ["", "confirm/delete/", *(f"{part}/" for part in POSTS)]
        for address in ["/preverified/", "/preverified/add/", *(f"/preverified/{one}/{part}" for part in pages)]:
            for method in (nobody.get, nobody.post):
                assert method(address)["Location"].startswith("/login/?next="), address


def test_no_page_of_the_pool_is_kept_anywhere(browser: Browser) -> None:
    row = make_row(code_verification_status="EXPIRED")
    for address in ("", "add/", f"{row.preverified_id}/", f"{row.preverified_id}/confirm/request-code/"):
        assert "no-store" in browser.get(f"/preverified/{address}")["Cache-Control"], address


def test_administrators_look_at_the_tables_of_the_pool_in_the_back_office(desk: Browser, lead: User) -> None:
    row = make_row()
    PreverifiedShare.objects.create(number=row, business_id="300000000000001", since=timezone.now())
    Action.objects.create(
        preverified_number=row,
        kind=ActionKind.SHARE,
        requested_by=lead,
        created_at=timezone.now(),
        state=ActionState.FAILED,
    )
    for model in (PreverifiedNumber, PreverifiedShare, Action):
        found = model._default_manager.get()
        assert desk.get(back_office(model, "changelist")).status_code == 200
        assert desk.get(back_office(model, "change", found.pk)).status_code == 200
        assert desk.get(back_office(model, "add")).status_code == 403
        assert desk.post(back_office(model, "delete", found.pk), {"post": "yes"}).status_code == 403


def test_what_is_not_done_to_a_number_is_not_there(browser: Browser) -> None:
    row = make_row()
    for kind in ("add", "nonsense"):
        assert browser.get(f"/preverified/{row.preverified_id}/confirm/{kind}/").status_code == 404
        assert browser.post(f"/preverified/{row.preverified_id}/{kind}/").status_code == 404
