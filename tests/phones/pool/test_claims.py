"""Numbers of the pool that clients have claimed."""

from __future__ import annotations

import datetime

import pytest
import requests
import time_machine
from django.utils import timezone

from clients.credentials import environment_credential
from clients.models import Client, User, Waba
from phones import tasks
from phones.models import PhoneNumber, PreverifiedNumber
from phones.numbers.clocks import PREVERIFIED_WINDOW
from phones.pool import facts as situations
from phones.pool import read as pool
from phones.pool import reserve as reserving
from phones.pool.clocks import PoolState
from tests.factories import make_client, make_number, make_waba
from tests.phones.pool.pooling import claim_by_signup, in_state, make_link, make_row, state_of
from tests.practice import Practice


def test_a_claimed_number_is_recognised_by_its_new_id_on_the_clients_waba(
    practice: Practice, ours: Waba, administrator: User
) -> None:
    row = in_state(practice, "fresh")
    link = make_link(ours.client, administrator, row)
    phone_number_id = claim_by_signup(practice, row, ours)
    practice.sync(ours.waba_id)

    assert pool.read_pool().claimed == 1

    row.refresh_from_db()
    assert row.number == PhoneNumber.objects.get(phone_number_id=phone_number_id)
    assert (row.claimed_by, row.reserved_for) == (link, None)
    assert row.claimed_at is not None
    standing = situations.standing_of(row)
    assert standing.state == PoolState.CLAIMED
    assert standing.deadline is not None
    # Graph gives whole seconds.
    assert abs(standing.deadline - row.claimed_at - PREVERIFIED_WINDOW) < datetime.timedelta(seconds=2)


def test_a_claim_is_recognised_also_when_the_pool_is_read_before_the_waba(
    practice: Practice, ours: Waba, administrator: User
) -> None:
    row = in_state(practice, "fresh")
    make_link(ours.client, administrator, row)
    claim_by_signup(practice, row, ours)
    assert pool.read_pool().claimed == 0
    assert state_of(row) == PoolState.GONE

    practice.sync(ours.waba_id)
    tasks.tick()

    assert state_of(row) == PoolState.CLAIMED


def test_a_number_added_by_the_api_with_its_pool_id_is_recognised_too(practice: Practice, ours: Waba) -> None:
    row = in_state(practice, "fresh")
    assert ours.credential is not None
    wish = {"cc": "1", "phone_number": "6315550199", "verified_name": "Harbor Bakery"}
    answer = requests.post(
        f"{practice.url}/v25.0/{ours.waba_id}/phone_numbers",
        json=wish | {"preverified_id": row.preverified_id},
        headers={"Authorization": f"Bearer {ours.credential.open_token()}"},
        timeout=10,
    )
    assert answer.ok, answer.text
    practice.sync(ours.waba_id)

    assert pool.read_pool().claimed == 1

    row.refresh_from_db()
    assert row.number is not None
    assert row.number.digits == row.digits
    assert row.claimed_by is None


def test_a_claimed_and_registered_number_needs_nothing(practice: Practice, ours: Waba) -> None:
    row = in_state(practice, "fresh")
    phone_number_id = claim_by_signup(practice, row, ours)
    practice.change(phone_number_id, status="CONNECTED", platform_type="CLOUD_API")
    practice.sync(ours.waba_id)
    pool.read_pool()
    assert state_of(row) == PoolState.IN_USE


def test_the_tick_sees_that_the_pool_should_be_read_when_a_number_of_it_turns_up(
    practice: Practice, ours: Waba
) -> None:
    row = in_state(practice, "fresh")
    assert not pool.is_due()
    claim_by_signup(practice, row, ours)
    practice.sync(ours.waba_id)
    assert not pool.is_due()  # read a moment ago
    with time_machine.travel(timezone.now() + pool.AGAIN_AFTER):
        assert pool.is_due()


def test_a_pool_that_was_never_read_is_due_at_once_and_a_failure_waits_for_its_hour(practice: Practice) -> None:
    assert not pool.is_due()  # no token is stored yet
    environment_credential()
    assert pool.is_due()
    practice.fault({"graph_error": {"code": 190}}, path_contains="preverified_numbers")
    pool.read_pool()
    with time_machine.travel(timezone.now() + pool.AGAIN_AFTER):
        assert not pool.is_due()


@pytest.mark.django_db
class TestWhoClaimedIt:
    """Without a practice server: who of several has it."""

    def test_the_client_it_was_reserved_for_comes_first(self, administrator: User) -> None:
        mine, other = make_client("Alpha"), make_client("Beta")
        row = make_row()
        link = make_link(mine, administrator, row)
        theirs = make_number(make_waba(mine), display_phone_number=f"+{row.digits}")
        make_number(make_waba(other), display_phone_number=f"+{row.digits}")
        missing(row)
        assert pool.recognise_claims() == 1
        row.refresh_from_db()
        assert (row.number, row.claimed_by) == (theirs, link)

    def test_else_it_is_whoever_has_it(self, administrator: User) -> None:
        row = make_row()
        make_link(make_client("Alpha"), administrator, row)
        theirs = make_number(make_waba(make_client("Beta")), display_phone_number=f"+{row.digits}")
        missing(row)
        assert pool.recognise_claims() == 1
        row.refresh_from_db()
        assert (row.number, row.claimed_by, row.reserved_for) == (theirs, None, None)

    def test_a_number_in_the_pool_is_claimed_by_nobody(self) -> None:
        row = make_row()
        make_number(display_phone_number=f"+{row.digits}")
        assert pool.recognise_claims() == 0

    def test_a_number_that_was_there_before_it_came_into_the_pool_is_another_matter(self) -> None:
        row = make_row()
        earlier = row.first_seen_at - datetime.timedelta(days=1)
        make_number(display_phone_number=f"+{row.digits}", first_seen_at=earlier)
        missing(row)
        assert pool.recognise_claims() == 0

    def test_a_number_that_no_waba_lists_any_more_has_claimed_nothing(self) -> None:
        row = make_row()
        make_number(display_phone_number=f"+{row.digits}", missing_since=timezone.now())
        missing(row)
        assert pool.recognise_claims() == 0

    def test_what_the_desk_deleted_is_not_claimed(self) -> None:
        row = make_row(deleted_at=timezone.now())
        make_number(display_phone_number=f"+{row.digits}")
        missing(row)
        assert pool.recognise_claims() == 0


def missing(row: PreverifiedNumber) -> None:
    PreverifiedNumber.objects.filter(pk=row.pk).update(missing_since=timezone.now())


# --- Reservations and the tick ----------------------------------------------------------------------------------------


def test_the_task_reads_the_pool(practice: Practice) -> None:
    tasks.pool()
    assert PreverifiedNumber.objects.exists()


def test_the_tick_frees_the_numbers_of_closed_links(alices_client: Client, administrator: User) -> None:
    expired, open_one = make_row(), make_row()
    make_link(alices_client, administrator, expired)
    kept = make_link(make_client(), administrator, open_one)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=29)):
        type(kept).objects.filter(pk=kept.pk).update(expires_at=timezone.now() + datetime.timedelta(days=90))
        tasks.tick()
        assert not reserving.available().exists()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=31)):
        tasks.tick()
        assert list(reserving.available()) == [expired]
        assert reserving.offered_by(kept) == open_one
