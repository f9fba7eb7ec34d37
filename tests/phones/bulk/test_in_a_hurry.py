"""What changes under a bulk run's feet: a second tab, people who leave, numbers that move, runs that are cancelled."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from clients.models import Client, User
from phones.bulk.work import work
from phones.models import Action, BulkRun, Listing, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_number, make_waba
from tests.phones.acting import TO_REGISTER, UNVERIFIED, posts
from tests.phones.bulk.test_bulk_runs import at_metas, dry_run, outcomes, page, start  # noqa: F401 - a fixture
from tests.phones.reading import text_of
from tests.practice import Practice


def test_of_two_tabs_the_second_is_told_that_its_choice_did_not_count(browser: Browser) -> None:
    run = dry_run(browser, "request-code", [make_number(**UNVERIFIED)])
    first, second = {"code_method": "SMS", "language": "es_ES"}, {"code_method": "VOICE", "language": "es_ES"}

    start(browser, run, **first)
    assert "meanwhile" not in start(browser, run, **first)
    assert "It was started or cancelled meanwhile" in start(browser, run, **second)
    run.refresh_from_db()
    assert run.details == first


def test_a_cancelled_dry_run_is_never_started_and_its_rows_say_so(browser: Browser) -> None:
    run = dry_run(browser, "pin", [make_number(), make_number()])
    browser.post(f"/bulk/{run.pk}/cancel/")

    assert "It was started or cancelled meanwhile" in start(browser, run)
    assert work(seconds=5) == 0
    assert outcomes(run) == ["cancelled", "cancelled"]
    assert page(browser, run).count("Not begun") >= 2
    rows = b"".join(browser.get(f"/bulk/{run.pk}/results.csv")).decode().splitlines()
    assert sum(",Not begun," in row for row in rows) == 2
    assert "not in a state for that" in text_of(browser.post(f"/bulk/{run.pk}/resume/", follow=True))


def test_when_its_person_has_left_a_paused_run_sends_nothing_more_whoever_lets_it_go_on(
    account_manager: User, browser: Browser, sign_in: SignIn, alices_client: Client
) -> None:
    waba = make_waba(alices_client)
    alice = sign_in(account_manager)
    run = dry_run(alice, "pin", [make_number(waba), make_number(waba)])
    start(alice, run)
    alice.post(f"/bulk/{run.pk}/pause/")
    User.objects.filter(pk=account_manager.pk).update(is_active=False)

    browser.post(f"/bulk/{run.pk}/resume/")
    work(seconds=5)
    assert outcomes(run) == ["skipped", "skipped"]
    assert "The person who started the run may not act on it, or no longer." in page(browser, run)
    assert not Action.objects.exists()


def test_a_client_that_is_lost_and_a_number_that_moved_between_dry_run_and_confirmation_are_left_alone(
    account_manager: User,
    other_manager: User,
    sign_in: SignIn,
    practice: Practice,
    at_metas: Callable[..., list[PhoneNumber]],  # noqa: F811 - the fixture
) -> None:
    Client.objects.update(owner=None)
    stays, moves, lost = at_metas(3, TO_REGISTER)
    Client.objects.filter(wabas=stays.waba_id).update(owner=account_manager)
    theirs, others = make_waba(stays.waba.client), make_waba(owner_of(other_manager))
    alice = sign_in(account_manager)
    run = dry_run(alice, "register", [stays, moves, lost])
    for number, waba in ((moves, theirs), (lost, others)):
        PhoneNumber.objects.filter(pk=number.pk).update(waba=waba)
        Listing.objects.filter(number=number).update(waba=waba)

    start(alice, run)
    work(seconds=30)

    assert outcomes(run, stays, moves, lost) == ["done", "skipped", "skipped"]
    assert [posts(practice, number) for number in (stays, moves, lost)] == [["register"], [], []]
    shown = page(alice, run)
    assert "It has changed since the dry run." in shown
    assert str(lost) not in shown


def owner_of(person: User) -> Client:
    return Client.objects.create(name="Theirs", owner=person)


def test_the_list_of_runs_is_narrowed_and_taken_as_a_file(
    browser: Browser, lead: User, account_manager: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    pin = dry_run(browser, "pin", [make_number()])
    start(browser, pin)
    hers = dry_run(sign_in(account_manager), "refresh", [alices_number])

    def found(query: str) -> set[int]:
        shown = text_of(browser.get(f"/bulk/?{query}"))
        return {run.pk for run in BulkRun.objects.all() if f'href="/bulk/{run.pk}/"' in shown}

    assert found("") == {pin.pk, hers.pk}
    assert found("kind=pin") == found("state=running") == found("by=me") == {pin.pk}
    assert found(f"by={account_manager.username}") == {hers.pk}
    table = b"".join(browser.get("/bulk/export.csv?kind=refresh")).decode("utf-8-sig").splitlines()
    assert len(table) == 2
    assert table[1].startswith(f"{hers.pk},Refresh,Dry run,1,1,")


def test_an_item_costs_few_statements(
    browser: Browser,
    practice: Practice,
    at_metas: Callable[..., list[PhoneNumber]],  # noqa: F811 - the fixture
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    run = dry_run(browser, "register", at_metas(3, TO_REGISTER))
    start(browser, run)
    work(seconds=30, most=1)

    with django_assert_max_num_queries(114):
        assert work(seconds=30, most=2) == 2

    assert outcomes(run) == ["done"] * 3
