"""What the last readings say of one step, and what becomes of its mark. Pure: no ORM, no HTTP, no clock.

"Could not tell" is never "done", and what a person said is held against every later reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from phones.numbers import rules
from phones.numbers.rules import Platform
from phones.offboarding_choices import Mark


@dataclass(frozen=True, slots=True)
class Shown:
    """Whether the step is done as of `at`: yes, no, or None where nothing tells. `words` say what shows it.

    `can_be_shown` is false for what no reading ever shows.
    """

    is_done: bool | None
    words: str
    at: datetime | None = None
    can_be_shown: bool = True


def of_registration(number: Platform, *, is_listed: bool, is_in_sight: bool, at: datetime | None) -> Shown:
    """`is_listed`: it is still on the WABA that it leaves; `is_in_sight`: some WABA that we read lists it."""
    if not is_listed or number.status in rules.LEFT:
        return Shown(is_done=True, words="It is no longer on this WABA.", at=at)
    is_registered = rules.reported_registered(number)
    if is_registered is False:
        # Also where that is the last that could be read: without access nobody registers it here.
        return Shown(is_done=True, words="Meta shows it as not registered.", at=at)
    if not is_in_sight:
        return Shown(None, "No WABA that we can read shows it any more.", at)
    if is_registered is None:
        return Shown(None, "Meta did not say whether it is registered.", at)
    return Shown(is_done=False, words="Meta shows it as registered.", at=at)


def of_place(number: Platform, *, is_listed: bool, is_gone: bool, is_in_sight: bool, at: datetime | None) -> Shown:
    """Whether it has left the WABA. `is_gone`: two whole readings in a row listed it nowhere."""
    if not is_listed or is_gone or number.status in rules.LEFT:
        return Shown(is_done=True, words="It is no longer on this WABA.", at=at)
    if not is_in_sight:
        return Shown(None, "No WABA that we can read shows it any more.", at)
    return Shown(is_done=False, words="The WABA still lists it.", at=at)


def of_events(*, is_ours: bool | None, at: datetime | None) -> Shown:
    """`is_ours`: our app is among those that get the WABA's events."""
    if is_ours is None:
        return Shown(None, "Meta did not say whether our app still gets its events.", at)
    if is_ours:
        return Shown(is_done=False, words="Our app still gets its events.", at=at)
    return Shown(is_done=True, words="Our app no longer gets its events.", at=at)


def of_credit_line(*, is_shared: bool | None, was_revoked: bool, is_in_doubt: bool, at: datetime | None) -> Shown:
    """`is_shared`: the desk shared our line of credit and nobody revoked it; None where that is not known.

    `is_in_doubt`: somebody has tried to revoke it, and what came of that is not known.
    """
    if was_revoked:
        return Shown(is_done=True, words="The desk has revoked it.", at=at)
    if is_in_doubt:
        return Shown(None, "Whether Meta has revoked it is not known: look in Meta Business Suite.", at)
    if is_shared:
        return Shown(is_done=False, words="The desk has shared it, and nobody has revoked it.", at=at)
    return Shown(None, "The desk knows of no share that it could revoke.", at)


def of_access(*, unshared_since: datetime | None, is_read: bool, at: datetime | None) -> Shown:
    """`is_read`: the latest reading of the WABA brought its numbers."""
    if unshared_since is not None:
        return Shown(is_done=True, words="Meta no longer lists it among the WABAs shared with us.", at=unshared_since)
    if is_read:
        return Shown(is_done=False, words="We can still read it.", at=at)
    return Shown(None, "The latest reading failed, which alone does not show that the access is gone.", at)


def of_links(*, open_links: int, at: datetime) -> Shown:
    if open_links:
        return Shown(is_done=False, words=f"Open links on which something can be done: {open_links}.", at=at)
    return Shown(is_done=True, words="No link is open on which something can be done.", at=at)


NOTHING_SHOWS_IT = Shown(None, "No reading shows this: somebody has to say so.", can_be_shown=False)


def mark_after(mark: str, marked_at: datetime | None, shown: Shown) -> Mark:
    """What the mark of a step is once `shown` is known.

    What was shown stays when later nothing can be seen. What a person said falls only to a reading that came after it;
    that a thing may stay as it is falls to none.
    """
    if mark == Mark.NOT_NEEDED:
        return Mark.NOT_NEEDED
    if shown.is_done:
        return Mark.SHOWN
    if mark == Mark.SAID:
        is_news = shown.at is not None and marked_at is not None and shown.at > marked_at
        return Mark.OPEN if shown.is_done is False and is_news else Mark.SAID
    if shown.is_done is None and mark == Mark.SHOWN:
        return Mark.SHOWN
    return Mark.UNKNOWN if shown.is_done is None and shown.can_be_shown else Mark.OPEN


def why_not_said(is_now: Mark, wanted: Mark, shown: Shown) -> str:
    """Why a person can't give a step that `is_now` so the mark `wanted`; empty where they can."""
    if wanted == Mark.OPEN:
        return "" if is_now in {Mark.SAID, Mark.NOT_NEEDED} else "There is nothing that was said to take back."
    if is_now == Mark.SHOWN:
        return f"This is done: {shown.words}"
    if wanted == Mark.SAID and shown.is_done is False:
        return f"This is not done: {shown.words}"
    return ""
