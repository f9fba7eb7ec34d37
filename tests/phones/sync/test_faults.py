"""Graph misbehaves, over a socket. Whatever happens: nothing half-written, no number lost, the others unaffected, the
run says what happened, and the next turn puts it right."""

import datetime
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DataError
from django.utils import timezone

from clients.choices import CredentialState
from clients.explanations import explain
from clients.models import Credential, SyncFailure, SyncRun, Waba
from phones.models import Change, Listing, PhoneNumber
from phones.sync import discovery, schedule
from phones.sync.engine import Engine
from tests.practice import Practice, practice_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(db: None, settings: Any) -> Iterator[Practice]:
    with practice_server(settings, wabas=5, numbers=40, healthy=True) as server:
        yield server


@pytest.fixture
def faulty(db: None, settings: Any) -> Iterator[Practice]:
    """A WABA for each of FAULTS, and some more, each of which is read by itself."""
    settings.SYNC_WABAS_A_CALL = 0
    with practice_server(settings, wabas=20, numbers=60, healthy=True) as server:
        yield server


def fill_five_pages(practice: Practice, at: int = 0) -> None:
    """Give one of the WABAs a listing of five pages: the first unless it is said which."""
    waba = practice.wabas()[at]
    practice.control("POST", f"wabas/{waba['id']}/numbers", {"count": 430 - len(waba["phone_number_ids"])})
    practice.control("POST", "log/clear")


def picture() -> tuple[object, ...]:
    """All that must stay as it is when a reading fails."""
    numbers = PhoneNumber.objects.order_by("pk").values(
        "phone_number_id", "status", "verified_name", "missing_since", "gone_at", "waba"
    )
    listings = Listing.objects.order_by("pk").values("number", "waba", "missing_since", "is_current")
    return list(numbers), list(listings), Change.objects.count()


def make_due() -> None:
    """Let the time pass that WABAs wait for their next turn."""
    long_ago = timezone.now() - datetime.timedelta(minutes=1)
    Waba.objects.update(next_sync_at=long_ago, not_before=None)
    Credential.objects.update(next_sync_at=long_ago, not_before=None)


def next_tick(practice: Practice) -> None:
    """What the scheduler does when the time has come."""
    make_due()
    if schedule.tick():
        Engine(client=practice.client, threads=8).work(seconds=30)


FAULTS: dict[str, tuple[dict[str, object], dict[str, Any], str]] = {
    "500": ({"status": 500, "body": {"error": {"code": 1, "message": "Please retry"}}}, {}, "transient"),
    "503 with an HTML page": ({"status": 503, "body": "<html><body>Sorry</body></html>"}, {}, "transient"),
    "an empty body": ({"status": 200, "body": ""}, {}, "bad_answer"),
    "truncated JSON": ({"truncate": 40}, {}, "unreachable"),
    "HTML with 200": ({"status": 200, "body": "<html></html>"}, {}, "bad_answer"),
    "a body of 50 MB": ({"big_megabytes": 50}, {}, "bad_answer"),
    "a byte at a time": ({"drip_seconds_per_byte": 0.05}, {}, "deadline_exceeded"),
    "a closed connection": ({"close": True}, {}, "unreachable"),
    "a redirect": ({"redirect": "http://127.0.0.1:9/elsewhere"}, {}, "bad_answer"),
    "page 3 of 5 failing": ({"status": 500, "body": ""}, {"page": 3}, "transient"),
    "the same cursor twice": ({"repeat_cursor": True}, {"page": 2}, "paging_loop"),
    "a WABA that is not visible": (
        {"status": 400, "graph_error": {"code": 100, "error_subcode": 33, "message": "Unsupported get request."}},
        {},
        "not_visible",
    ),
    "no permission": (
        {"status": 403, "graph_error": {"code": 200, "message": "Permissions error"}},
        {},
        "permission_missing",
    ),
}


def places(practice: Practice) -> dict[str, str]:
    """The ids of the WABAs at which the faults will happen. Some have the five pages that their fault needs."""
    for at, (_answer, match, _kind) in enumerate(FAULTS.values()):
        if match:
            fill_five_pages(practice, at)
    wabas = {waba["id"]: waba for waba in practice.wabas()}
    long = [waba_id for waba_id, waba in wabas.items() if len(waba["phone_number_ids"]) == 430]
    short = [waba_id for waba_id, waba in wabas.items() if 0 < len(waba["phone_number_ids"]) < 430]
    return {name: (long if match else short).pop() for name, (_answer, match, _kind) in FAULTS.items()}


def break_all(practice: Practice, where: dict[str, str]) -> None:
    for name, (answer, match, _kind) in FAULTS.items():
        practice.fault(answer, path_contains=f"/{where[name]}/phone_numbers", **match)


def test_a_fault_of_any_kind_harms_nothing_is_explained_and_passes(faulty: Practice) -> None:
    where = places(faulty)
    faulty.sync()
    before = picture()
    break_all(faulty, where)

    run = faulty.sync(threads=1)  # one call at a time, so that none waits for the slow ones

    assert picture() == before
    assert (run.failed, run.read) == (len(FAULTS), Waba.objects.count() - len(FAULTS))
    failures = {failure.waba.waba_id: failure for failure in run.failures.select_related("waba") if failure.waba}
    for name, (_answer, _match, kind) in FAULTS.items():
        failure = failures[where[name]]
        assert failure.kind == kind, name
        words = explain(failure.kind, failure.code, failure.subcode, failure.http_status)
        assert words.title, name
        assert words.what_to_do, name
        assert Waba.objects.get(waba_id=where[name]).last_failure == failure, name

    faulty.heal()
    next_tick(faulty)
    assert not Waba.objects.exclude(last_failure=None).exists()
    assert picture() == before


def test_a_fault_at_the_very_first_sync_stores_no_part_of_a_waba(faulty: Practice) -> None:
    where = places(faulty)
    break_all(faulty, where)

    faulty.sync(threads=1)

    stored = set(Listing.objects.values_list("waba__waba_id", flat=True))
    assert [name for name, waba_id in where.items() if waba_id in stored] == []
    assert len(stored) >= 2, "those without a fault"
    faulty.heal()
    next_tick(faulty)
    sizes = {waba["id"]: len(waba["phone_number_ids"]) for waba in faulty.wabas()}
    for name, waba_id in where.items():
        assert Listing.objects.filter(waba__waba_id=waba_id).count() == sizes[waba_id], name


def test_a_failure_in_passing_does_not_make_a_waba_visible_again(practice: Practice) -> None:
    practice.already_read()
    waba = practice.wabas()[0]["id"]
    refusal = {"code": 100, "error_subcode": 33, "message": "Unsupported get request."}
    practice.fault({"status": 400, "graph_error": refusal}, path_contains=f"/{waba}/phone_numbers")
    practice.sync()
    practice.heal()
    practice.fault({"status": 500, "body": ""}, path_contains=f"/{waba}/phone_numbers")
    make_due()
    practice.sync()
    numbers = PhoneNumber.objects.filter(waba__waba_id=waba)
    assert set(numbers.values_list("stage", flat=True)) == {"not_visible"}
    practice.heal()
    next_tick(practice)
    assert "not_visible" not in set(numbers.values_list("stage", flat=True))


def test_a_token_that_dies_half_way_stops_its_own_work_only(practice: Practice) -> None:
    practice.already_read()
    before = picture()
    practice.fault(
        {"status": 401, "graph_error": {"code": 190, "error_subcode": 463, "message": "Session has expired"}},
        path_contains="phone_numbers",
        after_calls=2,
    )
    practice.control("POST", "log/clear")
    run = practice.sync()
    assert picture() == before
    assert run.failed >= Waba.objects.count() - 2
    assert set(run.failures.values_list("kind", flat=True)) == {"token_dead"}
    credential = Credential.objects.get()
    assert credential.state == CredentialState.DEAD
    practice.control("POST", "log/clear")
    make_due()
    Credential.objects.update(next_sync_at=timezone.now() + datetime.timedelta(minutes=30))
    schedule.tick()
    Engine(client=practice.client).work(seconds=5)
    assert practice.calls() == [], "a dead token is not tried with every WABA"
    practice.heal()
    next_tick(practice)
    next_tick(practice)
    assert not Waba.objects.exclude(last_failure=None).exists()
    assert picture() == before


def test_a_throttled_waba_waits_as_long_as_meta_says_and_the_others_go_on(practice: Practice) -> None:
    fill_five_pages(practice)
    practice.sync()
    before = picture()
    big = practice.wabas()[0]["id"]
    told = {"type": "whatsapp_business_management", "call_count": 101, "estimated_time_to_regain_access": 19}
    usage = json.dumps({big: [told]})
    practice.fault(
        {
            "status": 400,
            "graph_error": {"code": 80008, "message": "There have been too many calls"},
            "headers": {"X-Business-Use-Case-Usage": usage},
        },
        path_contains=f"/{big}/phone_numbers",
        page=2,
    )
    run = practice.sync()
    waba = Waba.objects.get(waba_id=big)
    assert (run.failed, run.read) == (1, Waba.objects.count() - 1)
    assert waba.not_before is not None
    wait = waba.not_before - timezone.now()
    assert datetime.timedelta(minutes=18) < wait <= datetime.timedelta(minutes=19)
    assert picture() == before
    practice.heal()
    practice.control("POST", "log/clear")
    again = practice.sync()
    assert practice.calls(big) == [], "nothing is sent before the time"
    assert [failure.kind for failure in again.failures.all()] == ["throttled"]
    next_tick(practice)
    assert Waba.objects.get(waba_id=big).last_failure is None


@pytest.mark.parametrize("code", [4, 17, 32, 613])
def test_an_app_that_is_throttled_pauses_all_wabas_of_its_token(practice: Practice, code: int) -> None:
    practice.already_read()
    practice.fault({"status": 400, "graph_error": {"code": code, "message": "limit"}}, path_contains="phone_numbers")
    practice.sync()
    credential = Credential.objects.get()
    assert credential.not_before is not None
    assert credential.state == CredentialState.WORKING
    practice.heal()
    practice.control("POST", "log/clear")
    schedule.tick()
    Engine(client=practice.client).work(seconds=5)
    assert practice.calls("phone_numbers") == []


def test_an_app_that_is_throttled_half_way_is_not_asked_for_the_rest(practice: Practice) -> None:
    practice.already_read()
    practice.fault({"status": 400, "graph_error": {"code": 4, "message": "limit"}}, path_contains="phone_numbers")
    practice.control("POST", "log/clear")
    run = practice.sync(threads=1)
    assert run.failed == Waba.objects.count()
    assert len(practice.calls("phone_numbers")) < Waba.objects.count()


def test_a_failing_discovery_leaves_the_known_wabas_as_they_are(practice: Practice) -> None:
    practice.already_read()
    practice.fault({"status": 500, "body": ""}, path_contains="client_whatsapp_business_accounts")
    run = practice.sync()
    assert run.read == Waba.objects.count()
    assert [failure.credential for failure in run.failures.all()] == [Credential.objects.get()]
    assert not Waba.objects.exclude(unshared_since=None).exists()


def test_a_waba_without_a_token_says_so(practice: Practice) -> None:
    practice.already_read()
    lonely = practice.wabas()[0]["id"]
    Waba.objects.filter(waba_id=lonely).update(credential=None)
    run = practice.sync(lonely)
    assert [failure.kind for failure in run.failures.all()] == ["no_token"]


def test_a_token_under_a_lost_key_says_so_and_harms_nobody_else(practice: Practice, settings: Any) -> None:
    from cryptography.fernet import Fernet

    practice.already_read()
    settings.META_BUSINESS_ID = settings.META_SYSTEM_USER_TOKEN = ""
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    run = practice.sync()
    assert set(run.failures.values_list("kind", flat=True)) == {"secret_unreadable"}
    assert run.finished_at is not None


def test_no_token_is_left_in_what_a_failure_keeps(practice: Practice, settings: Any) -> None:
    practice.already_read()
    token = settings.META_SYSTEM_USER_TOKEN
    practice.fault(
        {"status": 400, "graph_error": {"code": 100, "message": f"Bad access_token={token} for {token}"}},
        path_contains="phone_numbers",
    )
    practice.sync()
    for failure in SyncFailure.objects.all():
        assert token not in failure.message


def test_a_waba_whose_worker_died_is_taken_again_when_the_lease_is_over(practice: Practice) -> None:
    practice.already_read()
    long_ago = timezone.now() - datetime.timedelta(seconds=1)
    Waba.objects.update(lease_token="6f0c53a0-37ef-4bd4-9b3b-b9bb5b1f7dd4", lease_until=long_ago, attempts=1)
    next_tick(practice)
    assert not Waba.objects.exclude(lease_token=None).exists()
    assert not Waba.objects.exclude(attempts=0).exists()


def test_a_waba_that_kills_its_workers_is_set_aside_and_the_run_says_so(practice: Practice) -> None:
    practice.already_read()
    poison = practice.wabas()[0]["id"]
    Waba.objects.filter(waba_id=poison).update(attempts=3)
    schedule.tick()
    waba = Waba.objects.get(waba_id=poison)
    assert waba.last_failure is not None
    assert (waba.last_failure.kind, waba.attempts) == ("worker_lost", 0)
    assert waba.next_sync_at > timezone.now()


def test_a_bug_with_one_waba_does_not_take_the_others_along(practice: Practice, monkeypatch: Any) -> None:
    from phones.sync import write_numbers as numbers

    practice.sync()
    poison = Waba.objects.get(waba_id=practice.wabas()[0]["id"])
    real: Callable[..., Any] = numbers.store

    def store(listings: Any) -> Any:
        if any(listing.waba == poison.pk for listing in listings):
            raise DataError("value too long")
        return real(listings)

    monkeypatch.setattr(numbers, "store", store)
    run: SyncRun = practice.sync()
    assert (run.failed, run.read) == (1, Waba.objects.count() - 1)
    assert run.failures.get().kind == "internal"


def test_a_business_id_that_is_none_says_so_and_the_known_wabas_are_read(practice: Practice, settings: Any) -> None:
    practice.already_read()
    settings.META_BUSINESS_ID = "our business"
    run = practice.sync()
    assert [failure.kind for failure in run.failures.all()] == ["no_business"]
    assert run.read == Waba.objects.count()


def test_a_page_of_wabas_that_can_not_be_stored_harms_no_reading(practice: Practice, monkeypatch: Any) -> None:
    practice.sync()

    def refuse(*args: Any, **kwargs: Any) -> set[str]:
        raise DataError("value too long")

    monkeypatch.setattr(discovery, "record_page", refuse)
    run = practice.sync()
    assert [failure.kind for failure in run.failures.all()] == ["internal"]
    assert run.read == Waba.objects.count()
