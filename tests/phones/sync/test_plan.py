"""The pure rules of what changed, and where a number is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from phones.models import Listing, NumberAge, PhoneNumber
from phones.sync import plan
from phones.sync.plan import FieldChange, compare, locate
from portal.graph import NumberReading

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)
EVERY_FIELD = frozenset({*plan.FACTS, "whatsapp_business_manager_messaging_limit"})


def answer(values: dict[str, Any], *, requested: frozenset[str] = EVERY_FIELD, **odd: str) -> NumberReading:
    return NumberReading("1", values, requested, odd)


def known(*, read_at: datetime = MONDAY, **columns: Any) -> PhoneNumber:
    number = PhoneNumber(**columns)
    number.age = NumberAge(synced_at=read_at, synced_by="sync")
    return number


def listing(
    waba: int, first_seen_at: datetime, missing_since: datetime | None = None, gone_at: datetime | None = None
) -> Listing:
    return Listing(waba_id=waba, first_seen_at=first_seen_at, missing_since=missing_since, gone_at=gone_at)


def test_a_value_that_is_another_one_now_is_a_change() -> None:
    update = compare(known(quality_rating="GREEN"), answer({"quality_rating": "RED"}), at=TUESDAY)
    assert update is not None
    assert update.columns == {"quality_rating": "RED"}
    assert update.changes == (FieldChange("quality_rating", "GREEN", "RED"),)


def test_the_same_values_change_nothing() -> None:
    assert compare(known(status="CONNECTED"), answer({"status": "CONNECTED"}), at=TUESDAY) is None


def test_a_value_that_graph_left_out_is_kept_and_known_to_be_older() -> None:
    update = compare(known(throughput="HIGH"), answer({}), at=TUESDAY)
    assert update is not None
    assert update.changes == ()
    assert update.columns == {"provenance": {"throughput": {"at": MONDAY.isoformat(), "source": "sync"}}}


def test_a_value_that_comes_back_is_fresh_again() -> None:
    before = known(throughput="HIGH", provenance={"throughput": {"at": MONDAY.isoformat(), "source": "sync"}})
    update = compare(before, answer({"throughput": "HIGH"}), at=TUESDAY)
    assert update is not None
    assert update.columns == {"provenance": {}}


def test_a_requested_name_that_graph_no_longer_returns_is_over() -> None:
    update = compare(known(new_name_status="PENDING_REVIEW"), answer({}), at=TUESDAY)
    assert update is not None
    assert update.changes == (FieldChange("new_name_status", "PENDING_REVIEW", None),)


def test_a_field_that_was_not_asked_for_is_not_over() -> None:
    said = answer({}, requested=EVERY_FIELD - {"new_name_status"})
    update = compare(known(new_name_status="PENDING_REVIEW"), said, at=TUESDAY)
    assert update is not None
    assert "new_name_status" not in update.columns


def test_an_older_answer_never_overwrites_a_newer_one() -> None:
    newer = known(status="BANNED", read_at=WEDNESDAY)
    assert compare(newer, answer({"status": "CONNECTED"}), at=TUESDAY) is None


def test_a_value_of_a_wrong_type_is_kept_beside_and_not_instead() -> None:
    update = compare(known(status="CONNECTED"), answer({}, status="[1, 2]"), at=TUESDAY)
    assert update is not None
    assert "status" not in update.columns
    assert update.columns["odd_values"] == {"status": "[1, 2]"}


def test_the_portfolios_limit_goes_into_its_column() -> None:
    update = compare(known(), answer({"whatsapp_business_manager_messaging_limit": "TIER_2K"}), at=TUESDAY)
    assert update is not None
    assert update.columns == {"messaging_limit": "TIER_2K"}


values = st.dictionaries(
    st.sampled_from([name for name in plan.FACTS if name != "messaging_limit"]),
    st.one_of(st.text(max_size=5), st.booleans()),
)


@given(values, values)
def test_storing_what_was_said_leaves_nothing_to_store(before: dict[str, Any], said: dict[str, Any]) -> None:
    number, reading = known(**before), answer(said)
    update = compare(number, reading, at=TUESDAY)
    for name, value in update.columns.items() if update else ():
        setattr(number, name, value)
    assert compare(number, reading, at=WEDNESDAY) is None


@given(values, values)
def test_a_reading_never_clears_what_graph_merely_left_out(before: dict[str, Any], said: dict[str, Any]) -> None:
    update = compare(known(**before), answer(said), at=TUESDAY)
    for change in update.changes if update else ():
        assert change.new is not None or change.field in plan.CLEARED_BY_ABSENCE


def test_a_number_stays_under_its_waba_while_that_one_lists_it() -> None:
    found = locate([listing(1, MONDAY), listing(2, TUESDAY)], now_under=1)
    assert (found.waba, found.current, found.missing_since) == (1, frozenset({1, 2}), None)


def test_a_number_that_only_another_waba_lists_now_has_moved_there() -> None:
    found = locate([listing(1, MONDAY, missing_since=WEDNESDAY), listing(2, TUESDAY)], now_under=1)
    assert (found.waba, found.current, found.missing_since) == (2, frozenset({2}), None)


def test_a_number_that_nobody_lists_stays_where_it_was_last() -> None:
    found = locate(
        [listing(1, MONDAY, missing_since=TUESDAY, gone_at=WEDNESDAY), listing(2, MONDAY, missing_since=WEDNESDAY)],
        now_under=1,
    )
    assert (found.waba, found.current, found.missing_since, found.gone_at) == (2, frozenset({2}), WEDNESDAY, None)


moments = st.one_of(st.none(), st.integers(0, 50).map(lambda hours: MONDAY + timedelta(hours=hours)))
listings = st.lists(
    st.builds(listing, st.integers(1, 5), st.just(MONDAY), moments, moments),
    min_size=1,
    unique_by=lambda one: one.waba_id,
)


@given(listings, st.one_of(st.none(), st.integers(1, 6)))
def test_every_number_is_somewhere_and_that_place_is_current(places: list[Listing], under: int | None) -> None:
    found = locate(places, now_under=under)
    assert found.waba in found.current
    assert found.current <= {place.waba_id for place in places}
    assert (found.missing_since is None) == any(place.missing_since is None for place in places)
