"""How far an onboarding is, in the client's words: its six steps, and the one thing that the client must do.

What a step is and does is decided in `phones.onboarding`; where a number stands is put into words there too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients import links
from phones.choices import StepKind, StepState, Tone
from phones.models import CodeLink, Onboarding, OnboardingStep, PhoneNumber
from phones.numbers.clocks import is_stale
from phones.numbers.rules import is_registered
from phones.onboarding import run
from phones.onboarding.client_times import moment
from phones.onboarding.client_words import standing_of
from phones.views.signup_rows import in_order
from portal.crypto import SecretUnreadableError

# Work that goes on later than this is not worth a page that keeps asking.
SOON = timedelta(minutes=2)

_TITLES: dict[str, Promise] = {
    StepKind.ACCESS: gettext_lazy("You gave us access"),
    StepKind.ACCOUNT: gettext_lazy("Your WhatsApp account found"),
    StepKind.SUBSCRIPTION: gettext_lazy("Meta keeps us informed about it"),
    StepKind.CREDIT_LINE: gettext_lazy("Billing set up"),
    StepKind.NUMBERS: gettext_lazy("Your number found"),
    StepKind.REGISTRATION: gettext_lazy("Your number switched on"),
}
_STATES: dict[str, tuple[Promise, Tone]] = {
    StepState.WAITING: (gettext_lazy("Not yet"), Tone.NONE),
    StepState.RUNNING: (gettext_lazy("Under way"), Tone.WAIT),
    StepState.DONE: (gettext_lazy("Done"), Tone.OK),
    StepState.NOT_NEEDED: (gettext_lazy("Not needed"), Tone.NONE),
    StepState.CLIENT: (gettext_lazy("Your turn"), Tone.ACT),
    StepState.FAILED: (gettext_lazy("We are looking into it"), Tone.WARN),
    StepState.UNKNOWN: (gettext_lazy("We are checking it"), Tone.WAIT),
}


@dataclass(frozen=True, slots=True)
class ClientStep:
    title: str
    word: str
    tone: str
    number: PhoneNumber | None = None


@dataclass(frozen=True, slots=True)
class ClientsTurn:
    """What the client must do, or that there is nothing to do. `address` is the button's, empty without one."""

    title: str
    sentence: str
    tone: str
    address: str = ""
    button: str = ""
    number: PhoneNumber | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """The whole page. `polls` while something more will happen by itself, and soon."""

    steps: list[ClientStep]
    turns: list[ClientsTurn]
    polls: bool


def progress_of(onboarding: Onboarding, *, signup: str) -> Progress:
    """How far `onboarding` is. `signup` is the address at which the client can go through the signup again."""
    rows = in_order(onboarding.steps.select_related("number__waba", "number__age"))
    steps = [_step(row) for row in rows]
    polls = is_moving(onboarding, timezone.now())
    return Progress(steps, _turns(onboarding, rows, signup, is_moving=polls), polls)


def is_moving(onboarding: Onboarding, now: datetime) -> bool:
    """Whether something more will happen by itself, and soon."""
    if onboarding.finished_at or onboarding.dismissed_at:
        return False
    is_held = onboarding.lease_until is not None and onboarding.lease_until > now
    return is_held or (onboarding.due_at is not None and onboarding.due_at < now + SOON)


def code_address(number: PhoneNumber) -> str:
    """The address of the number's open code link; empty when it has none."""
    link = CodeLink.objects.open().filter(number=number).order_by("-pk").first()
    if link is None:
        return ""
    try:
        return reverse("signup:code", args=[links.token_of(link)])
    except SecretUnreadableError:
        return ""


def turn_of(number: PhoneNumber) -> ClientsTurn:
    """What the client must do about `number`, with the button to its code page where a code is what it needs.

    Where what is known of it is old, that is said, and nothing is shown in green.
    """
    standing = standing_of(number)
    address = code_address(number) if standing.needs_code else ""
    sentences, tone = [standing.sentence, standing.what_to_do], standing.tone
    if is_stale(number.facts_as_of, now=timezone.now()):
        sentences.append(_("This is what we last saw, on %(moment)s.") % {"moment": moment(number.facts_as_of)})
        tone = Tone.NONE if tone == Tone.OK else tone
    sentence = " ".join(filter(None, sentences))
    return ClientsTurn(standing.title, sentence, tone, address, _("Open your code page") if address else "", number)


def _turns(onboarding: Onboarding, rows: list[OnboardingStep], signup: str, *, is_moving: bool) -> list[ClientsTurn]:
    if onboarding.dismissed_at and onboarding.dismissed_by_id is None:
        sentence = _("Your account manager sees it and gets in touch with you. Nothing was changed in your accounts.")
        return [ClientsTurn(_("We could not accept this signup"), sentence, Tone.WARN.value)]
    if onboarding.dismissed_at:
        sentence = _("Please ask them what comes next.")
        return [ClientsTurn(_("Your account manager has closed this signup"), sentence, Tone.NONE.value)]
    clients = [row for row in rows if row.state == StepState.CLIENT]
    turns = [turn_of(row.number) for row in clients if row.number is not None]
    if any(row.number is None for row in clients):
        turns.append(
            ClientsTurn(
                _("No number was added"),
                _(
                    "You connected your WhatsApp account without a number. Go through the signup again, choose the "
                    "same account, and add the number there."
                ),
                Tone.ACT.value,
                signup,
                _("Add a number"),
            )
        )
    if turns:
        return turns
    if onboarding.finished_at:
        done = [row.number for row in rows if row.kind == StepKind.REGISTRATION and row.number is not None]
        return [turn_of(number) for number in done] or [
            ClientsTurn(_("All done"), _("Nothing to do for you."), Tone.OK.value)
        ]
    if is_moving:
        sentence = _("Nothing to do for you: we are connecting your number. You may close this page.")
        return [ClientsTurn(_("Under way"), sentence, Tone.WAIT.value)]
    if any(row.state in {StepState.FAILED, StepState.UNKNOWN} for row in rows):
        sentence = _("Something did not work at once. Your account manager sees it and takes care of it.")
        return [ClientsTurn(_("Nothing to do for you"), sentence, Tone.WAIT.value)]
    return [ClientsTurn(_("Nothing to do for you"), _("We go on by ourselves."), Tone.WAIT.value)]


def _step(row: OnboardingStep) -> ClientStep:
    is_switched_on = row.number is not None and row.state in run.RETRIABLE and is_registered(row.number)
    state = StepState.DONE if is_switched_on else row.state  # the row itself follows with the next tick
    word, tone = _STATES.get(state, (state, Tone.NONE))
    return ClientStep(str(_TITLES.get(row.kind, row.get_kind_display())), str(word), tone.value, row.number)
