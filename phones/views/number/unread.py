"""What can't be changed at Meta before the desk knows what is there."""

from phones.actions.guards import Refusal
from phones.actions.own_readings import known_setting
from phones.choices import ActionKind
from phones.models import PhoneNumber
from phones.numbers.official import why_not_asked
from phones.numbers.settings import SETTINGS
from phones.views.number.details import known_username
from phones.views.number.profile import profile_of

UNREAD_PROFILE = "The desk does not know yet what the profile says: read it on the number’s page first."
UNREAD_USERNAME = "The desk does not know yet which username there is: read that on the number’s page first."
UNREAD_SETTING = "The desk does not know yet how this is set: read that on the number’s page first."
NO_USERNAME = "The number has no username to give up."


def refusal_of(number: PhoneNumber, kind: ActionKind) -> Refusal | None:
    """Why an action of this kind builds on nothing yet; None where it may go on."""
    if kind == ActionKind.PROFILE:
        return Refusal(UNREAD_PROFILE) if profile_of(number).read_at is None else None
    if kind in SETTINGS:
        found = known_setting(getattr(number, "details", None), kind)
        if found is None:
            return Refusal(UNREAD_SETTING)
        why_not = why_not_asked(found.values["oba_status"]) if kind == ActionKind.OFFICIAL_ACCOUNT else ""
        return Refusal(why_not) if why_not else None
    if kind not in {ActionKind.USERNAME, ActionKind.DROP_USERNAME}:
        return None
    known = known_username(number)
    if not known.is_read:
        return Refusal(UNREAD_USERNAME)
    return Refusal(NO_USERNAME) if kind == ActionKind.DROP_USERNAME and not known.username else None
