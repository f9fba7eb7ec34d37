"""The desk, and the shell around every page."""

import datetime
import re

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.choices import RunScope, RunState, RunTrigger
from clients.models import Client, SyncFailure, SyncRun, User, Waba
from phones.choices import ChangeKind
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_change, make_client, make_number, make_waba
from tests.phones.reading import shown_to, text_of


def desk_of(person: User, sign_in: SignIn) -> str:
    return shown_to(person, "/", sign_in)


def counts_on(page: str) -> dict[str, str]:
    return dict(re.findall(r'\?queue=([\w-]+)">.*?<td class="num">([^<]+)</td>', page))


def test_each_queue_is_counted_for_the_person_and_links_to_its_numbers(
    account_manager: User, alices_waba: Waba, alices_number: PhoneNumber, foreign_waba: Waba, sign_in: SignIn
) -> None:
    make_number(alices_waba, quality_rating="RED")
    make_number(alices_waba, quality_rating="YELLOW")
    make_number(alices_waba, status="BANNED")
    make_number(alices_waba, missing_since=timezone.now())
    make_number(foreign_waba, quality_rating="RED")

    counts = counts_on(desk_of(account_manager, sign_in))

    assert counts["quality"] == "2"
    assert counts["restricted"] == "1"
    assert counts["missing"] == "1"
    assert "disconnected" not in counts


def test_an_empty_queue_is_named_as_clear(account_manager: User, alices_number: PhoneNumber, sign_in: SignIn) -> None:
    page = desk_of(account_manager, sign_in)

    assert "Nothing needs you now" in page
    assert re.search(r"Nothing in:.*Disconnected", page)


def test_a_queue_that_a_failing_waba_stands_in_is_not_called_clear(
    account_manager: User, alices_number: PhoneNumber, alices_waba: Waba, sign_in: SignIn
) -> None:
    empty = make_waba(alices_waba.client)
    _fail(empty, "not_visible")

    page = desk_of(account_manager, sign_in)

    assert "WABAs that can’t be read" in page
    assert not re.search(r"Nothing in:.*Failing.*</p>", page)


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

    assert counts_on(desk_of(team_lead, sign_in))["unassigned"] == "1"
    assert "queue=unassigned" not in desk_of(account_manager, sign_in)
    assert "Unassigned" not in desk_of(account_manager, sign_in)


def test_what_changed_lately_is_about_visible_numbers_and_not_about_new_ones(
    account_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    make_change(alices_number, old="GREEN", new="RED")
    make_change(alices_number, kind=ChangeKind.ADDED, field="", old=None, new=None)
    make_change(foreign_number, new="Secret")

    page = desk_of(account_manager, sign_in)

    assert re.search(r"Quality: High .{0,80}<b class=\"bad\">Low</b>", page)
    assert "First seen, on" not in page
    assert "1 number</a> first seen in the last 24 hours" in page
    assert "Secret" not in page


def test_what_one_reading_changed_stands_together(
    account_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    at = timezone.now()
    make_change(alices_number, at=at, field="status", old="CONNECTED", new="DISCONNECTED")
    make_change(alices_number, at=at, field="platform_type", old="CLOUD_API", new="NOT_APPLICABLE")

    page = desk_of(account_manager, sign_in)

    lately = page[page.index('id="lately"') :]
    assert lately.count(f">{alices_number}</a>") == 1


def test_an_open_sync_shows_how_far_it_is(
    account_manager: User, alices_client: Client, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    run = SyncRun.objects.create(
        scope=RunScope.CLIENT, trigger=RunTrigger.PERSON, client=alices_client, state=RunState.RUNNING, wabas=9, read=4
    )

    page = desk_of(account_manager, sign_in)

    assert "4 of 9 WABAs read" in page
    assert f'href="/syncs/{run.pk}/"' in page


def test_empty_desks_say_what_comes_next(
    administrator: User, account_manager: User, stranger: User, sign_in: SignIn
) -> None:
    assert "No numbers yet" in desk_of(administrator, sign_in)
    assert "No client is yours yet" in desk_of(account_manager, sign_in)
    assert "You have no role yet" in desk_of(stranger, sign_in)


def test_the_desk_costs_few_queries_however_much_waits(
    account_manager: User,
    alices_waba: Waba,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(12):
        number = make_number(alices_waba, quality_rating="RED", status="BANNED")
        make_change(number)
        _fail(make_waba(alices_waba.client), "transient")
    browser = sign_in(account_manager)

    with django_assert_max_num_queries(26):
        browser.get("/")


def test_the_shell_says_who_is_signed_in_and_as_what(
    account_manager: User, stranger: User, administrator: User, sign_in: SignIn
) -> None:
    page = desk_of(account_manager, sign_in)

    assert "<b>alice</b><span>Account manager</span>" in page
    assert 'href="/admin/"' not in page
    assert 'href="/admin/"' in desk_of(administrator, sign_in)
    assert "No role yet" in desk_of(stranger, sign_in)


def test_logging_out_is_a_form_and_not_a_link(account_manager: User, sign_in: SignIn) -> None:
    browser = sign_in(account_manager)

    assert '<form method="post" action="/logout/">' in browser.get("/").content.decode()
    assert browser.get("/logout/").status_code == 405


def test_the_current_part_of_the_navigation_is_marked(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    page = text_of(sign_in(account_manager).get(f"/wabas/{alices_waba.waba_id}/"))

    assert re.findall(r'aria-current="page">.*?<span>(\w+)</span>', page) == ["WABAs"]


def test_a_desk_that_was_not_read_for_a_day_says_so(account_manager: User, alices_waba: Waba, sign_in: SignIn) -> None:
    make_number(alices_waba, synced_at=timezone.now() - datetime.timedelta(days=2))

    assert counts_on(desk_of(account_manager, sign_in))["stale"] == "1"


def _fail(waba: Waba, kind: str) -> None:
    waba.last_failure = SyncFailure.objects.create(waba=waba, kind=kind, at=timezone.now())
    waba.save()
