"""The sentences of bulk runs: what a run does, what it costs of Meta's limits, what came of an item. Pure."""

from collections.abc import Sequence
from datetime import timedelta

from phones.actions.guards import LIMITS, Limit
from phones.actions.words import advice
from phones.bulk_choices import BulkKind
from phones.choices import ActionKind, ActionState

# What a WABA grants an hour, first without a registered number and then with one, and how much of it a run takes: half,
# so that the other half is left to the sync and to people. Each item is two calls: the action, and reading it back.
QUOTAS = (200, 5_000)
CALLS_EACH = 2
# Meta answers an item's two calls within so long, as seen from the desk.
SECONDS_EACH = 2

ASKS_META = frozenset(
    {
        *(BulkKind.REFRESH, BulkKind.REQUEST_CODE, BulkKind.REGISTER, BulkKind.SET_PIN, BulkKind.PROFILE),
        BulkKind.SUBSCRIBE,
    }
)
CHANGES_META = ASKS_META - {BulkKind.REFRESH}
MAKES_LINKS = frozenset({BulkKind.CODE_LINK, BulkKind.SIGNUP_LINK})
# What can't be taken back: the person types for how many they mean it.
TYPED = CHANGES_META | MAKES_LINKS
# How the links of a run are sent; by hand where the run says nothing.
BY_MAIL = "mail"

WHAT_HAPPENS = {
    BulkKind.REFRESH: "Each number is read from Meta. Nothing is changed there.",
    BulkKind.REQUEST_CODE: "Meta sends a one-time code to each number. Whoever has the phone gets it, and tells you.",
    BulkKind.REGISTER: "Each number is registered for Cloud API: with the PIN that the desk keeps, else with a new one "
    "that the desk makes up and keeps encrypted.",
    BulkKind.SET_PIN: "Each number gets a PIN of its own, made up by the desk and kept encrypted. It replaces the one "
    "that the number has.",
    BulkKind.PROFILE: "People see what you set at once, on the profile of each number. What is not ticked stays. "
    "You are shown what changes before anything is sent.",
    BulkKind.SUBSCRIBE: "Meta sends us the events of each WABA from then on. Other apps keep theirs.",
    BulkKind.CODE_LINK: "Each number gets a link to the page on which its client asks for the code and types it; one "
    "that is open already is used.",
    BulkKind.SIGNUP_LINK: "Each client gets a link to Meta’s Embedded Signup, good for 30 days.",
    BulkKind.LABEL: "Each number gets the label, beside those that it has.",
}

OPEN_ACTION = "Another action on this number waits for its outcome: read the number to settle it."
REGISTERED = "It is registered already, and no new name waits for that."
REFUSED_BY_META = "Meta refuses the token of its WABA: see the WABA’s page."
NO_CODE_WANTED = "It needs no code now."
NO_CONTACT = "Its client has no mail contact: send the link by hand."
NO_MAIL_SERVER = "The desk has no mail server (EMAIL_URL): send the link by hand."
NOT_MAILED = "{} The link is made: send it by hand."
MAYBE_MAILED = "It was handed to the mail server and the answer was lost, so it may have arrived. It is not sent again."
LINK_CLOSED = "Its link was closed meanwhile."
OPEN_SIGNUP_LINK = "The client has an open signup link already."
EVENTS_ON = "Its events come here already."
EVENTS_UNDER_WAY = "Switching its events on is under way already."
UNREAD_PROFILE = "The desk does not know yet what its profile says: read it on the number’s page first."
HAS_PROFILE = "It has all of this already."
LABEL_GONE = "The label was deleted meanwhile."
NOT_YOURS = "The person who started the run may not act on it, or no longer."
CHANGED = "It has changed since the dry run. Nothing was sent; look at it, and try it in a new run."
STARTED_NOT_SENT = "It was cancelled before anything was sent."
MANY_FAILED = "The desk has paused this run: {} in a row failed, the last one so: {}"


def nouns(kind: BulkKind) -> tuple[str, str]:
    """What the items of such a run are, one and many."""
    if kind == BulkKind.SUBSCRIBE:
        return "WABA", "WABAs"
    return ("client", "clients") if kind == BulkKind.SIGNUP_LINK else ("number", "numbers")


def counted(kind: BulkKind, count: int) -> str:
    return f"{count:,} {nouns(kind)[count != 1]}"


def costs(kind: BulkKind, attempts: Sequence[int], by_waba: Sequence[tuple[int, bool]]) -> list[str]:
    """What a run uses up, in sentences. `attempts`: the how manieth such request it would be for each number.

    `by_waba` holds for each WABA how many items are on it, and whether it has a registered number.
    """
    if kind not in ASKS_META:
        return ["Nothing of Meta’s limits: Meta is not asked."]
    found = []
    limit = LIMITS.get(ActionKind(kind.value))
    if limit is not None:
        found.append(_of_limit(kind, limit, attempts))
    items = sum(count for count, _ in by_waba)
    tight = [count for count, has_registered in by_waba if not has_registered]
    calls, wabas = items * CALLS_EACH, len(by_waba)
    found.append(f"About {calls:,} calls to Meta, on {wabas:,} WABA{'' if wabas == 1 else 's'}.")
    if len(tight) < wabas:
        found.append(
            f"Meta grants a WABA with a registered number {QUOTAS[1]:,} calls an hour. The run uses half at most."
        )
    if tight:
        found.append(
            f"{len(tight):,} of them {'has' if len(tight) == 1 else 'have'} no registered number yet: Meta grants "
            f"such a WABA {QUOTAS[0]} calls an hour. The run uses half of that and waits for the next hour with the "
            f"rest; the largest has {max(tight):,} here."
        )
    found.append(f"It takes about {in_words(duration(by_waba))}.")
    return found


def _of_limit(kind: BulkKind, limit: Limit, attempts: Sequence[int]) -> str:
    what = "registrations" if kind == BulkKind.REGISTER else "codes"
    hours = round(limit.window / timedelta(hours=1))
    again = sum(attempt > 1 for attempt in attempts)
    most = max(attempts, default=1)
    sentence = f"One of the {limit.metas} {what} that Meta allows each number in {hours} hours."
    if again:
        verb = "is" if again == 1 else "are"
        sentence += f" For {again:,} it {verb} not the first within that time; the most used has {most - 1} behind it."
    return sentence


def most_an_hour(*, has_registered: bool) -> int:
    """How many items of a WABA are carried out within an hour."""
    return QUOTAS[has_registered] // 2 // CALLS_EACH


def duration(by_waba: Sequence[tuple[int, bool]]) -> timedelta:
    """How long it takes, with the waits for the next hour."""
    waits = [(count - 1) // most_an_hour(has_registered=registered) for count, registered in by_waba if count]
    worked = timedelta(seconds=SECONDS_EACH * sum(count for count, _ in by_waba))
    return max(worked, timedelta(hours=max(waits, default=0)))


def in_words(time: timedelta) -> str:
    """A length of time, roughly: "a minute", "7 minutes", "3 hours"."""
    minutes = max(1, round(time / timedelta(minutes=1)))
    if minutes < 90:
        return "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"{round(minutes / 60)} hours"


def reason_of(state: ActionState, kind: str, code: int | None, subcode: int | None, http_status: int | None) -> str:
    """Why an action was not done, or is in doubt; empty for one that was done."""
    if state == ActionState.SUCCEEDED:
        return ""
    if state == ActionState.FAILED and not kind:
        return "Meta’s answer was lost, and reading shows that it was not done."
    if state == ActionState.FAILED:
        words = advice(kind, code, subcode, http_status, effect_possible=False)
        return f"{words.title}. {words.what_to_do}"
    return "Meta’s answer was lost. It is not sent again: reading settles whether it was done."
