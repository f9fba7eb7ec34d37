"""Actions that no reading of the number shows: what is asked of Meta besides, and what its answer says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from clients.models import SyncFailure, User
from phones.choices import ActionKind, ActionState
from phones.models import Action, BusinessProfile, MessageLinks, NumberDetails, PhoneNumber
from phones.numbers import official, settings
from phones.numbers.callbacks import own_callback
from phones.numbers.profile import shows
from phones.numbers.settings import SETTINGS
from phones.numbers.username import is_same
from phones.sync import details, message_links, profile
from portal import database_clock
from portal.rows import row_or_none

_OF_LINKS = frozenset({ActionKind.MESSAGE_LINK, ActionKind.CHANGE_MESSAGE_LINK, ActionKind.DROP_MESSAGE_LINK})
KINDS = frozenset({ActionKind.PROFILE, ActionKind.USERNAME, ActionKind.DROP_USERNAME, *SETTINGS}) | _OF_LINKS


@dataclass(frozen=True, slots=True)
class KnownSetting:
    """What the latest reading of a setting says. `is_said`: Meta named it, and it is not taken to be as by default."""

    values: Mapping[str, Any]
    is_said: bool
    at: datetime


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
    failures = details.read_details(number=number, parts=[part_of(ActionKind(action.kind))], is_asked=user is not None)
    return failures[0] if failures else None


def part_of(kind: ActionKind) -> str:
    """The part of the details that shows what came of an action of this kind, which is not about the profile."""
    return SETTINGS[kind].part if kind in SETTINGS else "username"


def known_setting(row: NumberDetails | None, kind: ActionKind) -> KnownSetting | None:
    """What is known of the setting that this kind changes; None before it was read."""
    setting = SETTINGS[kind]
    part = _part(row, setting.part)
    if "values" not in part:
        return None
    said = setting.said_in(part["values"])
    return KnownSetting(said or setting.by_default, said is not None, datetime.fromisoformat(part["at"]))


def read_open(number: PhoneNumber, user: User | None = None) -> None:
    """Read what shows whether the open action of `number` was done, where the number's own reading does not."""
    open_actions = Action.objects.filter(number=number, kind__in=KINDS, closed_at=None)
    if (action := row_or_none(open_actions)) is not None:
        read(action, number=number, user=user)


def said_for(kind: ActionKind | None, number: PhoneNumber) -> list[object]:
    """What the latest reading says of what an action of this kind changes in place of it; nothing for other kinds."""
    if kind == ActionKind.NUMBER_CALLBACK:
        return [own_callback(number.webhook_configuration)]
    if kind == ActionKind.PROFILE:
        row: BusinessProfile | None = getattr(number, "profile", None)
        return [profile.values_of(row) if row is not None else None]
    if kind in _OF_LINKS:
        links_row: MessageLinks | None = getattr(number, "message_links", None)
        return [links_row.links if links_row is not None else None]
    if kind is None or kind not in KINDS:
        return []
    row_of_details: NumberDetails | None = getattr(number, "details", None)
    if kind in SETTINGS:
        found = known_setting(row_of_details, kind)
        return [found.values if found is not None else None]
    return [_part(row_of_details, "username").get("values")]


def outcome_of(action: Action, number: PhoneNumber) -> Outcome:
    """What was read since `action` was sent says of it."""
    if action.kind == ActionKind.PROFILE:
        return _of_profile(action, number)
    if action.kind in _OF_LINKS:
        return _of_links(action, number)
    row = row_or_none(NumberDetails.objects.filter(number=number))
    if action.kind in SETTINGS:
        return _of_setting(action, known_setting(row, ActionKind(action.kind)))
    part = _part(row, "username")
    if "values" not in part or not _is_since(action, datetime.fromisoformat(part["at"])):
        return Outcome.NOT_READ
    is_now, before = str(part["values"].get("username", "")), action.details["before"]
    wanted = action.details.get("username", "")
    if is_same(is_now, wanted):
        return Outcome.DONE
    return Outcome.NOT_DONE if is_same(is_now, before) else Outcome.NOT_SHOWN


def _part(row: NumberDetails | None, name: str) -> dict[str, Any]:
    part: dict[str, Any] = row.parts.get(name, {}) if row is not None else {}
    return part


def _of_setting(action: Action, found: KnownSetting | None) -> Outcome:
    """A reading that leaves the setting out shows what is so by default, and nothing else."""
    if found is None or not _is_since(action, found.at):
        return Outcome.NOT_READ
    if action.kind == ActionKind.OFFICIAL_ACCOUNT:
        return _of_review(action, found)
    now = database_clock.now()
    if settings.shows(found.values, action.details["changes"], now=now):
        return Outcome.DONE
    if not found.is_said:
        return Outcome.NOT_READ
    is_as_before = settings.shows(found.values, action.details["before"], now=now)
    return Outcome.NOT_DONE if is_as_before else Outcome.NOT_SHOWN


def _of_review(action: Action, found: KnownSetting) -> Outcome:
    """A review that stands elsewhere than before the request has begun, or is over already."""
    if not found.is_said:
        return Outcome.NOT_READ
    is_as_before = found.values["oba_status"] in {action.details["before"]["oba_status"], official.NOT_ASKED}
    return Outcome.NOT_DONE if is_as_before else Outcome.DONE


def _of_profile(action: Action, number: PhoneNumber) -> Outcome:
    """A profile that shows neither what was asked for nor what was there before says nothing of it."""
    row = row_or_none(BusinessProfile.objects.filter(number=number))
    if row is None or row.read_at is None or not _is_since(action, row.read_at):
        return Outcome.NOT_READ
    if not action.details["changes"]:
        return _of_picture(action, row)
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


def _of_picture(action: Action, row: BusinessProfile) -> Outcome:
    """One where there was none is the new one. Meta's addresses of pictures say nothing of which picture it is."""
    if row.has_picture is None:
        return Outcome.NOT_READ
    if action.details.get("had_picture") is not False:
        return Outcome.NOT_SHOWN
    return Outcome.DONE if row.has_picture else Outcome.NOT_DONE


def _is_since(action: Action, at: datetime) -> bool:
    return database_clock.is_between(at, action.sent_at or action.created_at)
