"""The steps of a case file as its page shows them: the state in a word, what shows it, and what to do about it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse

from phones.choices import ActionKind, Tone
from phones.models import Offboarding
from phones.offboarding.cases import JudgedStep
from phones.offboarding_choices import LeavingStep, Mark

MOST_OBJECTS = 40
_TONES = {
    Mark.OPEN: Tone.ACT,
    Mark.UNKNOWN: Tone.WARN,
    Mark.SHOWN: Tone.OK,
    Mark.SAID: Tone.OK,
    Mark.NOT_NEEDED: Tone.NONE,
}
# How each step is done, said once on the page.
HOW = {
    LeavingStep.DEREGISTER: (
        "It stops sending and receiving at once. A number that moves to another partner is registered there instead, "
        "which takes it off here: then leave this step as it is."
    ),
    LeavingStep.PIN: (
        "Whoever registers the number next needs its two-step PIN, or has two-step verification turned off in "
        "WhatsApp Manager, which the client can do. Look at the PIN on the number’s page and give it to the client "
        "by a safe way; never by mail together with the number."
    ),
    LeavingStep.OFF_WABA: (
        "Meta deletes numbers in WhatsApp Manager only, not through its API: Phone numbers, the number, Delete. It "
        "takes an administrator of the client’s business, and no paid message in the last 30 days; else Meta names "
        "the day from which on it can be deleted. Or the next partner moves the number to another WABA."
    ),
    LeavingStep.EVENTS: "Meta goes on to send us what happens to the WABA until our app is taken off it.",
    LeavingStep.CREDIT_LINE: (
        "Until it is revoked we pay for what the WABA sends. A share that was not made from the desk is revoked in "
        "Meta Business Suite: Billing & payments, credit lines."
    ),
    LeavingStep.ACCESS: (
        "Only the client can take our access away: in Meta’s Business settings, Accounts, WhatsApp accounts, the "
        "account, Partners, remove us; and under Integrations, Connected apps, remove our app. Do this last: "
        "nothing above can be done or read afterwards."
    ),
    LeavingStep.LINKS: "Whoever has such a link can sign up or type a code with it.",
}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step. `button` is the label and the address of the page where it is done; empty where there is none."""

    judged: JudgedStep
    button: tuple[str, str] | None

    @property
    def label(self) -> str:
        return str(LeavingStep(self.judged.step.kind).label)

    @property
    def word(self) -> str:
        return "Open again" if self.judged.is_reopened else str(self.judged.mark.label)

    @property
    def tone(self) -> str:
        return Tone.BAD.value if self.judged.is_reopened else _TONES[self.judged.mark].value

    @property
    def is_said(self) -> bool:
        return self.judged.mark in {Mark.SAID, Mark.NOT_NEEDED}

    @property
    def may_be_said(self) -> bool:
        """Whether a person may say that it is done: no reading shows that it is not."""
        return not self.judged.has_ended and self.judged.shown.is_done is not False


@dataclass(frozen=True, slots=True)
class StepGroup:
    """The steps about one number, one WABA, or the case as a whole (`title` and `address` say which)."""

    title: str
    address: str
    rows: list[StepRow]

    @property
    def is_over(self) -> bool:
        return all(row.judged.has_ended for row in self.rows)


def groups_of(case: Offboarding, steps: Sequence[JudgedStep], *, may_change: bool) -> tuple[list[StepGroup], int]:
    """The groups, those with something left first, and how many more there are: as many as one page can show."""
    found = [
        _group(case, list(group), may_change=may_change)
        for _, group in groupby(sorted(steps, key=_object_of), key=_object_of)
    ]
    # Numbers come before the WABAs they are on, and the access that ends everything comes last of all.
    found.sort(key=lambda group: group.is_over)
    return found[:MOST_OBJECTS], max(0, len(found) - MOST_OBJECTS)


def ways_of(steps: Sequence[JudgedStep]) -> list[tuple[str, str]]:
    """Label and explanation of each kind of step that is left, in the order in which they are best done."""
    left = {each.step.kind for each in steps if not each.has_ended}
    return [(str(kind.label), how) for kind, how in HOW.items() if kind in left]


def progress_of(steps: Sequence[JudgedStep]) -> tuple[int, int]:
    """How many steps have ended, and how many there are."""
    counted = Counter(each.has_ended for each in steps)
    return counted[True], len(steps)


def _object_of(each: JudgedStep) -> tuple[int, int, int]:
    """A key to sort and group by: numbers, then WABAs, then the case as a whole."""
    step = each.step
    if step.number_id is not None:
        return 0, step.number_id, step.waba_id or 0
    return (1, step.waba_id, 0) if step.waba_id is not None else (2, 0, 0)


def _group(case: Offboarding, steps: Sequence[JudgedStep], *, may_change: bool) -> StepGroup:
    first = steps[0].step
    rows = [StepRow(each, _button(case, each) if may_change and not each.has_ended else None) for each in steps]
    if first.number is not None:
        return StepGroup(str(first.number), reverse("phones:number", args=[first.number.phone_number_id]), rows)
    if first.waba is not None:
        return StepGroup(f"WABA {first.waba}", reverse("phones:waba", args=[first.waba.waba_id]), rows)
    return StepGroup("Altogether", "", rows)


def _button(case: Offboarding, each: JudgedStep) -> tuple[str, str] | None:
    number, waba = each.step.number, each.step.waba
    match each.step.kind:
        case LeavingStep.DEREGISTER if number is not None:
            return "Deregister …", reverse("phones:confirm", args=[number.phone_number_id, ActionKind.DEREGISTER.value])
        case LeavingStep.PIN if number is not None:
            return "Look at the PIN", reverse("phones:number", args=[number.phone_number_id]) + "#pin"
        case LeavingStep.EVENTS if waba is not None:
            return "Switch off …", reverse("phones:events-unsubscribe", args=[waba.waba_id])
        case LeavingStep.CREDIT_LINE if waba is not None:
            return "Revoke …", reverse("phones:revoke-credit-line", args=[waba.waba_id])
        case LeavingStep.LINKS if case.number is not None:
            return "See the links", reverse("phones:number", args=[case.number.phone_number_id]) + "#code-link"
        case LeavingStep.LINKS:
            return "See the links", reverse("phones:client-links", args=[case.client_id])
    return None
