"""How far a signup or a step of an onboarding came, and why one came to nothing, for an account manager. Pure.

What Meta refused is explained by `phones.actions.words` and `clients.explanations`; the kinds here are the desk's own,
and a lost answer, which means another thing at each step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clients.choices import AttemptState
from clients.explanations import Explanation, explain
from phones.actions.words import advice
from phones.choices import Status, StepKind, StepState, Tone

if TYPE_CHECKING:
    from clients.models import SignupAttempt
    from phones.models import OnboardingStep

_READINGS = frozenset({StepKind.ACCESS, StepKind.ACCOUNT, StepKind.NUMBERS})


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


def explained(step: OnboardingStep) -> Explanation | None:
    """The words for what stands in the way of `step`; None when nothing does.

    The sentence of a guard stands in `step.message`, as Meta's own text does.
    """
    if step.state == StepState.CLIENT:
        return _NO_NUMBER if step.number_id is None else _NEEDS_CODE
    if not step.error_kind:
        return None
    if step.error_kind in _OWN:
        return _OWN[step.error_kind]
    if step.kind in _READINGS:
        return explain(step.error_kind, step.code, step.subcode, step.http_status)
    in_doubt = step.state == StepState.UNKNOWN
    if in_doubt and step.kind in _LOST:
        return _LOST[step.kind]
    return advice(step.error_kind, step.code, step.subcode, step.http_status, effect_possible=in_doubt)


_NO_NUMBER = Explanation(
    title="There is no number yet",
    cause="The client finished the signup without a number.",
    who_acts="client",
    what_to_do="Ask the client to open the signup link again and add the number. One that appears on the account is "
    "taken up by itself.",
)
_NEEDS_CODE = Explanation(
    title="The client has to confirm the number",
    cause="Meta wants a one-time code that goes to the number.",
    who_acts="client",
    what_to_do="Send the client the code page. The number is registered as soon as the code is confirmed.",
)

_LOST = {
    StepKind.SUBSCRIPTION.value: Explanation(
        title="Meta’s answer was lost",
        cause="Whether events were switched on is not known yet.",
        who_acts="nobody",
        what_to_do="Wait. The desk looks at Meta and does not send it again by itself.",
        retries_itself=True,
    ),
    StepKind.CREDIT_LINE.value: Explanation(
        title="Meta’s answer was lost",
        cause="The credit line may be shared with this account or not: Meta has no way to look.",
        who_acts="us",
        what_to_do="Look in Meta’s business settings whether it is shared. Only if it is not, try again.",
    ),
}

_OWN = {
    "answer_lost": Explanation(
        title="Meta’s answer was lost",
        cause="It was sent, and no answer was written down: a restart, or a broken connection.",
        who_acts="us",
        what_to_do="Look at Meta whether it was done. Only if it was not, try again.",
    ),
    "not_done": Explanation(
        title="It was not done",
        cause="Meta’s answer was lost, and Meta shows that our app does not get this account’s events.",
        who_acts="us",
        what_to_do="Try again.",
    ),
    "not_confirmed": Explanation(
        title="Meta says it is done, and does not show it",
        cause="The registration was accepted, but the number does not read back as registered.",
        who_acts="us",
        what_to_do="Read the number in a while. If it stays so, take the support text to Meta.",
    ),
    "guard": Explanation(
        title="It was not sent",
        cause="The desk holds a registration back that would fail or do harm.",
        who_acts="us",
        what_to_do="Open the number’s page, do what stands there, and try again.",
    ),
    "other_client": Explanation(
        title="The account belongs to another client",
        cause="The client signed up with an account that the desk keeps for someone else. Nothing was changed there.",
        who_acts="us",
        what_to_do="A team lead finds out which client it is for, and merges the clients or moves the account.",
    ),
    "other_app": Explanation(
        title="The permission was given to another app",
        cause="What came back from the signup was not made for our app, so nothing of it was kept.",
        who_acts="us",
        what_to_do="Send the client a new link. If it happens again, an administrator checks the app’s settings.",
    ),
    "no_account": Explanation(
        title="No account was shared",
        cause="The client’s permission opens no WhatsApp account that we can see.",
        who_acts="client",
        what_to_do="Ask the client to go through the signup again and to choose the account in it.",
    ),
    "no_currency": Explanation(
        title="Meta does not return the account’s currency",
        cause="A credit line is shared in the account’s currency, and none is set.",
        who_acts="us",
        what_to_do="Ask the client to set the currency in WhatsApp Manager, have the account read, and try again.",
    ),
}
