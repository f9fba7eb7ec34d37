"""What a batch of readings writes: few statements however much has changed, and nothing newer is undone."""

import datetime
import threading
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.choices import WabaOrigin
from clients.models import SyncFailure, SyncRun, Waba
from phones.choices import ChangeKind
from phones.models import Change, Listing, PhoneNumber
from phones.sync import discovery, record, runs, write_numbers
from phones.sync.claims import Claim
from phones.sync.fetch import Fetched
from phones.sync.write_numbers import Complete
from portal.graph import Meter, NumberReading, PermissionMissing, WabaReading
from portal.graph.errors import Transient
from tests.at_once import at_the_same_time, waits_for_a_lock
from tests.factories import make_credential, make_number, make_waba

pytestmark = pytest.mark.django_db
MINUTE = datetime.timedelta(minutes=1)


def reading(number: PhoneNumber, **values: object) -> NumberReading:
    """What Graph says of a number: nothing but its id, its digits and these values."""
    said = {"id": number.phone_number_id, "display_phone_number": number.display_phone_number, **values}
    return NumberReading(number.phone_number_id, said, requested=frozenset(said))


def listing(waba: Waba, numbers: list[PhoneNumber], **values: object) -> Complete:
    return Complete(waba.pk, timezone.now(), [reading(number, **values) for number in numbers])


def statements(write: Any) -> int:
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        write()
    return len(asked)


def test_thirty_numbers_that_changed_take_as_many_statements_as_three() -> None:
    few, many = (
        (waba, [make_number(waba, status="PENDING", quality_rating="GREEN") for _ in range(count)])
        for waba, count in ((make_waba(), 3), (make_waba(), 30))
    )

    taken = [
        statements(lambda book=book: write_numbers.store([listing(*book, status="CONNECTED", quality_rating="RED")]))
        for book in (few, many)
    ]

    assert taken[0] == taken[1]
    assert set(PhoneNumber.objects.values_list("status", "quality_rating")) == {("CONNECTED", "RED")}
    assert Change.objects.filter(field="status", old="PENDING", new="CONNECTED").count() == 33
    assert Change.objects.filter(field="quality_rating", old="GREEN", new="RED").count() == 33


def test_thirty_numbers_that_moved_take_as_many_statements_as_three() -> None:
    taken = []
    for count in (3, 30):
        before, after = make_waba(), make_waba()
        moving, staying = [make_number(before) for _ in range(count)], make_number(before)
        both = [listing(before, [staying]), listing(after, moving)]
        taken.append(statements(lambda both=both: write_numbers.store(both)))
        assert set(PhoneNumber.objects.filter(waba=after)) == set(moving)
        assert {one.number for one in Listing.objects.filter(waba=before, is_current=False)} == set(moving)
        assert Change.objects.filter(kind=ChangeKind.MOVED, waba=after).count() == count

    assert taken[0] == taken[1]


def test_numbers_of_one_batch_that_changed_in_different_ways_keep_what_did_not_change_in_each() -> None:
    waba = make_waba()
    named, stopped = make_number(waba, verified_name="Before"), make_number(waba, status="CONNECTED")
    kept = (named.status, stopped.verified_name)

    write_numbers.store(
        [Complete(waba.pk, timezone.now(), [reading(named, verified_name="After"), reading(stopped, status="BANNED")])]
    )

    named.refresh_from_db()
    stopped.refresh_from_db()
    assert (named.verified_name, named.former_names, stopped.status) == ("After", ["Before"], "BANNED")
    assert (named.status, stopped.verified_name) == kept


def test_facts_of_thirty_wabas_that_changed_take_as_many_statements_as_those_of_three() -> None:
    taken = []
    for count in (3, 30):
        credential, wabas = make_credential(), [make_waba(currency="EUR") for _ in range(count)]
        read = [WabaReading(one.waba_id, {"currency": "USD", "name": f"New {one.pk}"}, frozenset()) for one in wabas]
        taken.append(
            statements(
                lambda read=read, credential=credential: discovery.record_page(
                    read, credential=credential, origin=WabaOrigin.CLIENT_EDGE, run_pk=None, at=timezone.now()
                )
            )
        )
        for waba in wabas:
            waba.refresh_from_db()
            assert (waba.currency, waba.name, waba.folded_name) == ("USD", f"New {waba.pk}", f"new {waba.pk}")
            assert set(Change.objects.filter(waba=waba).values_list("field", "new")) == {
                ("currency", "USD"),
                ("name", waba.name),
            }

    assert taken[0] == taken[1]


def test_thirty_wabas_that_can_not_be_read_take_as_many_statements_as_three() -> None:
    taken, holder = [], uuid.uuid4()
    for count in (3, 30):
        credential, run = make_credential(), SyncRun.objects.create(scope="everything", trigger="schedule")
        wabas = [
            make_waba(credential=credential, lease_token=holder, attempts=1, sync_run=run, failures_in_a_row=index)
            for index in range(count)
        ]
        fetched = [
            Fetched(
                Claim(one.pk, one.waba_id, credential.pk), timezone.now(), Meter(), error=Transient("Not now.", code=2)
            )
            for one in wabas
        ]
        taken.append(statements(lambda fetched=fetched: record.record(fetched, holder=holder)))
        for index, waba in enumerate(wabas):
            waba.refresh_from_db()
            failure = waba.last_failure
            assert failure is not None
            assert (failure.waba, failure.run, failure.kind, waba.sync_run) == (waba, run, "transient", None)
            assert (waba.failures_in_a_row, waba.attempts, waba.lease_token) == (index + 1, 0, None)
            assert waba.next_sync_at == failure.retry_at
        run.refresh_from_db()
        assert run.failed == count

    assert taken[0] == taken[1]


def test_wabas_of_a_batch_that_meta_does_not_show_stay_so_when_a_reading_fails_in_passing() -> None:
    holder = uuid.uuid4()
    hidden, well = make_waba(lease_token=holder), make_waba(lease_token=holder)
    lost = SyncFailure.objects.create(kind="permission_missing", waba=hidden, at=timezone.now())
    Waba.objects.filter(pk=hidden.pk).update(last_failure=lost)

    record.record(
        [
            Fetched(Claim(one.pk, one.waba_id, one.credential_id or 0), timezone.now(), Meter(), error=error)
            for one, error in ((hidden, Transient("Not now.", code=2)), (well, PermissionMissing("No.", code=200)))
        ],
        holder=holder,
    )

    hidden.refresh_from_db()
    well.refresh_from_db()
    assert hidden.last_failure == lost
    assert well.last_failure is not None
    assert (well.last_failure.kind, well.last_failure.waba) == ("permission_missing", well)


def test_wabas_whose_token_has_to_wait_are_taken_off_their_run_however_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "AT_ONCE", 4)
    credential = make_credential(not_before=timezone.now() + 10 * MINUTE)
    run = SyncRun.objects.create(scope="everything", trigger="schedule", wabas=10, state="running")
    wabas = [make_waba(credential=credential, sync_run=run) for _ in range(10)]

    runs.fail_unreadable()

    run.refresh_from_db()
    assert (run.failed, run.state) == (10, "finished")
    assert SyncFailure.objects.filter(run=run).count() == 10
    for waba in wabas:
        waba.refresh_from_db()
        assert waba.sync_run is None
        assert waba.last_failure is not None
        assert waba.last_failure.waba == waba


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_what_a_person_had_read_meanwhile_is_not_undone_by_an_older_list() -> None:
    waba = make_waba()
    number = make_number(waba, status="PENDING", synced_at=timezone.now() - MINUTE)
    older, newer = timezone.now() - MINUTE / 2, timezone.now()
    holds = threading.Event()

    def read_by_itself() -> None:
        with transaction.atomic():
            fresh = PhoneNumber.objects.select_for_update(no_key=True).get(pk=number.pk)
            write_numbers.store_one(fresh, reading(number, status="BANNED"), asked_at=newer, actor=None)
            holds.set()
            while not waits_for_a_lock():
                pass

    def read_in_a_list() -> None:
        assert holds.wait(10)
        with transaction.atomic():
            write_numbers.store([Complete(waba.pk, older, [reading(number, status="CONNECTED")])])

    at_the_same_time(read_by_itself, read_in_a_list)

    number.refresh_from_db()
    assert (number.status, number.synced_at) == ("BANNED", newer)
    assert list(Change.objects.values_list("old", "new")) == [("PENDING", "BANNED")]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_lost_first", [True, False])
def test_a_number_that_one_list_loses_and_another_gains_at_the_same_moment_has_moved(*, is_lost_first: bool) -> None:
    before, after = make_waba(), make_waba()
    number, staying = make_number(before), make_number(before)
    lists = [listing(before, [staying]), listing(after, [number])]
    first, second = lists if is_lost_first else lists[::-1]
    holds = threading.Event()

    def write_first() -> None:
        with transaction.atomic():
            write_numbers.store([first])
            holds.set()
            while not waits_for_a_lock():
                pass

    def write_second() -> None:
        assert holds.wait(10)
        with transaction.atomic():
            write_numbers.store([second])

    at_the_same_time(write_first, write_second)

    number.refresh_from_db()
    assert (number.waba, number.missing_since) == (after, None)
    assert [one.waba for one in Listing.objects.current().filter(number=number)] == [after]
