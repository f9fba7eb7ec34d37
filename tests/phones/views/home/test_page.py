"""The desk, and the shell around every page."""

import datetime
import re
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.choices import RunScope, RunState, RunTrigger
from clients.models import Client, SyncFailure, SyncRun, User, Waba
from phones.models import PhoneNumber
from phones.numbers import standing
from tests.conftest import SignIn
from tests.factories import make_change, make_client, make_listing, make_number, make_waba
from tests.phones.reading import shown_to, text_of


def desk_of(person: User, sign_in: SignIn) -> str:
    return shown_to(person, "/", sign_in)


def rows_of(page: str, section: str) -> list[str]:
    """The text of each row of the table with this heading."""
    found = page[page.index(f'id="{section}"') :].partition("</table>")[0].partition("<tbody")[2]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", found)]


def addresses_with_counts(page: str) -> dict[str, str]:
    """What waits: the address of each category of numbers, and its count."""
    return {
        address.replace("&amp;", "&"): count
        for address, count in re.findall(
            r'<a class="tone plain \w+" href="(/phones/[^"]*)".*?<td class="num">([^<]+)</td>', page
        )
    }


def test_every_number_is_counted_once_and_its_category_opens_just_those(
    account_manager: User, alices_waba: Waba, foreign_waba: Waba, sign_in: SignIn
) -> None:
    lately = timezone.now() - datetime.timedelta(days=1)
    unregistered: dict[str, Any] = {
        "platform_type": "NOT_APPLICABLE",
        "status": "PENDING",
        "last_onboarded_time": lately,
    }
    for waba in (alices_waba, alices_waba, foreign_waba):
        make_number(waba, **unregistered)
    make_number(alices_waba, **unregistered, code_verification_status="NOT_VERIFIED")
    make_number(alices_waba, status="BANNED")
    make_number(alices_waba, quality_rating="RED")
    make_number(alices_waba, new_name_status="PENDING_REVIEW")
    make_number(alices_waba)
    recompute_all()

    page = desk_of(account_manager, sign_in)

    assert "Our move 3" in rows_of(page, "waiting")
    assert "The client’s move 1" in rows_of(page, "waiting")
    assert "Meta’s move 1" in rows_of(page, "waiting")
    assert "Nobody’s move 2" in rows_of(page, "waiting")
    assert "7 numbers of 1 client" in page
    found = addresses_with_counts(page)
    assert found["/phones/?stage=ready&move=us"] == "2"
    assert found["/phones/?queue=quality&move=nobody"] == "1"
    for address, count in found.items():
        assert shown_to(account_manager, address, sign_in).count("data-phone-number-id") == int(count), address


def test_the_most_urgent_number_is_first_and_one_click_from_its_form(
    account_manager: User, alices_waba: Waba, foreign_waba: Waba, sign_in: SignIn
) -> None:
    now = timezone.now()
    waiting: dict[str, Any] = {"platform_type": "NOT_APPLICABLE", "status": "PENDING"}
    for waba, days in ((alices_waba, 5), (foreign_waba, 13), (alices_waba, 13)):
        make_number(waba, **waiting, is_pin_enabled=False, last_onboarded_time=now - datetime.timedelta(days=days))
    make_number(alices_waba, status="DISCONNECTED", platform_type="NOT_APPLICABLE", verified_name="Down")
    make_number(alices_waba, status="BANNED", registration_deadline=None)
    recompute_all()
    PhoneNumber.objects.filter(verified_name="Down").update(stage_since=now - datetime.timedelta(days=12))
    browser = sign_in(account_manager)

    page = text_of(browser.get("/"))

    rows = rows_of(page, "next-up")
    assert len(rows) == 4
    assert "Register it with a PIN" in rows[0]
    assert "left" in rows[0]
    assert "can’t send" in rows[1]
    assert any("can’t send" in row and "for 12 days" in row for row in rows)
    banned = next(row for row in rows if "Meta has banned it: the client appeals" in row)
    assert "just now" in banned
    assert "move" not in banned, "the sentence names the client already"
    first = re.search(r'class="button small primary" href="([^"]+)"', page)
    assert first is not None
    assert 'name="confirmation"' in text_of(browser.get(first[1]))


def test_who_may_only_look_is_led_to_the_number_and_not_to_a_form(
    viewer: User, viewed_waba: Waba, sign_in: SignIn
) -> None:
    lately = timezone.now() - datetime.timedelta(days=1)
    make_number(viewed_waba, platform_type="NOT_APPLICABLE", status="PENDING", last_onboarded_time=lately)
    recompute_all()

    page = desk_of(viewer, sign_in)

    assert len(rows_of(page, "next-up")) == 1
    assert "/confirm/" not in page


def test_a_desk_where_all_is_well_says_so(account_manager: User, alices_number: PhoneNumber, sign_in: SignIn) -> None:
    page = desk_of(account_manager, sign_in)

    assert "Nothing needs you now" in page
    assert "Nothing got worse" in page


def test_a_failing_waba_shows_why_whose_move_it_is_and_for_whom(
    account_manager: User, alices_waba: Waba, foreign_waba: Waba, sign_in: SignIn
) -> None:
    _fail(alices_waba, "permission_missing")
    _fail(foreign_waba, "token_dead")

    page = desk_of(account_manager, sign_in)

    assert "Our token may not read it" in page
    assert "The client’s move: Ask the client to share the WABA" in page
    assert "Zeta" not in page


def test_only_who_sees_everything_is_told_of_clients_without_an_owner(
    account_manager: User, team_lead: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    make_number(make_waba(make_client("Orphan")))

    assert "Clients without an account manager 1" in rows_of(desk_of(team_lead, sign_in), "waiting")
    assert "without an account manager" not in desk_of(account_manager, sign_in)


def test_what_broke_is_about_the_own_book_and_alike_things_of_one_client_are_one_line(
    account_manager: User, alices_waba: Waba, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    for _ in range(3):
        make_change(make_number(alices_waba), waba=alices_waba, old="GREEN", new="RED")
    make_change(make_number(alices_waba), waba=alices_waba, old="RED", new="GREEN")
    make_change(foreign_number, waba=foreign_number.waba, new="RED")

    page = desk_of(account_manager, sign_in)

    broke = page[page.index('id="broke"') :].partition("</section>")[0]
    assert broke.count("<li>") == 1
    assert "3 numbers of" in broke
    assert "Zeta" not in page


def test_a_lead_sees_the_desk_by_account_manager_and_switches_to_the_book_of_one(
    team_lead: User, account_manager: User, alices_waba: Waba, foreign_waba: Waba, sign_in: SignIn
) -> None:
    lately = timezone.now() - datetime.timedelta(days=12)
    make_number(alices_waba, platform_type="NOT_APPLICABLE", status="PENDING", last_onboarded_time=lately)
    make_number(alices_waba)
    make_number(foreign_waba, status="BANNED")
    recompute_all()

    page = desk_of(team_lead, sign_in)
    of_alice = shown_to(team_lead, "/?book=alice", sign_in)

    assert [row.split()[:5] for row in rows_of(page, "managers")] == [
        ["alice", "2", "1", "0", "1"],
        ["otto", "1", "0", "1", "0"],
    ]
    assert "Desk of alice" in of_alice
    assert "2 numbers of 1 client" in of_alice
    assert "/phones/?stage=ready&amp;move=us&amp;owner=alice" in of_alice
    assert "Zeta" not in of_alice
    assert "Nothing in this book" in shown_to(team_lead, "/?book=mine", sign_in)
    assert "Nobody here is called “nobody”" in shown_to(team_lead, "/?book=nobody", sign_in)
    # Who sees their own clients only has no other book, whatever the address says.
    assert "2 numbers of 1 client" in shown_to(account_manager, "/?book=otto", sign_in)


def test_an_open_sync_shows_how_far_it_is(
    account_manager: User, alices_client: Client, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    run = SyncRun.objects.create(
        scope=RunScope.CLIENT, trigger=RunTrigger.PERSON, client=alices_client, state=RunState.RUNNING, wabas=9, read=4
    )

    page = desk_of(account_manager, sign_in)

    assert "4 of 9 WABAs read" in page
    assert f'href="/syncs/{run.pk}/"' in page


def test_an_urgent_number_stands_under_a_client_of_the_reader(
    account_manager: User, team_lead: User, alices_waba: Waba, foreign_waba: Waba, sign_in: SignIn
) -> None:
    make_number(alices_waba, status="BANNED", display_phone_number="+1 631-555-1111")
    recompute_all()

    (row,) = rows_of(desk_of(account_manager, sign_in), "next-up")
    assert row.startswith(f"+1 631-555-1111 {alices_waba.client.name}")

    # From here on a reader may see a number under another WABA than its own.
    make_listing(make_number(foreign_waba, status="BANNED", display_phone_number="+1 631-555-2222"), alices_waba)
    recompute_all()

    assert {row[:15] for row in rows_of(desk_of(account_manager, sign_in), "next-up")} == {
        "+1 631-555-1111",
        "+1 631-555-2222",
    }
    assert foreign_waba.client.name not in desk_of(account_manager, sign_in)
    assert foreign_waba.client.name in desk_of(team_lead, sign_in)


def test_empty_desks_say_what_comes_next(
    administrator: User, account_manager: User, stranger: User, sign_in: SignIn
) -> None:
    assert "No numbers yet" in desk_of(administrator, sign_in)
    assert "No client is yours yet" in desk_of(account_manager, sign_in)
    assert "You have no role yet" in desk_of(stranger, sign_in)


def test_the_desk_costs_few_queries_however_much_waits(
    account_manager: User,
    team_lead: User,
    alices_waba: Waba,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(12):
        number = make_number(alices_waba, quality_rating="RED", status="BANNED")
        make_change(number, waba=alices_waba, new="RED")
        _fail(make_waba(alices_waba.client), "transient")
    recompute_all()
    for who, address in ((account_manager, "/"), (team_lead, "/"), (team_lead, "/?book=alice")):
        browser = sign_in(who)
        # What stands in the navigation is kept for a while.
        cache.clear()
        browser.get("/phones/")
        with django_assert_max_num_queries(12, info=f"{who}: {address}"):
            assert len(rows_of(text_of(browser.get(address)), "next-up")) == 10, (who, address)


def test_the_shell_says_who_is_signed_in_and_as_what(
    account_manager: User, stranger: User, administrator: User, sign_in: SignIn
) -> None:
    page = desk_of(account_manager, sign_in)

    assert "alice</a></b><span>Account manager</span>" in page
    assert 'href="/admin/"' not in page
    assert 'href="/admin/"' in desk_of(administrator, sign_in)
    assert "No role yet" in desk_of(stranger, sign_in)


def test_logging_out_is_a_form_and_not_a_link(account_manager: User, sign_in: SignIn) -> None:
    browser = sign_in(account_manager)

    assert '<form method="post" action="/logout/">' in browser.get("/").content.decode()
    assert browser.get("/logout/")["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_the_current_part_of_the_navigation_is_marked(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    page = text_of(sign_in(account_manager).get(f"/wabas/{alices_waba.waba_id}/"))

    assert re.findall(r'aria-current="page">.*?<span>(\w+)</span>', page) == ["WABAs"]


def test_a_desk_that_was_not_read_for_a_day_says_so(account_manager: User, alices_waba: Waba, sign_in: SignIn) -> None:
    make_number(alices_waba, synced_at=timezone.now() - datetime.timedelta(days=2))

    assert "Numbers not read for 24 hours 1" in rows_of(desk_of(account_manager, sign_in), "waiting")


def recompute_all() -> None:
    standing.recompute(PhoneNumber.objects.values_list("pk", flat=True))


def _fail(waba: Waba, kind: str) -> None:
    waba.last_failure = SyncFailure.objects.create(waba=waba, kind=kind, at=timezone.now())
    waba.save()
