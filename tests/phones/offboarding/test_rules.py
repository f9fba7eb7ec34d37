"""What a reading says of a step of an offboarding, and what becomes of its mark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from phones.offboarding import rules
from phones.offboarding.rules import NOTHING_SHOWS_IT, Shown, mark_after, why_not_said
from phones.offboarding_choices import Mark

THEN = datetime(2026, 11, 1, tzinfo=UTC)
LATER = THEN + timedelta(hours=1)
YES, NO, UNSEEN = Shown(is_done=True, words=""), Shown(is_done=False, words=""), Shown(None, "")


@dataclass(frozen=True)
class Number:
    status: str | None = "CONNECTED"
    platform_type: str | None = "CLOUD_API"


def seen(answer: Shown, at: datetime) -> Shown:
    return Shown(answer.is_done, answer.words, at)


@pytest.mark.parametrize(
    ("before", "shown", "after"),
    [
        (Mark.OPEN, YES, Mark.SHOWN),
        (Mark.OPEN, NO, Mark.OPEN),
        (Mark.OPEN, UNSEEN, Mark.UNKNOWN),
        (Mark.OPEN, NOTHING_SHOWS_IT, Mark.OPEN),
        (Mark.UNKNOWN, NO, Mark.OPEN),
        (Mark.SHOWN, UNSEEN, Mark.SHOWN),
        (Mark.SHOWN, NO, Mark.OPEN),
        (Mark.SAID, YES, Mark.SHOWN),
        (Mark.SAID, UNSEEN, Mark.SAID),
        (Mark.SAID, seen(NO, THEN), Mark.SAID),
        (Mark.SAID, seen(NO, LATER), Mark.OPEN),
        (Mark.NOT_NEEDED, seen(NO, LATER), Mark.NOT_NEEDED),
    ],
)
def test_what_was_said_falls_to_a_later_reading_alone_and_not_seen_is_not_done(
    before: Mark, shown: Shown, after: Mark
) -> None:
    assert mark_after(before, THEN, shown) == after


def test_nobody_says_that_done_is_what_a_reading_shows_not_to_be() -> None:
    assert why_not_said(Mark.OPEN, Mark.SAID, NO)
    assert why_not_said(Mark.SHOWN, Mark.SAID, YES)
    assert why_not_said(Mark.OPEN, Mark.OPEN, NO)
    assert not why_not_said(Mark.OPEN, Mark.NOT_NEEDED, NO)
    assert not why_not_said(Mark.UNKNOWN, Mark.SAID, UNSEEN)
    assert not why_not_said(Mark.SAID, Mark.OPEN, UNSEEN)


@pytest.mark.parametrize(
    ("number", "is_listed", "is_in_sight", "is_done"),
    [
        (Number(), True, True, False),
        (Number(status="BANNED"), True, True, False),
        (Number(platform_type="NOT_APPLICABLE", status="DISCONNECTED"), True, True, True),
        (Number(platform_type=None), True, True, None),
        (Number(), True, False, None),
        (Number(platform_type="NOT_APPLICABLE", status="DISCONNECTED"), True, False, True),
        (Number(), False, True, True),
        (Number(status="MIGRATED"), True, False, True),
    ],
)
def test_a_number_that_nobody_can_read_is_not_known_to_be_deregistered(
    number: Number, *, is_listed: bool, is_in_sight: bool, is_done: bool | None
) -> None:
    shown = rules.of_registration(number, is_listed=is_listed, is_in_sight=is_in_sight, at=THEN)
    assert shown.is_done is is_done


def test_a_reading_that_failed_does_not_show_that_our_access_is_gone() -> None:
    assert rules.of_access(unshared_since=None, is_read=False, at=THEN).is_done is None
    assert rules.of_access(unshared_since=None, is_read=True, at=THEN).is_done is False
    assert rules.of_access(unshared_since=THEN, is_read=False, at=THEN).is_done is True


def test_a_share_of_credit_that_nobody_here_made_is_not_known_to_be_revoked() -> None:
    def is_over(*, is_shared: bool | None, was_revoked: bool = False, is_in_doubt: bool = False) -> bool | None:
        shown = rules.of_credit_line(is_shared=is_shared, was_revoked=was_revoked, is_in_doubt=is_in_doubt, at=THEN)
        return shown.is_done

    assert is_over(is_shared=None) is None
    assert is_over(is_shared=True) is False
    assert is_over(is_shared=True, is_in_doubt=True) is None
    assert is_over(is_shared=None, was_revoked=True) is True


def test_a_number_that_one_reading_missed_is_not_off_its_waba_yet() -> None:
    def is_off(*, is_gone: bool, is_in_sight: bool) -> bool | None:
        return rules.of_place(Number(), is_listed=True, is_gone=is_gone, is_in_sight=is_in_sight, at=THEN).is_done

    assert is_off(is_gone=False, is_in_sight=False) is None
    assert is_off(is_gone=True, is_in_sight=False) is True
    assert is_off(is_gone=False, is_in_sight=True) is False
