"""Display names: what can be one, Meta's review of it, and what a registration makes of it.

From Meta's page on display names. An approved name goes live when the number is registered within 14 days.
"""

import re

from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import approved_new_name, number_value
from portal.sandbox.world.world import Number, World

SHORTEST, LONGEST = 2, 75
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_APPROVED_SECONDS = 14 * 86_400.0
# What no reviewer lets pass, and why: no letter at all, somebody else's brand, a trial run.
_DECLINED = {
    re.compile(r"\A[\W\d_]*\Z"): "NAME_FORMAT_UNACCEPTABLE",
    re.compile("whatsapp|facebook|instagram", re.IGNORECASE): "NAME_ENDCLIENT_NOTRELATED",
    re.compile(r"\btest", re.IGNORECASE): "NAME_NOT_CONSISTENT",
}
_STATUS_OF = {"verified_name": "name_status", "new_display_name": "new_name_status"}


def fits(name: str) -> bool:
    """Whether a text can be a display name: by its length, and for want of control characters."""
    return SHORTEST <= len(name) <= LONGEST and not _UNPRINTABLE.search(name)


def begin_review(world: World, number: Number) -> None:
    """Have Meta decide on the names of this number that wait for it, after the usual time."""
    world.reviews[number.id] = world.now() + world.review_seconds
    world.unsaved = True


def settle(world: World) -> None:
    """Let everything happen to display names that is due by the world's clock."""
    now = world.now()
    for number_id, due in list(world.reviews.items()):
        if due <= now:
            del world.reviews[number_id]
            _decide(world, number_id, due)
    for number_id, due in list(world.approvals.items()):
        if due <= now:
            del world.approvals[number_id]
            _lapse(world, number_id)


def _decide(world: World, number_id: str, due: float) -> None:
    number = world.number(number_id)
    if number is None:
        return
    for name_field, status_field in _STATUS_OF.items():
        if number_value(number, status_field) == "PENDING_REVIEW":
            conclude(world, number, name_field, verdict(number_value(number, name_field)), due)


def conclude(
    world: World, number: Number, name_field: str, status: str, now: float, rejection_reason: str = ""
) -> Values:
    """Have the review of a name come to this ``name_status``, for this reason if any; the entry in the log."""
    status_field = _STATUS_OF[name_field]
    facts: Values = {"rejection_reason": rejection_reason} if rejection_reason else {}
    if (status_field, status) == ("new_name_status", "APPROVED"):
        world.approvals[number.id] = now + _APPROVED_SECONDS
    return world.act(number, "name_decided", {status_field: status}, (), **facts)


def in_review(number: Number) -> str | None:
    """Which of a number's names is under review: ``new_display_name``, ``verified_name`` or none."""
    fields = ("new_display_name", "verified_name")
    return next((each for each in fields if number_value(number, _STATUS_OF[each]) == "PENDING_REVIEW"), None)


def verdict(name: object) -> str:
    """What the review of a name comes to, the same each time: mostly approval."""
    declined = not isinstance(name, str) or any(pattern.search(name) for pattern in _DECLINED)
    return "DECLINED" if declined else "APPROVED"


def rejection_reason(name: object) -> str:
    """Why a name was declined, in the words of Meta's webhook; ``UNKNOWN`` when it was not for its looks."""
    text = name if isinstance(name, str) else ""
    return next((reason for pattern, reason in _DECLINED.items() if pattern.search(text)), "UNKNOWN")


def _lapse(world: World, number_id: str) -> None:
    number = world.number(number_id)
    if number is not None and approved_new_name(number) is not None:
        world.act(number, "name_lapsed", {"new_name_status": "EXPIRED"})


def go_live(world: World, number: Number) -> None:
    """What a registration does: an approved new name takes the place of the old one. Nothing when there is none."""
    name = approved_new_name(number)
    if name is None:
        return
    world.approvals.pop(number.id, None)
    values: Values = {"verified_name": name, "name_status": number_value(number, "new_name_status")}
    world.act(number, "name_live", values, without=("new_display_name", "new_name_status"))
