"""When Meta's answer counts as lost, and from when on a reading may say that nothing was done. Pure.

For everything that is sent to Meta once: actions on numbers and WABAs, the pool, and the steps of an onboarding.
"""

from datetime import datetime, timedelta

# An action without an answer for longer belongs to a process that died before it could write the answer down.
ANSWER_LIMIT = timedelta(seconds=90)
# Meta may finish what it was asked for after the connection broke: "not done" is believed only this long after sending.
GRACE = timedelta(seconds=60)


def may_still_be_done(sent_at: datetime | None, *, now: datetime) -> bool:
    """Whether Meta may still be doing what was sent then, so that not seeing it done decides nothing."""
    return sent_at is not None and now < sent_at + GRACE
