"""The list of syncs, starting one, and following one."""

import datetime
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.choices import RunScope, RunState, RunTrigger
from clients.models import Client, SyncFailure, SyncRun, User, Waba
from phones.choices import ChangeKind
from phones.models import PhoneNumber
from phones.sync import runs
from phones.views.syncs import page as views
from tests.conftest import SignIn
from tests.factories import make_change, make_credential, make_waba
from tests.phones.reading import shown_to, text_of


def make_run(**values: Any) -> SyncRun:
    values.setdefault("scope", RunScope.EVERYTHING)
    values.setdefault("trigger", RunTrigger.SCHEDULE)
    return SyncRun.objects.create(**values)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What `runs.start` was called with."""
    calls: list[dict[str, Any]] = []

    def start(*, scope: RunScope, user: User, client: Client | None, waba: Waba | None) -> SyncRun:
        calls.append({"scope": scope, "user": user, "client": client, "waba": waba})
        return make_run(scope=scope, trigger=RunTrigger.PERSON, requested_by=user, client=client, waba=waba)

    monkeypatch.setattr(runs, "start", start)
    return calls


def test_a_manager_starts_a_sync_of_a_client_and_follows_it(
    account_manager: User, alices_client: Client, sign_in: SignIn, started: list[dict[str, Any]]
) -> None:
    answer = sign_in(account_manager).post("/syncs/start/", {"scope": "client", "id": alices_client.pk})

    assert started == [{"scope": RunScope.CLIENT, "user": account_manager, "client": alices_client, "waba": None}]
    assert answer.headers["Location"] == f"/syncs/{SyncRun.objects.get().pk}/"


def test_a_manager_starts_a_sync_of_a_waba_by_its_graph_id(
    account_manager: User, alices_waba: Waba, sign_in: SignIn, started: list[dict[str, Any]]
) -> None:
    sign_in(account_manager).post("/syncs/start/", {"scope": "waba", "id": alices_waba.waba_id})

    assert [call["waba"] for call in started] == [alices_waba]


def test_everything_is_for_who_sees_everything(
    administrator: User,
    team_lead: User,
    account_manager: User,
    viewer: User,
    stranger: User,
    sign_in: SignIn,
    started: list[dict[str, Any]],
) -> None:
    people = (administrator, team_lead, account_manager, viewer, stranger)

    codes = [sign_in(person).post("/syncs/start/", {"scope": "everything"}).status_code for person in people]

    assert codes == [302, 302, 403, 403, 403]
    assert [call["user"] for call in started] == [administrator, team_lead]


def test_who_may_only_look_starts_nothing(
    viewer: User, viewed_client: Client, viewed_waba: Waba, sign_in: SignIn, started: list[dict[str, Any]]
) -> None:
    browser = sign_in(viewer)

    assert browser.post("/syncs/start/", {"scope": "client", "id": viewed_client.pk}).status_code == 403
    assert browser.post("/syncs/start/", {"scope": "waba", "id": viewed_waba.waba_id}).status_code == 403
    assert not started


def test_what_the_person_may_not_see_cannot_be_told_from_what_is_not_there(
    account_manager: User, foreign_client: Client, foreign_waba: Waba, sign_in: SignIn, started: list[dict[str, Any]]
) -> None:
    browser = sign_in(account_manager)

    for scope, pk in [
        ("client", foreign_client.pk),
        ("client", "999999"),
        ("client", "9" * 40),
        ("client", "x"),
        ("client", ""),
        ("waba", foreign_waba.waba_id),
        ("waba", "\0"),
        ("waba", ""),
    ]:
        assert browser.post("/syncs/start/", {"scope": scope, "id": pk}).status_code == 404
    assert not started


@pytest.mark.parametrize("scope", ["", "due", "galaxy"])
def test_other_scopes_cannot_be_started_from_a_page(
    scope: str, administrator: User, sign_in: SignIn, started: list[dict[str, Any]]
) -> None:
    assert sign_in(administrator).post("/syncs/start/", {"scope": scope}).status_code == 400
    assert not started


def test_a_link_starts_nothing(administrator: User, sign_in: SignIn, started: list[dict[str, Any]]) -> None:
    assert sign_in(administrator).get("/syncs/start/?scope=everything")["Location"] == "/syncs/"
    assert not started


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/clients/?q=alpha", "/clients/?q=alpha"),
        ("", "/syncs/"),
        ("//evil.example", "/syncs/"),
        ("https://evil.example/", "/syncs/"),
        ("https:evil.example", "/syncs/"),
        ("/\\evil.example", "/syncs/"),
        ("javascript:alert(1)", "/syncs/"),
        ("data:text/html,x", "/syncs/"),
        ("\x00//evil.example", "/syncs/"),
    ],
)
def test_when_there_is_nothing_to_read_it_says_why_and_stays_on_our_own_pages(
    wanted: str, reached: str, administrator: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> SyncRun:
        raise runs.NothingToReadError("There is no WABA to read yet.")

    monkeypatch.setattr(runs, "start", refuse)

    answer = sign_in(administrator).post("/syncs/start/", {"scope": "everything", "next": wanted}, follow=True)

    assert answer.redirect_chain == [(reached, 302)]
    assert "There is no WABA to read yet." in answer.content.decode()


def test_a_line_break_in_the_way_back_cannot_make_a_header(
    administrator: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> SyncRun:
        raise runs.NothingToReadError("Nothing.")

    monkeypatch.setattr(runs, "start", refuse)

    answer = sign_in(administrator).post("/syncs/start/", {"scope": "everything", "next": "/x\r\nSet-Cookie: a=b"})

    assert answer.status_code == 302
    assert "\n" not in answer.headers["Location"]
    assert "a" not in answer.cookies


def test_people_see_the_runs_of_their_clients_and_their_own(
    account_manager: User, team_lead: User, alices_client: Client, foreign_client: Client, sign_in: SignIn
) -> None:
    mine = make_run(scope=RunScope.CLIENT, client=alices_client)
    foreign = make_run(scope=RunScope.CLIENT, client=foreign_client)

    page = shown_to(account_manager, "/syncs/", sign_in)

    assert f'href="/syncs/{mine.pk}/"' in page
    assert "Zeta" not in page
    assert sign_in(account_manager).get(f"/syncs/{foreign.pk}/").status_code == 404
    assert sign_in(account_manager).get("/syncs/999999/").status_code == 404
    assert "Zeta" in shown_to(team_lead, "/syncs/", sign_in)


def test_a_run_of_a_client_that_is_no_longer_theirs_keeps_its_name_to_itself(
    account_manager: User, foreign_client: Client, foreign_waba: Waba, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    run = make_run(
        scope=RunScope.CLIENT, client=foreign_client, requested_by=account_manager, state=RunState.FINISHED, failed=1
    )
    SyncFailure.objects.create(run=run, waba=foreign_waba, kind="transient", at=timezone.now())
    make_change(foreign_number, run=run)

    pages = shown_to(account_manager, "/syncs/", sign_in) + shown_to(account_manager, f"/syncs/{run.pk}/", sign_in)

    assert "Zeta" not in pages
    assert str(foreign_number) not in pages


def test_runs_are_listed_newest_first_and_page_by_page(
    administrator: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views.RunList, "page_sizes", (2,))
    first, second, third = (make_run() for _ in range(3))

    newest = shown_to(administrator, "/syncs/", sign_in)
    older = shown_to(administrator, f"/syncs/?before={second.pk}", sign_in)

    assert newest.index(f"/syncs/{third.pk}/") < newest.index(f"/syncs/{second.pk}/")
    assert f"/syncs/{first.pk}/" not in newest
    assert f"?before={second.pk}" in newest
    assert f"/syncs/{first.pk}/" in older
    assert "/syncs/" in shown_to(administrator, "/syncs/?before=rubbish", sign_in)


def test_the_list_costs_the_same_for_one_run_and_for_many(
    administrator: User,
    alices_client: Client,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(30):
        make_run(scope=RunScope.CLIENT, client=alices_client, requested_by=administrator)
    browser = sign_in(administrator)

    # What stands in the navigation is kept for a while.
    browser.get("/find/")
    with django_assert_max_num_queries(11):
        browser.get("/syncs/")


def test_an_open_run_tells_its_progress_and_asks_for_itself_again(administrator: User, sign_in: SignIn) -> None:
    run = make_run(
        state=RunState.RUNNING, wabas=55, read=31, failed=2, numbers=214, changed=3, started_at=timezone.now()
    )

    page = shown_to(administrator, f"/syncs/{run.pk}/", sign_in)

    assert "31 of 55 WABAs read" in page
    assert "2 failed" in page
    assert "214 numbers: 0 added, 3 changed" in page
    assert 'max="55" value="33"' in page
    assert 'hx-trigger="every' in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_a_finished_run_stops_asking_and_says_that_it_is_done(administrator: User, sign_in: SignIn) -> None:
    now = timezone.now()
    run = make_run(state=RunState.FINISHED, wabas=2, read=2, started_at=now, finished_at=now)

    page = shown_to(administrator, f"/syncs/{run.pk}/", sign_in)
    piece = shown_to(administrator, f"/syncs/{run.pk}/", sign_in, hx_request="true")

    assert "hx-trigger" not in page.partition("<main")[2].partition("</main>")[0]
    assert "http-equiv" not in page
    assert "Nothing was different from before" in page
    assert "<html" not in piece
    assert "Sync finished. 2 of 2 WABAs read" in piece


def test_a_run_that_no_worker_takes_up_says_so(administrator: User, sign_in: SignIn) -> None:
    run = make_run(state=RunState.RUNNING, wabas=5)

    assert "No worker has begun yet" not in shown_to(administrator, f"/syncs/{run.pk}/", sign_in)

    SyncRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - datetime.timedelta(minutes=2))

    assert "No worker has begun yet" in shown_to(administrator, f"/syncs/{run.pk}/", sign_in)


def test_a_run_explains_its_failures_and_shows_what_was_different(
    administrator: User, alices_waba: Waba, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    run = make_run(state=RunState.FINISHED, wabas=3, read=1, failed=2)
    SyncFailure.objects.create(
        run=run, waba=alices_waba, kind="not_visible", code=100, subcode=33, message="Unsupported", at=timezone.now()
    )
    SyncFailure.objects.create(run=run, credential=make_credential(), kind="token_dead", code=190, at=timezone.now())
    make_change(alices_number, run=run, old="GREEN", new="RED")
    make_change(alices_number, run=run, kind=ChangeKind.ADDED, field="", old=None, new=None)

    page = shown_to(administrator, f"/syncs/{run.pk}/", sign_in)

    assert "Meta does not show it to us" in page
    assert "<code>100/33</code>" in page
    assert "“Unsupported”" in page
    assert "List of WABAs" in page
    assert "Quality: High" in page
    assert "1 new" in page


def test_a_manager_is_not_told_of_failures_in_finding_wabas(account_manager: User, sign_in: SignIn) -> None:
    run = make_run(requested_by=account_manager, state=RunState.FINISHED)
    SyncFailure.objects.create(run=run, credential=make_credential(), kind="token_dead", at=timezone.now())

    assert "List of WABAs" not in shown_to(account_manager, f"/syncs/{run.pk}/", sign_in)


def test_a_run_costs_few_queries_however_much_it_changed(
    administrator: User,
    alices_waba: Waba,
    alices_number: PhoneNumber,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    run = make_run(state=RunState.FINISHED, waba=alices_waba, scope=RunScope.WABA)
    for _ in range(20):
        make_change(alices_number, run=run, waba=alices_waba)
        SyncFailure.objects.create(run=run, waba=alices_waba, kind="transient", at=timezone.now())
    browser = sign_in(administrator)

    # What stands in the navigation is kept for a while.
    browser.get("/find/")
    with django_assert_max_num_queries(12):
        browser.get(f"/syncs/{run.pk}/")


def test_a_manager_sees_that_their_numbers_are_read_on_schedule(
    account_manager: User, team_lead: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    of_others = make_waba()
    now = timezone.now()
    Waba.objects.filter(pk=of_others.pk).update(last_synced_at=now - datetime.timedelta(days=9))
    Waba.objects.filter(pk=alices_waba.pk).update(last_synced_at=now - datetime.timedelta(minutes=14))
    assert "All your numbers are read on schedule" in shown_to(account_manager, "/syncs/", sign_in)
    assert "on schedule" not in shown_to(team_lead, "/syncs/", sign_in)
    Waba.objects.filter(pk=alices_waba.pk).update(last_synced_at=now - datetime.timedelta(days=9))
    assert "Your numbers are read late" in shown_to(account_manager, "/syncs/", sign_in)


def test_wabas_that_are_chosen_in_their_list_are_read_in_one_run_and_nobody_elses(
    account_manager: User, viewer: User, alices_waba: Waba, viewed_waba: Waba, foreign_waba: Waba, sign_in: SignIn
) -> None:
    make_waba(alices_waba.client, name="Not chosen")
    browser, form = sign_in(account_manager), {"scope": "selection", "query": "/wabas/"}
    chosen = {"ids": [alices_waba.pk, foreign_waba.pk]}

    assert sign_in(viewer).post("/syncs/start/", {**form, "ids": viewed_waba.pk}).status_code == 403
    assert "Choose at least one row" in text_of(browser.post("/syncs/start/", {**form, "next": "/wabas/"}, follow=True))
    browser.post("/syncs/start/", {**form, **chosen})

    assert list(Waba.objects.filter(sync_run=SyncRun.objects.get())) == [alices_waba]
    browser.post("/syncs/start/", {**form, "all": "yes", "query": "/wabas/?q=chosen"})
    assert Waba.objects.get(sync_run=SyncRun.objects.latest("pk")).name == "Not chosen"


def test_runs_are_counted_and_found_by_what_they_read_and_what_failed(team_lead: User, sign_in: SignIn) -> None:
    make_run(requested_by=team_lead, state=RunState.FINISHED, failed=2)
    make_run(scope=RunScope.DUE, state=RunState.FINISHED)
    browser = sign_in(team_lead)

    assert 'role="status">2</span>' in text_of(browser.get("/syncs/"))
    for query in ("failing=yes", "scope=everything", "state=finished&failing=yes"):
        assert 'role="status">1 found</span>' in text_of(browser.get(f"/syncs/?{query}"))
