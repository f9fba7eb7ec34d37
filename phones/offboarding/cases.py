"""Beginning a case, keeping its steps true to what is read, what people say of them, and certifying the end.

Callers have checked that the actor may work for the client. A certified case goes on to be compared with what is read:
where a later reading shows that something is not done after all, its step is open again and the certificate says so.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from clients import audit
from clients.choices import AuditKind
from clients.models import Client, User, Waba
from phones.actions.credit_line import standings
from phones.models import Listing, Offboarding, OffboardingStep, PhoneNumber
from phones.offboarding import rules
from phones.offboarding.evidence import shown_of
from phones.offboarding.rules import Shown
from phones.offboarding_choices import ENDED, OF_NUMBERS, OF_WABAS, LeavingStep, Mark
from portal import database_clock, stopping
from portal.many_rows import save_columns

# Cases that one turn of the clock compares with what was read.
MOST_CASES = 20
EVERY = timedelta(minutes=5)


class OffboardingRefusedError(Exception):
    """Nothing was written; the text says why."""


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """A step, what shows whether it is done, and the mark that follows."""

    step: OffboardingStep
    shown: Shown
    mark: Mark

    @property
    def has_ended(self) -> bool:
        return self.mark in ENDED

    @property
    def is_reopened(self) -> bool:
        """Whether it counted as done, and what was read since shows that it is not."""
        return not self.has_ended and (self.step.mark in ENDED or self.step.reopened_at is not None)


@transaction.atomic
def begin(*, client: Client, number: PhoneNumber | None, reason: str, actor: User) -> Offboarding:
    """The case of `client`, or of one `number` of theirs; the one that goes on already, where there is one."""
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    case = going_on_for(client, number)
    if case is None:
        now = database_clock.now()
        case = Offboarding.objects.create(client=client, number=number, reason=reason, begun_at=now, begun_by=actor)
        audit.entry(AuditKind.CHANGE, "Begun.", actor=actor, about=case)
        observe(case)
    return case


def going_on_for(client: Client, number: PhoneNumber | None) -> Offboarding | None:
    return Offboarding.objects.going_on().filter(client=client, number=number).first()


def judged(case: Offboarding) -> list[JudgedStep]:
    """The steps of `case` in their order, as what was read until now shows them. Writes nothing."""
    steps = list(OffboardingStep.objects.filter(offboarding=case).select_related("marked_by").order_by("pk"))
    # Each number and WABA is read once, though it has several steps.
    of_case = OffboardingStep.objects.filter(offboarding=case).order_by()
    numbers = {one.pk: one for one in PhoneNumber.objects.filter(pk__in=of_case.values("number"))}
    wabas = {one.pk: one for one in Waba.objects.filter(pk__in=of_case.values("waba")).select_related("subscription")}
    for step in steps:
        step.number = numbers[step.number_id] if step.number_id is not None else None
        step.waba = wabas[step.waba_id] if step.waba_id is not None else None
    shown = shown_of(case, steps)
    return [
        JudgedStep(step, shown[step.pk], rules.mark_after(step.mark, step.marked_at, shown[step.pk])) for step in steps
    ]


@transaction.atomic
def observe(case: Offboarding) -> list[JudgedStep]:
    """Add the steps of what has come since, and write down what the readings show; the steps as they are then."""
    case = Offboarding.objects.select_for_update(no_key=True).get(pk=case.pk)
    _lay_out(case)
    found, now = judged(case), database_clock.now()
    _write(found, now, is_news=case.looked_at is not None)
    case.looked_at = now
    if case.certified_at is not None and case.reopened_at is None and not all(each.has_ended for each in found):
        case.reopened_at = now
        audit.entry(AuditKind.CHANGE, "What was certified is no longer so.", actor=None, about=case)
    case.save(update_fields=["looked_at", "reopened_at"])
    return found


def observe_due() -> None:
    """Compare some cases with what was read, the longest not looked at first."""
    long_ago = Q(looked_at=None) | Q(looked_at__lt=database_clock.now() - EVERY)
    due = Offboarding.objects.going_on().filter(long_ago).order_by(F("looked_at").asc(nulls_first=True), "pk")
    for case in due[:MOST_CASES]:
        if stopping.is_asked():
            return  # the others wait for the next turn
        with contextlib.suppress(Offboarding.DoesNotExist):  # deleted with its client since it was listed
            observe(case)


@transaction.atomic
def say(*, case: Offboarding, step_key: int, mark: Mark, note: str, actor: User) -> None:
    """Have a person say that a step is done, or may stay as it is, or take back what was said.

    Raises OffboardingRefusedError.
    """
    _insist_going_on(case)
    found = {each.step.pk: each for each in observe(case)}.get(step_key)
    if found is None:
        raise OffboardingRefusedError("There is no such step in this case.")
    if why := rules.why_not_said(found.mark, mark, found.shown):
        raise OffboardingRefusedError(why)
    if mark != Mark.OPEN and not note.strip():
        raise OffboardingRefusedError("Say in a few words how you know, or why it may stay.")
    step = found.step
    step.mark, step.marked_at, step.marked_by = mark, database_clock.now(), actor
    step.note, step.reopened_at = ("", None) if mark == Mark.OPEN else (note.strip(), None)
    step.save(update_fields=["mark", "marked_at", "marked_by", "note", "reopened_at"])
    audit.entry(AuditKind.CHANGE, f"{Mark(mark).label}. {step.note}".strip(), actor=actor, about=step)


@transaction.atomic
def certify(*, case: Offboarding, actor: User) -> None:
    """Certify that every step has ended, as it is now. Raises OffboardingRefusedError where one has not."""
    _insist_going_on(case)
    steps = observe(case)
    if left := [each for each in steps if not each.has_ended]:
        raise OffboardingRefusedError(f"{len(left)} of {len(steps)} steps are not done yet.")
    now = database_clock.now()
    Offboarding.objects.filter(pk=case.pk).update(
        certified_at=now, certified_by=actor, reopened_at=None, certificate=_certificate(steps, now)
    )
    audit.entry(AuditKind.CHANGE, "Certified: every step has ended.", actor=actor, about=case)


@transaction.atomic
def give_up(*, case: Offboarding, actor: User) -> None:
    """Close the case because nobody leaves. What was done at Meta stays done."""
    if Offboarding.objects.filter(pk=case.pk, given_up_at=None).update(given_up_at=database_clock.now()):
        audit.entry(AuditKind.CHANGE, "Given up: nobody leaves.", actor=actor, about=case)


def _insist_going_on(case: Offboarding) -> None:
    if case.given_up_at is not None:
        raise OffboardingRefusedError("This case was given up: begin another one.")


def _lay_out(case: Offboarding) -> None:
    """A step for everything that has to end and has none yet: numbers and WABAs may come while the case goes on."""
    known = set(OffboardingStep.objects.filter(offboarding=case).values_list("kind", "number_id", "waba_id"))
    wanted: list[tuple[str, int | None, int | None]] = []
    if case.number is not None:
        wanted += [(kind.value, case.number_id, case.number.waba_id) for kind in OF_NUMBERS]
        # One that has moved since goes on to be about the WABA that it leaves.
        known |= {(kind, number, case.number.waba_id) for kind, number, _waba in known if number == case.number_id}
    else:
        wabas = list(Waba.objects.filter(client=case.client_id).order_by("pk").values_list("pk", flat=True))
        listings = Listing.objects.current().filter(waba__in=wabas).order_by("number__digits", "number_id")
        for number, waba in listings.values_list("number_id", "waba_id"):
            wanted += [(kind.value, number, waba) for kind in OF_NUMBERS]
        shared = set(standings(wabas))
        for waba in wabas:
            pays = bool(settings.META_EXTENDED_CREDIT_ID) or waba in shared
            wanted += [(kind.value, None, waba) for kind in OF_WABAS if pays or kind != LeavingStep.CREDIT_LINE]
    wanted.append((LeavingStep.LINKS.value, None, None))
    OffboardingStep.objects.bulk_create(
        [
            OffboardingStep(offboarding=case, kind=kind, number_id=number, waba_id=waba)
            for kind, number, waba in wanted
            if (kind, number, waba) not in known
        ],
        batch_size=500,
    )


def _write(found: Sequence[JudgedStep], now: datetime, *, is_news: bool) -> None:
    """Keep the marks that have changed, with a line of the audit log for each step that was done or is open again.

    What was so when the case was begun `is_news` to nobody.
    """
    changed = [each for each in found if each.mark != each.step.mark]
    turned = [each for each in changed if each.has_ended != (each.step.mark in ENDED)] if is_news else []
    for ended, words in sorted({(each.has_ended, each.shown.words) for each in turned}):
        rows = [each.step for each in turned if (each.has_ended, each.shown.words) == (ended, words)]
        audit.entries(AuditKind.CHANGE, f"{'Done' if ended else 'Open again'}: {words}", actor=None, rows=rows)
    for each in changed:
        step = each.step
        step.reopened_at = now if step.mark in ENDED and not each.has_ended else None
        step.mark, step.marked_at, step.marked_by, step.note = each.mark.value, each.shown.at or now, None, ""
    save_columns([each.step for each in changed], ["mark", "marked_at", "marked_by", "note", "reopened_at"])


def _certificate(steps: Sequence[JudgedStep], now: datetime) -> list[dict[str, str]]:
    """What the client may read of it: no names of ours, and no notes."""
    return [
        {
            "kind": each.step.kind,
            "about": str(each.step.number or each.step.waba or ""),
            "mark": each.mark.value,
            "at": (each.step.marked_at or each.shown.at or now).isoformat(),
        }
        for each in steps
    ]
