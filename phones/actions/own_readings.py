"""Actions that no reading of the number shows: what is asked of Meta besides, and what its answer says of them."""

from datetime import datetime
from enum import Enum
from typing import Any

from clients.models import SyncFailure, User
from phones.choices import ActionKind, ActionState
from phones.models import Action, BusinessProfile, MessageLinks, NumberDetails, PhoneNumber
from phones.numbers.profile import shows
from phones.numbers.username import is_same
from phones.sync import details, message_links, profile
from portal import database_clock
from portal.rows import row_or_none

_OF_LINKS = frozenset({ActionKind.MESSAGE_LINK, ActionKind.CHANGE_MESSAGE_LINK, ActionKind.DROP_MESSAGE_LINK})
KINDS = frozenset({ActionKind.PROFILE, ActionKind.USERNAME, ActionKind.DROP_USERNAME}) | _OF_LINKS


class Outcome(Enum):
    """What a reading says of an action. NOT_SHOWN: this can't be seen at Meta. NOT_READ: the reading says nothing."""

    DONE = ActionState.SUCCEEDED
    NOT_DONE = ActionState.FAILED
    NOT_SHOWN = ActionState.UNKNOWN
    NOT_READ = None


def read(action: Action, *, number: PhoneNumber, user: User | None) -> SyncFailure | None:
    """Read what shows whether `action` was done; the failure (unsaved) when it could not be read."""
    if action.kind == ActionKind.PROFILE:
        return profile.read_profile(number=number, user=user)
    if action.kind in _OF_LINKS:
        return message_links.read_message_links(number=number, user=user)
    failures = details.read_details(number=number, parts=["username"], is_asked=user is not None)
    return failures[0] if failures else None


def read_open(number: PhoneNumber, user: User | None = None) -> None:
    """Read what shows whether the open action of `number` was done, where the number's own reading does not."""
    open_actions = Action.objects.filter(number=number, kind__in=KINDS, closed_at=None)
    if (action := row_or_none(open_actions)) is not None:
        read(action, number=number, user=user)


def said_for(kind: ActionKind | None, number: PhoneNumber) -> list[object]:
    """What the latest reading of its own says of what an action of this kind changes; nothing for other kinds."""
    if kind == ActionKind.PROFILE:
        row: BusinessProfile | None = getattr(number, "profile", None)
        return [profile.values_of(row) if row is not None else None]
    if kind in _OF_LINKS:
        links_row: MessageLinks | None = getattr(number, "message_links", None)
        return [links_row.links if links_row is not None else None]
    if kind in KINDS:
        details_row: NumberDetails | None = getattr(number, "details", None)
        return [_username_part(details_row).get("values")]
    return []


def outcome_of(action: Action, number: PhoneNumber) -> Outcome:
    """What was read since `action` was sent says of it."""
    if action.kind == ActionKind.PROFILE:
        return _of_profile(action, number)
    if action.kind in _OF_LINKS:
        return _of_links(action, number)
    part = _username_part(row_or_none(NumberDetails.objects.filter(number=number)))
    if "values" not in part or not _is_since(action, datetime.fromisoformat(part["at"])):
        return Outcome.NOT_READ
    is_now, before = str(part["values"].get("username", "")), action.details["before"]
    wanted = action.details.get("username", "")
    if is_same(is_now, wanted):
        return Outcome.DONE
    return Outcome.NOT_DONE if is_same(is_now, before) else Outcome.NOT_SHOWN


def _username_part(row: NumberDetails | None) -> dict[str, Any]:
    part: dict[str, Any] = row.parts.get("username", {}) if row is not None else {}
    return part


def _of_profile(action: Action, number: PhoneNumber) -> Outcome:
    """A profile that shows neither what was asked for nor what was there before says nothing of it."""
    row = row_or_none(BusinessProfile.objects.filter(number=number))
    if row is None or row.read_at is None or not _is_since(action, row.read_at):
        return Outcome.NOT_READ
    is_now = profile.values_of(row)
    if shows(is_now, action.details["changes"]):
        return Outcome.DONE
    return Outcome.NOT_DONE if shows(is_now, action.details["before"]) else Outcome.NOT_SHOWN


def _of_links(action: Action, number: PhoneNumber) -> Outcome:
    """Of a link that was made there are more of the same message than before; one that was changed is known by code."""
    row = row_or_none(MessageLinks.objects.filter(number=number))
    if row is None or row.read_at is None or not _is_since(action, row.read_at):
        return Outcome.NOT_READ
    wanted, code = action.details.get("message"), action.details.get("code")
    if action.kind == ActionKind.MESSAGE_LINK:
        alike = sum(link["message"] == wanted for link in row.links)
        return Outcome.DONE if alike > action.details["alike"] else Outcome.NOT_DONE
    is_now = next((link["message"] for link in row.links if link["code"] == code), None)
    if action.kind == ActionKind.DROP_MESSAGE_LINK:
        return Outcome.DONE if is_now is None else Outcome.NOT_DONE
    if is_now == wanted:
        return Outcome.DONE
    return Outcome.NOT_DONE if is_now == action.details["before"] else Outcome.NOT_SHOWN


def _is_since(action: Action, at: datetime) -> bool:
    return database_clock.is_between(at, action.sent_at or action.created_at)
