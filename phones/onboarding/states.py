"""Words for how far a signup or a step of an onboarding came. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clients.choices import AttemptState
from phones.choices import Status, StepState, Tone

if TYPE_CHECKING:
    from clients.models import SignupAttempt


STATES: dict[str, Status] = {
    AttemptState.SENT: Status("Link sent", Tone.WAIT, "Nobody has opened the link yet."),
    AttemptState.OPENED: Status("Page opened", Tone.WAIT, "Meta’s dialog was not opened yet."),
    AttemptState.STARTED: Status("In Meta’s dialog", Tone.WAIT, "Nothing has come back from it yet."),
    AttemptState.CANCELLED: Status("Left Meta’s dialog", Tone.WARN, "The client closed it before the end."),
    AttemptState.ERROR: Status("Error in Meta’s dialog", Tone.WARN, "The dialog reported a problem."),
    AttemptState.LOST: Status(
        "Done at Meta, never reached us", Tone.BAD, "The browser said that it was done; no code came."
    ),
    AttemptState.FAILED: Status("Could not be completed", Tone.BAD, "What came back could not be used."),
    AttemptState.REFUSED: Status("Not accepted", Tone.BAD, "What came back was not this client’s, or not for us."),
    AttemptState.WITHOUT_NUMBER: Status(
        "Finished without a number", Tone.ACT, "The account is connected; no new number was found on it."
    ),
    AttemptState.FINISHED: Status("Finished", Tone.OK, "The account and its number reached the desk."),
}


CODE_CAME = Status("Code received", Tone.WAIT, "What became of it stands with its onboarding.")


STEP_STATES: dict[str, Status] = {
    StepState.WAITING: Status("Not yet", Tone.NONE, "It waits for its turn, or for another try."),
    StepState.RUNNING: Status("Running", Tone.WAIT, "A worker is at it."),
    StepState.DONE: Status("Done", Tone.OK),
    StepState.NOT_NEEDED: Status("Not needed", Tone.NONE),
    StepState.CLIENT: Status("Waiting for the client", Tone.ACT, "Only the client can do what comes next."),
    StepState.FAILED: Status("Failed", Tone.BAD, "It is not tried again until somebody says so."),
    StepState.UNKNOWN: Status("Could not tell", Tone.WARN, "Meta’s answer was lost. It is never sent again by itself."),
}


def status_of(attempt: SignupAttempt) -> Status:
    if attempt.state == AttemptState.STARTED and attempt.state_used_at is not None:
        return CODE_CAME
    return STATES.get(attempt.state) or Status(attempt.get_state_display(), Tone.NONE)
