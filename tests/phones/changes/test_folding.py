"""What lines of history fold into, and what is worse than before."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phones.changes.folding import ChangeRow, Happening, fold
from phones.changes.verdict import Direction, Topic, verdict_on
from phones.choices import STATUSES, ChangeKind, Tone

NINE = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
_keys = itertools.count(1)


def line(field: str = "", old: object = None, new: object = None, *, minutes: float = 0, **more: Any) -> ChangeRow:
    values = {"number_id": 1, "waba_id": 10, "kind": ChangeKind.FIELD.value, "source": "sync", "actor_id": None}
    at = NINE + timedelta(minutes=minutes)
    return ChangeRow(pk=next(_keys), field=field, old=old, new=new, at=at, **{**values, **more})


def event(name: str, minutes: float, **value: Any) -> ChangeRow:
    said = {name: value}
    return line("account_update", new=said, minutes=minutes, kind=ChangeKind.EVENT.value, source="webhook")


def sizes(found: list[Happening]) -> list[int]:
    return sorted(len(one.changes) for one in found)


def test_an_event_and_the_reading_that_follows_it_are_one_happening() -> None:
    flagged = event("quality_event", 0, event="FLAGGED")
    reading = [
        line("quality_rating", "GREEN", "RED", minutes=1),
        line("status", "CONNECTED", "FLAGGED", minutes=1),
    ]

    (found,) = fold([flagged, *reading])

    assert found.verdict.tone == Tone.BAD
    assert found.topics == {Topic.QUALITY, Topic.CONNECTION}


def test_what_a_second_reading_changes_later_is_another_happening() -> None:
    found = fold(
        [
            event("quality_event", 0, event="FLAGGED"),
            line("quality_rating", "GREEN", "YELLOW", minutes=1),
            line("quality_rating", "YELLOW", "RED", minutes=61),
            event("quality_event", 60, event="DOWNGRADE"),
            line("quality_rating", "GREEN", "RED", minutes=1, number_id=2),
        ]
    )

    assert sizes(found) == [1, 2, 2]


def test_a_move_between_wabas_is_one_happening_and_no_loss() -> None:
    (found,) = fold(
        [
            line(kind=ChangeKind.MISSING, minutes=0),
            line(kind=ChangeKind.LISTED, minutes=0.5, waba_id=11),
            line("waba", "1", "2", kind=ChangeKind.MOVED, minutes=0.5, waba_id=11),
        ]
    )

    assert found.verdict.direction == Direction.NEITHER


def test_numbers_that_one_reading_first_saw_on_a_waba_are_one_happening() -> None:
    arrivals = [line(kind=ChangeKind.ADDED, number_id=key, minutes=5) for key in range(1, 13)]

    (found,) = fold([*arrivals])

    assert found.numbers == list(range(1, 13))


def test_what_is_better_again_is_over_and_stands_behind_what_is_not() -> None:
    mended = [line("status", "CONNECTED", "BANNED"), line("status", "BANNED", "CONNECTED", minutes=60)]
    still = line("quality_rating", "GREEN", "YELLOW", minutes=-60, number_id=2)
    lost = line(kind=ChangeKind.MISSING, number_id=3), line(kind=ChangeKind.BACK, number_id=3, minutes=60)

    found = fold([*mended, still, *lost])

    assert found[0].changes == (still,)
    assert [one.is_over for one in found] == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("field", "old", "new", "direction", "tone"),
    [
        ("quality_rating", "UNKNOWN", "RED", "worse", Tone.BAD),
        ("quality_rating", "RED", "UNKNOWN", "neither", Tone.NONE),
        ("quality_rating", "RED", "YELLOW", "better", Tone.OK),
        ("status", "CONNECTED", "PENDING", "worse", Tone.BAD),
        ("status", "CONNECTED", "SOMETHING_NEW", "worse", Tone.WARN),
        ("status", "PENDING", "CONNECTED", "better", Tone.OK),
        ("messaging_limit", "TIER_10K", "TIER_1K", "worse", Tone.WARN),
        ("messaging_limit", "TIER_1K", "TIER_UNLIMITED", "better", Tone.OK),
        ("messaging_limit", "TIER_1K", "TIER_NOT_SET", "neither", Tone.NONE),
        ("new_name_status", "PENDING_REVIEW", "APPROVED", "better", Tone.OK),
        ("name_status", "APPROVED", "DECLINED", "worse", Tone.BAD),
        ("can_send_message", "AVAILABLE", "BLOCKED", "worse", Tone.BAD),
        ("is_official_business_account", True, False, "worse", Tone.WARN),
    ],
)
def test_what_is_worse_follows_the_tones_and_ranks_of_the_values(
    field: str, old: object, new: object, direction: str, tone: Tone
) -> None:
    verdict = verdict_on(line(field, old, new), is_registered=False)

    assert (verdict.direction, verdict.tone) == (direction, tone)


def test_a_code_that_lapses_matters_only_before_the_registration() -> None:
    lapsed = line("code_verification_status", "VERIFIED", "EXPIRED")

    assert verdict_on(lapsed, is_registered=False).direction == Direction.WORSE
    assert verdict_on(lapsed, is_registered=True).direction == Direction.NEITHER


values = st.sampled_from([None, "NEVER_HEARD_OF", *(value for table in STATUSES.values() for value in table)])
lines = st.builds(
    line,
    st.sampled_from([*STATUSES, "webhook_configuration"]),
    values,
    values,
    minutes=st.integers(0, 300),
    number_id=st.sampled_from([None, 1, 2]),
    kind=st.sampled_from([kind.value for kind in ChangeKind]),
)


@given(st.lists(lines, max_size=25))
def test_every_line_is_in_exactly_one_happening_and_nothing_is_worse_both_ways(rows: list[ChangeRow]) -> None:
    found = fold(rows)

    assert sorted(change.pk for one in found for change in one.changes) == sorted(row.pk for row in rows)
    for row in rows:
        back = line(row.field, row.new, row.old, number_id=row.number_id, kind=row.kind)
        both = [verdict_on(one, is_registered=False).direction for one in (row, back)]
        assert row.kind != ChangeKind.FIELD or both.count(Direction.WORSE) < 2
