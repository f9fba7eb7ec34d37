"""Reading the pool from the practice server's socket: the list, its clocks, partners, and who claimed what."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from clients.models import SyncFailure, Waba
from phones.choices import Tone
from phones.models import PreverifiedNumber, PreverifiedShare
from phones.pool import facts as situations
from phones.pool import read as pool
from phones.pool.clocks import PoolState
from tests.phones.pool.pooling import DAY, claim_by_signup, in_state, read, state_of
from tests.practice import Practice


def later(days: float) -> Any:
    """Both clocks go on, Meta's and ours: the practice server runs in this process."""
    return time_machine.travel(timezone.now() + datetime.timedelta(days=days))


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_whole_pool_comes_onto_the_desk_with_what_meta_says_of_it(practice: Practice) -> None:
    told = pool.read_pool()

    there = {one["id"]: one for one in practice.control("GET", "preverified")["preverified"]}
    assert told.seen == told.added == PreverifiedNumber.objects.count() == len(there)
    assert told.failure is None
    for row in PreverifiedNumber.objects.all():
        values = there[row.preverified_id]["values"]
        assert row.digits == row.phone_number == values["phone_number"]
        assert row.code_verification_status == values["code_verification_status"]
        assert row.owner_business_name == "Practice Partner"
    assert pool.last_read().at is not None


def test_reading_again_adds_nothing_and_makes_the_picture_younger(practice: Practice) -> None:
    pool.read_pool()
    before = PreverifiedNumber.objects.first()
    assert before is not None

    told = pool.read_pool()

    assert (told.added, told.missing, told.claimed) == (0, 0, 0)
    after = PreverifiedNumber.objects.get(pk=before.pk)
    assert after.synced_at > before.synced_at
    assert after.first_seen_at == before.first_seen_at


@pytest.mark.parametrize("answer", [{"status": 500, "body": "oops"}, {"truncate": 40}, {"close": True}])
def test_a_page_that_fails_changes_nothing_but_the_record_of_it(practice: Practice, answer: dict[str, object]) -> None:
    pool.read_pool()
    before = list(PreverifiedNumber.objects.values())
    practice.fault(answer, path_contains="preverified_numbers")

    told = pool.read_pool(seconds=6)

    assert told.failure is not None
    assert list(PreverifiedNumber.objects.values()) == before
    last = pool.last_read()
    assert last.failure == SyncFailure.objects.get()
    practice.heal()
    pool.read_pool()
    assert pool.last_read().failure is None


def test_without_a_token_nothing_is_asked_and_the_reason_is_kept(practice: Practice, settings: Settings) -> None:
    settings.META_SYSTEM_USER_TOKEN = ""
    told = pool.read_pool()
    assert told.failure is not None
    assert told.failure.kind == "no_token"
    assert practice.calls("preverified_numbers") == []


def test_a_refused_token_is_told_apart_from_a_missing_one(practice: Practice) -> None:
    practice.control("POST", "tokens/system_user", {"state": "expired"})
    told = pool.read_pool()
    assert told.failure is not None
    assert told.failure.kind == "token_dead"


def test_a_number_that_is_listed_no_more_is_missing_and_comes_back(practice: Practice) -> None:
    pool.read_pool()
    row = PreverifiedNumber.objects.order_by("pk").first()
    assert row is not None
    practice.fault({"status": 200, "body": {"data": []}}, times=1, path_contains="preverified_numbers")

    assert pool.read_pool().missing == PreverifiedNumber.objects.count()
    row.refresh_from_db()
    assert row.missing_since is not None
    pool.read_pool()

    row.refresh_from_db()
    assert row.missing_since is None


def test_an_older_list_that_lands_late_undoes_nothing(practice: Practice) -> None:
    started = timezone.now()
    pool.read_pool()
    deleted, kept = PreverifiedNumber.objects.order_by("pk")[:2]
    PreverifiedNumber.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())
    known = practice.credentials
    old = practice.client.preverified_numbers(known.business_id, token=known.system_user_token)

    pool.store([reading for reading in old if reading.preverified_id != kept.preverified_id], asked_at=started)

    for row in (deleted, kept):
        row.refresh_from_db()
    assert deleted.deleted_at is not None
    assert kept.missing_since is None


def test_who_a_number_is_shared_with_is_read_too(practice: Practice) -> None:
    pool.read_pool()
    there = practice.control("GET", "preverified")["preverified"]
    shared = {one["id"]: one["partner_business_ids"] for one in there if one["partner_business_ids"]}
    found = PreverifiedShare.objects.values_list("number__preverified_id", "business_id")
    assert {number: [business] for number, business in found} == shared
    assert set(PreverifiedShare.objects.values_list("business_name", flat=True)) == {"Northgate Messaging Ltd"}


def test_partners_that_could_not_be_asked_stay_as_they_are(practice: Practice) -> None:
    pool.read_pool()
    practice.fault({"status": 500, "body": "oops"}, path_contains="/partners")
    assert pool.read_pool(seconds=4).failure is None
    assert PreverifiedShare.objects.count() == 2


# --- The clocks, by moving them ---------------------------------------------------------------------------------------


def test_a_verification_grows_old_until_it_lapses(practice: Practice) -> None:
    row = in_state(practice, "fresh")
    assert state_of(row) == PoolState.AVAILABLE
    for days, expected in (
        (43, PoolState.AVAILABLE),
        (45, PoolState.RENEWABLE),
        (76, PoolState.EXPIRING),
        (90, PoolState.EXPIRED),
    ):
        with later(days):
            read(practice)
            assert state_of(row) == expected, days


def test_metas_clock_alone_makes_a_verification_lapse(practice: Practice) -> None:
    row = in_state(practice, "expiring")
    practice.control("POST", "clock", {"advance_seconds": 4 * DAY})
    read(practice)
    row.refresh_from_db()
    assert row.code_verification_status == "EXPIRED"
    assert row.verification_expiry_time is not None
    assert row.verification_expiry_time > timezone.now()
    assert state_of(row) == PoolState.EXPIRED


def test_a_number_that_is_never_verified_leaves_the_pool_by_the_clock(practice: Practice) -> None:
    row = in_state(practice, "leaving")
    row.added_at = timezone.now() - datetime.timedelta(days=87)
    row.save()
    assert state_of(row) == PoolState.LEAVING
    with later(4):
        read(practice)
        assert state_of(row) == PoolState.GONE
        assert "not verified within 90 days" in situations.standing_of(row).sentence


def test_a_claimed_number_has_ninety_days_to_be_registered(practice: Practice, ours: Waba) -> None:
    row = in_state(practice, "fresh")
    claim_by_signup(practice, row, ours)
    practice.sync(ours.waba_id)
    pool.read_pool()
    assert situations.standing_of(PreverifiedNumber.objects.get(pk=row.pk)).tone == Tone.ACT
    for days, tone in ((75, Tone.ACT), (77, Tone.WARN), (91, Tone.BAD)):
        with later(days):
            assert state_of(row) == PoolState.CLAIMED
            assert situations.standing_of(row).tone == tone, days


def test_each_state_of_metas_has_a_standing_of_the_desks(practice: Practice) -> None:
    for state, expected in {
        "fresh": PoolState.AVAILABLE,
        "verified": PoolState.AVAILABLE,
        "renewable": PoolState.RENEWABLE,
        "expiring": PoolState.EXPIRING,
        "expired": PoolState.EXPIRED,
        "unverified": PoolState.NEEDS_CODE,
    }.items():
        assert state_of(in_state(practice, state)) == expected, state
