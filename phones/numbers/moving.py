"""What Meta wants before a number moves to another WABA, as far as the desk can see it. Pure.

Two-step verification off, an approved name, a WABA with our app's webhooks: Meta's list of errors. An approved WABA and
a verified business: what a provider passes on. What can't be seen is neither met nor missed. See docs/graph.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phones.choices import ACCOUNT_REVIEW_STATUS, BUSINESS_VERIFICATION_STATUS, NAME_STATUS, Status
from phones.numbers import rules

if TYPE_CHECKING:
    from clients.models import Waba
    from phones.models import PhoneNumber

# Numbers that a business may have until it is verified, and then until Meta raises that (graph-api.md 3.2).
MOST_UNVERIFIED, MOST_NUMBERS = 2, 20
_ASK = "The desk can’t see this: ask the client, or the partner who has the number now."


@dataclass(frozen=True, slots=True)
class MoveCheck:
    """One thing that Meta wants. `is_met` is None where the desk can't tell; `words` say what is so, or what to do.

    `is_sure`: Meta itself says that it wants it.
    """

    label: str
    is_met: bool | None
    words: str
    is_sure: bool = True


def checks_of_waba(waba: Waba, *, is_subscribed: bool | None, numbers: int) -> Iterator[MoveCheck]:
    """What the WABA that gets the number must be.

    `is_subscribed`: its events come to our app; `numbers`: how many its business has, as far as the desk counts.
    """
    review, business = waba.account_review_status, waba.business_verification_status
    yield MoveCheck(
        "This WABA is approved",
        None if review is None else review == "APPROVED",
        "Meta has approved it."
        if review == "APPROVED"
        else f"Meta’s review: {_in_words(ACCOUNT_REVIEW_STATUS, review)}.",
    )
    yield MoveCheck(
        "Its business is verified",
        None if business is None else business == "verified",
        "Meta has verified it."
        if business == "verified"
        else f"Meta says: {_in_words(BUSINESS_VERIFICATION_STATUS, business)}. "
        "Providers say that Meta may insist on it.",
        is_sure=False,
    )
    events = {
        True: "Our app gets its events.",
        False: "Our app does not get its events: switch them on first, on the WABA’s page.",
        None: "Meta did not say whether our app gets its events: ask on the WABA’s page.",
    }
    yield MoveCheck("Its events come to us", is_subscribed, events[is_subscribed])
    is_unverified = business not in {None, "verified"}
    most = MOST_UNVERIFIED if is_unverified else MOST_NUMBERS
    has_room = numbers < most
    counted = f"The desk counts {numbers} numbers of it"
    yield MoveCheck(
        "Its business has room for one more",
        True if has_room else None,
        f"{counted}."
        if has_room
        else f"{counted}, and Meta allows {most} until {'it is verified' if is_unverified else 'it raises that'}.",
    )


def _in_words(words: Mapping[str, Status], value: str | None) -> str:
    """What Meta reports, as the lists say it; in its own word where the desk has none for it."""
    if value is None:
        return "not returned"
    return words[value].label.lower() if value in words else value


def checks_of_number(number: PhoneNumber | None, waba: Waba) -> Iterator[MoveCheck]:
    """What the number must be where it is now; `number` is None where the desk does not see it."""
    if number is not None and number.waba_id == waba.pk:
        yield MoveCheck("Another WABA has it", is_met=False, words="This WABA has it already.")
        return
    has_pin = number.is_pin_enabled if number is not None else None
    two_step = {
        False: "It is off.",
        True: "It is on: the client, or the partner who has the number, turns it off in WhatsApp Manager.",
        None: _ASK,
    }
    yield MoveCheck("Two-step verification is off", None if has_pin is None else not has_pin, two_step[has_pin])
    review = number.name_status if number is not None else None
    is_approved = None if review is None else review in rules.NAME_ACCEPTED
    reviewed = _ASK if review is None else f"Meta’s review of it: {_in_words(NAME_STATUS, review)}."
    yield MoveCheck("Its display name is approved", is_approved, reviewed)
    if number is None:
        return
    if number.is_on_biz_app:
        yield MoveCheck(
            "It is not in the WhatsApp Business app",
            is_met=False,
            words="It is: it moves by a signup link, on which Meta’s dialog connects the app.",
        )
    if number.platform_type == rules.ON_PREMISE:
        yield MoveCheck(
            "It is on Cloud API",
            is_met=None,
            words="Meta shows it on-premises, which Meta has ended. It can be moved all the same; switch the former "
            "partner’s client off, for nothing of it moves along.",
        )
    owners = number.waba.owner_business_id, waba.owner_business_id
    if None not in owners and owners[0] != owners[1]:
        yield MoveCheck(
            "It stays with its business",
            is_met=None,
            words="It is on a WABA of another business portfolio. Make sure that both are the same client’s.",
        )
