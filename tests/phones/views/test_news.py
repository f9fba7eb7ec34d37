"""What an open page is told of what has changed since it was shown; it asks an address of its own for that."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from clients.audit import entry
from clients.choices import AttemptState, AuditKind, RunScope, RunState, RunTrigger
from clients.models import Client, Label, SyncRun, User, Waba
from phones.bulk_choices import BulkKind, BulkState
from phones.choices import ActionKind, ActionState, EventState
from phones.models import Action, BulkRun, Event, NumberLabel, PhoneNumber, PreverifiedNumber
from portal.web.query import LISTS
from tests.conftest import SignIn
from tests.factories import make_attempt, make_change, make_number, make_signup_link, set_age

# The session, and the person with their role.
SIGNING_IN = 2


def news_of(browser: Browser, address: str) -> str:
    """Show the page, and give the address that it asks from then on."""
    found = re.search(r'data-news="([^"]*)"', browser.get(address).content.decode())
    assert found is not None, address
    return unescape(found[1])


def said(browser: Browser, news: str) -> str:
    answer = browser.get(news)
    assert answer.status_code == 200, news
    return str(answer.json()["said"])


def change(row: Model, **values: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def make_run(client: Client, **values: Any) -> SyncRun:
    facts = {"scope": RunScope.CLIENT, "trigger": RunTrigger.PERSON, "state": RunState.RUNNING, **values}
    return SyncRun.objects.create(client=client, **facts)


def make_bulk_run(person: User) -> BulkRun:
    return BulkRun.objects.create(kind=BulkKind.REGISTER, requested_by=person, created_at=timezone.now())


def test_every_list_counts_the_rows_that_changed_and_none_that_is_someone_elses(
    account_manager: User,
    other_manager: User,
    team_lead: User,
    alices_number: PhoneNumber,
    foreign_number: PhoneNumber,
    sign_in: SignIn,
) -> None:
    now = timezone.now()
    mine, theirs = alices_number.waba, foreign_number.waba
    event = Event.objects.create(digest="1", received_at=now, field="account_update", value={})
    in_pool = PreverifiedNumber.objects.create(preverified_id="7", first_seen_at=now, synced_at=now)
    rows: dict[str, tuple[Model, Model | None, dict[str, Any]]] = {
        "numbers": (alices_number, foreign_number, {"quality_rating": "RED"}),
        "clients": (mine.client, theirs.client, {"name": "Renamed"}),
        "wabas": (mine, theirs, {"account_review_status": "REJECTED"}),
        "signups": (
            make_attempt(make_signup_link(mine.client)),
            make_attempt(make_signup_link(theirs.client)),
            {"state": AttemptState.CANCELLED},
        ),
        "runs": (make_run(mine.client), make_run(theirs.client), {"state": RunState.FINISHED}),
        "bulk": (make_bulk_run(account_manager), make_bulk_run(other_manager), {"state": BulkState.CANCELLED}),
        "pool": (in_pool, None, {"code_verification_status": "VERIFIED"}),
        "events": (event, None, {"state": EventState.FAILED}),
    }
    assert get_resolver().url_patterns
    # Rows of these two never change.
    assert set(LISTS) - {"changes", "audit"} == set(rows)
    alice, lead = sign_in(account_manager), sign_in(team_lead)

    for name, (own, foreign, values) in rows.items():
        browser = lead if name == "events" else alice
        news = news_of(browser, reverse(LISTS[name].route))
        if foreign is not None:
            change(foreign, **values)
        assert said(browser, news) == "", name
        change(own, **values)
        with CaptureQueriesContext(connection) as asked:
            assert said(browser, news) == "1 update", name
        assert len(asked) <= SIGNING_IN + 4, (name, [query["sql"] for query in asked])


def test_new_lines_of_the_audit_log_are_news_to_its_readers_alone(
    administrator: User, account_manager: User, sign_in: SignIn
) -> None:
    ada, alice = sign_in(administrator), sign_in(account_manager)
    news = news_of(ada, reverse("phones:audit"))
    assert said(ada, news) == ""

    entry(AuditKind.REVEAL, "A PIN was shown.", actor=administrator)

    assert said(ada, news) != ""
    assert alice.get(news).status_code == 403


def test_a_list_counts_what_comes_goes_and_changes_on_the_page_that_is_open(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    red, *green = [make_number(alices_waba, quality_rating=rating) for rating in ("RED", "GREEN", "GREEN")]
    news = news_of(browser, "/phones/?quality_rating=RED")
    everything = news_of(browser, "/phones/")

    change(green[0], verified_name="Nothing to do with red ones")
    set_age(green[1], synced_at=timezone.now())
    assert [said(browser, news), said(browser, everything)] == ["", "1 update"], "a mere reading is no news"

    for number in green:
        change(number, quality_rating="RED")
    assert said(browser, news) == "2 updates"

    client = alices_waba.client
    change(client, name="Renamed")
    assert said(browser, news) == "3 updates", "every row says the name of the client"
    change(client, name=client.name)
    labelled = news_of(browser, "/phones/?quality_rating=RED&columns=labels")
    NumberLabel.objects.create(number=red, client=client, label=Label.objects.create(name="VIP"))
    assert [said(browser, news), said(browser, labelled)] == ["2 updates", "1 update"]

    for number in green:
        change(number, quality_rating="GREEN")
    assert said(browser, news) == "", "what is as it was is no news"

    change(red, quality_rating="GREEN")
    assert said(browser, news) == "1 update"

    runs = [make_run(alices_waba.client) for _ in range(41)]
    first, second = news_of(browser, "/syncs/"), news_of(browser, f"/syncs/?before={runs[1].pk}")
    make_run(alices_waba.client)
    assert [said(browser, first), said(browser, second)] == ["1 update", ""], "the second page stays as it is"


def test_the_pages_of_a_number_and_of_a_client_are_told_of_newer_facts(
    account_manager: User, other_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    browser, newer = sign_in(account_manager), "This page has newer facts"
    number = f"/phones/{alices_number.phone_number_id}/"
    client = f"/clients/{alices_number.waba.client_id}/"
    news = [news_of(browser, address) for address in (number, client)]

    set_age(alices_number, synced_at=timezone.now())
    make_change(foreign_number)
    assert [said(browser, each) for each in news] == ["", ""]
    change(alices_number, quality_rating="RED")
    with CaptureQueriesContext(connection) as asked:
        assert [said(browser, each) for each in news] == [newer, newer]
    assert len(asked) <= 2 * (SIGNING_IN + 3)

    news = [news_of(browser, number)]
    make_change(alices_number)
    assert said(browser, news[0]) == newer, "a line of history"
    news = [news_of(browser, number)]
    Action.objects.create(
        number=alices_number, kind=ActionKind.REGISTER, state=ActionState.PENDING, created_at=timezone.now()
    )
    assert said(browser, news[0]) == newer, "an action"
    assert said(browser, news_of(browser, f"{number}?before=1")) == ""

    otto = sign_in(other_manager)
    assert [otto.get(each).status_code for each in (news[0], f"{client}news/")] == [404, 404]


def test_home_and_changes_are_told_how_much_happened(
    account_manager: User, team_lead: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    browser, lead = sign_in(account_manager), sign_in(team_lead)
    make_change(alices_number)
    pages = ("/", "/changes/", "/changes/?since=week", "/changes/?worse=yes")
    news = [news_of(browser, address) for address in pages]
    of_lead = [news_of(lead, address) for address in ("/?book=alice", "/")]

    make_change(foreign_number)
    assert [said(browser, each) for each in news] == ["", "", "", ""]
    assert [said(lead, each) for each in of_lead] == ["", "1 update"]

    make_change(alices_number, field="verified_name", old="Alpha", new="Alpha Bakers", at=timezone.now())
    with CaptureQueriesContext(connection) as asked:
        assert [said(browser, each) for each in news] == ["1 update", "1 update", "1 update", ""]
    assert len(asked) <= len(news) * (SIGNING_IN + 3)


@pytest.mark.parametrize("wrong", ["", "?of=nothing", "?of=numbers%00"])
def test_there_is_no_news_of_a_list_that_there_is_not(wrong: str, account_manager: User, sign_in: SignIn) -> None:
    assert sign_in(account_manager).get(f"/news/{wrong}").status_code == 400


def test_a_mark_that_no_page_has_only_counts_what_the_person_sees(
    account_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    for mark in ("x", "é\0", "a" * 3_000):
        assert sign_in(account_manager).get("/news/", {"of": "numbers", "shown": mark}).json()["said"] == "1 update"
