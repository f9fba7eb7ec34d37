"""What the desk has of a number's PIN, as its page says it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clients.models import User
from phones.actions import pins
from phones.choices import ActionState, PinState
from phones.models import Action, EventFact, PhoneNumber, Pin
from portal.web.templatetags.desk import day

# Meta tells of a PIN that we set as of any other, with a clock of its own.
_ECHO = timedelta(minutes=1)
_PIN_EVENTS = {"PIN_CHANGED", "PIN_REQUEST_SUCCESS"}


@dataclass(frozen=True, slots=True)
class PinStorage:
    """What the desk has of a number's PIN. `row` is the one that may be looked at, None when there is none."""

    sentence: str
    row: Pin | None
    may_reveal: bool


def pin_storage(
    number: PhoneNumber, rows: Sequence[Pin], records: Sequence[Action], user: User, *, said: Collection[EventFact]
) -> PinStorage:
    """What the desk has of the number's PIN, in a sentence.

    `rows` are its PINs, `records` its actions, `said` what events said of it and its WABA.
    """
    # Of PINs that Meta has not confirmed, those whose sending had an outcome are known not to have come to anything.
    in_doubt = {one.pin_id for one in records if one.state in {ActionState.SENT, ActionState.UNKNOWN}}
    may_reveal = pins.may_reveal(user)
    confirmed = next((row for row in rows if row.state == PinState.CONFIRMED), None)
    if confirmed is not None:
        changed_at = _changed_since(confirmed, records, [fact for fact in said if fact.waba_id == number.waba_id])
        if changed_at is None:
            return PinStorage("The desk keeps its PIN, confirmed by Meta.", confirmed, may_reveal)
        kept = f"The desk keeps a PIN that Meta confirmed, but Meta reported a change of it on {day(changed_at)}"
        return PinStorage(f"{kept}: it may no longer be the one in use.", confirmed, may_reveal)
    untested = next((row for row in rows if row.state == PinState.UNCONFIRMED and row.pk in in_doubt), None)
    if untested is not None:
        return PinStorage("The desk keeps a PIN that Meta has not confirmed.", untested, may_reveal)
    if number.is_pin_enabled:
        return PinStorage("It has a PIN that is unknown to the desk.", None, may_reveal)
    if number.is_pin_enabled is None:
        return PinStorage("Meta did not say whether it has a PIN, and the desk keeps none.", None, may_reveal)
    return PinStorage("No PIN is set. Registering sets one.", None, may_reveal)


def _changed_since(confirmed: Pin, records: Sequence[Action], said: Collection[EventFact]) -> datetime | None:
    """When Meta last said that the PIN was changed or reset, where that was not by our own sending of `confirmed`."""
    of_pin = (fact for fact in said if fact.name == "security" and fact.value.get("event") in _PIN_EVENTS)
    fact = next(of_pin, None)
    sent = next((one for one in records if one.pin_id == confirmed.pk and one.closed_at is not None), None)
    ours = (sent.closed_at if sent is not None else None) or confirmed.created_at
    return fact.at if fact is not None and fact.at > ours + _ECHO else None
