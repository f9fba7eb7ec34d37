"""What a number's page says of the next step: what to do now, how far the number is, and what else can be done.

The rules are in `phones.numbers.lifecycle` and `phones.actions.guards`; here they become what is shown.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self

from django.urls import reverse
from django.utils import timezone

from clients import roles
from clients.models import User
from phones.actions import guards, situations
from phones.actions.number import needs_lead
from phones.choices import ActionKind, ActionState, ChangeKind, Tone
from phones.events import callback
from phones.models import Action, Change, EventFact, PhoneNumber, Pin
from phones.numbers import clocks, lifecycle, rules
from phones.numbers.facts import Background, facts_of, reports_among
from phones.numbers.lifecycle import Facts, Stage, Step
from phones.numbers.settings import SETTINGS
from phones.numbers.words import LEAVING
from phones.views.confirmation import LOOKS_ONLY, ActionChoice
from phones.views.history import HistoryPage, by_whom, is_under_way
from phones.views.number.forms import DANGEROUS, FORMS
from phones.views.number.signup_form import signup_form_for
from phones.views.number.unread import refusal_of
from phones.views.trail import Trail, with_trail

_UNDER_WAY = "Another action on this number waits for its outcome: read the number first."
_NO_CODE = "No code was requested from the desk within the last ten minutes."

Progress = Literal["done", "now", "wait", "blocked", "unknown", "later"]
_PROGRESS_TONES: dict[Progress, tuple[str, Tone]] = {
    "done": ("Done", Tone.OK),
    "now": ("Now", Tone.ACT),
    "wait": ("Waiting", Tone.WAIT),
    "blocked": ("Blocked", Tone.BAD),
    "unknown": ("Not known yet", Tone.NONE),
    "later": ("Not yet", Tone.NONE),
}

_MILESTONE_FIELDS = ("code_verification_status", "name_status", "platform_type")

# What the stage says of the registration of a number that is not registered.
_UNREGISTERED: dict[str, tuple[Progress, str]] = {
    Stage.NAME_BLOCKS: ("blocked", "the name blocks it"),
    Stage.RESTRICTED: ("blocked", "Meta holds it back"),
    Stage.DISCONNECTED: ("blocked", "disconnected"),
    Stage.BUSINESS_APP: ("later", "the client connects it in the Business app"),
    Stage.NOT_VISIBLE: ("unknown", "not visible to us"),
    Stage.UNKNOWN: ("unknown", "Meta did not say enough"),
}

# Offered where what they change is shown, and not among what leads on.
_SET_APART = {*SETTINGS, ActionKind.NUMBER_CALLBACK}


@dataclass(frozen=True, slots=True)
class Doing:
    """The answer to "what now?" as the page shows it.

    `choice` is the button, None where nothing is done from the desk; `reads` is true where the button is to read the
    number; `cost` is what the button uses up; `recipe` holds the steps for a number that was added by hand;
    `choices` is all that can be done, but for the `settings`; `signup_form` is the address of a form that makes a
    signup link for it, empty where no signup helps; `case_file` that of the case by which it is being offboarded.
    """

    sentence: str
    stage: str
    move: str
    since: datetime | None
    deadline: datetime | None
    choice: ActionChoice | None
    reads: bool
    cost: guards.Cost | None
    open_action: Action | None
    recipe: list[ActionChoice]
    choices: list[ActionChoice]
    settings: list[ActionChoice]
    signup_form: str = ""
    case_file: str = ""

    @property
    def heading(self) -> str:
        if self.open_action is None:
            return self.sentence or "Not worked out yet: read the number."
        is_lost = self.open_action.state == ActionState.UNKNOWN
        what = "Meta’s answer was lost." if is_lost else "waiting for Meta’s answer."
        return f"{self.open_action.get_kind_display()}: {what}"

    def leaving(self, case_key: int) -> Self:
        """The same of a number that is being offboarded: its case file says what to do, and nothing brings it back."""
        case_file = reverse("phones:offboarding", args=[case_key])
        told = replace(self, sentence=LEAVING, since=None, deadline=None, case_file=case_file)
        return replace(told, choice=None, reads=False, recipe=[], signup_form="")

    @property
    def is_under_way(self) -> bool:
        """Whether Meta's answer may still come to whoever waits for it, so that the page looks again by itself."""
        return is_under_way(self.open_action)

    @property
    def blocked(self) -> ActionChoice | None:
        """The next step where it can't be taken now, which is said once at a time: not while an answer is awaited."""
        return self.choice if self.choice and self.choice.why_not and self.open_action is None else None

    @property
    def callback(self) -> ActionChoice | None:
        """Having the number's messages sent to an address of its own."""
        return next((choice for choice in self.settings if choice.kind == ActionKind.NUMBER_CALLBACK), None)

    @property
    def is_late(self) -> bool:
        return clocks.has_passed(self.deadline, now=timezone.now())

    @property
    def pressing_cost(self) -> guards.Cost | None:
        """What the button uses up, where that is worth a thought: not the first attempt, or all is ready for it."""
        return self.cost if self.cost and (self.cost.attempt > 1 or self.stage == Stage.READY) else None

    @property
    def sent_by(self) -> str:
        return by_whom(self.open_action) if self.open_action is not None else ""

    @property
    def tone(self) -> str:
        """The tone of the box: it calls for action only where it is our move."""
        if self.open_action is not None:
            return Tone.WAIT.value
        return {"us": Tone.ACT.value, "client": Tone.WAIT.value, "meta": Tone.WAIT.value}.get(
            self.move, Tone.NONE.value
        )


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step on a number's way. `at` and `actor` only where they are known."""

    label: str
    progress: Progress
    note: str = ""
    at: datetime | None = None
    actor: str = ""

    @property
    def is_current(self) -> bool:
        return self.progress == "now"

    @property
    def word(self) -> str:
        return _PROGRESS_TONES[self.progress][0]

    @property
    def tone(self) -> str:
        return _PROGRESS_TONES[self.progress][1].value


def doing(
    number: PhoneNumber,
    records: Sequence[Action],
    kept: Pin | None,
    user: User,
    *,
    said: Collection[EventFact],
    trail: Trail | None = None,
    background: Background | None = None,
) -> Doing:
    """What to do with `number` now.

    `records` are those that count, newest first, `kept` its known PIN, `said` what events said of it and its WABA. Its
    `background` is read where it is not given.
    """
    now = timezone.now()
    facts = facts_of(number, records, reports=reports_among(said, number), background=background)
    judged = {kind: situations.situation_from(number, kind, records, kept=kept, facts=facts) for kind in FORMS}
    open_action = next((one for one in records if one.closed_at is None), None)
    choices = [choice_of(number, kind, judged[kind], user, open_action=open_action) for kind in FORMS]
    choices = [replace(choice, address=with_trail(choice.address, trail)) for choice in choices]
    by_kind = {choice.kind.value: choice for choice in choices}
    # A number that was stored before stages were has none yet.
    found = None if number.stage else lifecycle.standing(facts, now=now)
    step = found.step.value if found else number.step
    choice = by_kind.get(step)
    if step == Step.SET_PIN and choice is not None:
        choice = replace(choice, label="Set a new PIN, then register")
    return Doing(
        sentence=found.next_action if found else number.next_action,
        stage=found.stage.value if found else number.stage,
        move=found.move.value if found else number.move,
        since=found.since if found else number.stage_since,
        deadline=found.deadline if found else number.registration_deadline,
        choice=choice,
        reads=step == Step.REFRESH or open_action is not None,
        cost=guards.cost(choice.kind, judged[choice.kind].sent, now=now) if choice else None,
        open_action=open_action,
        recipe=_recipe(number, facts, by_kind) if open_action is None else [],
        choices=[choice for choice in choices if choice.kind not in _SET_APART],
        settings=[choice for choice in choices if choice.kind in _SET_APART],
        signup_form=signup_form_for(number, facts, user) if open_action is None else "",
    )


def choice_of(
    number: PhoneNumber, kind: ActionKind, situation: guards.Situation, user: User, *, open_action: Action | None
) -> ActionChoice:
    """Whether `user` may do this to `number` now, and where."""
    refusal = refusal_of(number, kind) or guards.refusal(kind, situation, now=timezone.now())
    why_not, until = "", None
    if not roles.may_change(user):
        why_not = LOOKS_ONLY
    elif needs_lead(kind) and not roles.runs_the_desk(user):
        why_not = guards.LEADS_DECIDE_WHERE
    elif open_action is not None:
        why_not = _UNDER_WAY
    # What a team lead may override is asked for on its own page, where the reason is given.
    elif refusal is not None and not refusal.may_override:
        why_not, until = refusal.sentence, refusal.until
    address = reverse("phones:confirm", args=[number.phone_number_id, kind.value])
    return ActionChoice(kind, str(kind.label), address, why_not, until, is_dangerous=kind in DANGEROUS)


def _recipe(number: PhoneNumber, facts: Facts, by_kind: dict[str, ActionChoice]) -> list[ActionChoice]:
    """Code, confirmation, registration: for a number that came without signup, until it is registered."""
    if rules.came_by_signup(facts) or number.stage not in {Stage.NEEDS_CODE, Stage.NAME_BLOCKS, Stage.READY}:
        return []
    code, confirm, register = (
        by_kind[kind.value] for kind in (ActionKind.REQUEST_CODE, ActionKind.VERIFY_CODE, ActionKind.REGISTER)
    )
    if not confirm.why_not and facts.code_sent_at is None:
        confirm = ActionChoice(confirm.kind, confirm.label, confirm.address, _NO_CODE)
    return [code, confirm, register]


def milestones(number: PhoneNumber, records: Sequence[Action], page: HistoryPage) -> list[Milestone]:
    """How far `number` is on its way. Of its history one statement more is read where that does not fit on `page`."""
    if page.is_all:
        history = [line for line in page.all if line.kind == ChangeKind.FIELD]
    else:
        fields = Change.objects.filter(number=number, kind=ChangeKind.FIELD, field__in=_MILESTONE_FIELDS)
        history = list(fields.order_by("-at", "-pk")[:100])
    return [
        _added(number),
        _verified(number, records, history),
        _named(number, history),
        _registered(number, records, history),
        _receiving(number),
    ]


def _added(number: PhoneNumber) -> Milestone:
    signed_up = number.signup_at or number.last_onboarded_time
    return Milestone("Added", "done", "signed up" if signed_up else "first seen", signed_up or number.first_seen_at)


def _verified(number: PhoneNumber, records: Sequence[Action], history: Sequence[Change]) -> Milestone:
    status = number.code_verification_status
    label = "Number verified"
    if rules.is_verified(number):
        since = _became(history, "code_verification_status", {rules.VERIFIED})
        return Milestone(label, "done", "", *_done_by(records, ActionKind.VERIFY_CODE, since))
    if rules.is_registered(number):
        return Milestone(label, "done", "asked for before registration only")
    if status is None:
        return Milestone(label, "unknown", "Meta did not say")
    return Milestone(label, "now", "lapsed" if status == rules.LAPSED else "needs a code")


def _named(number: PhoneNumber, history: Sequence[Change]) -> Milestone:
    review, label = number.name_status, "Name usable"
    if review in rules.NAME_ACCEPTED:
        return Milestone(label, "done", "", _became(history, "name_status", rules.NAME_ACCEPTED))
    if rules.is_new_name_waiting(number):
        return Milestone(label, "done", "a new one is approved", number.name_approved_at)
    if rules.is_registered(number) and review in rules.NAME_WITHOUT_CERTIFICATE | {rules.NAME_WITHOUT_REVIEW}:
        return Milestone(label, "done", "asked for before registration only")
    if review in rules.NAME_REFUSED:
        return Milestone(label, "blocked", "Meta declined it", _became(history, "name_status", {review}))
    if review in rules.NAME_WITHOUT_CERTIFICATE:
        return Milestone(label, "blocked", "no certificate", _became(history, "name_status", {review}))
    if review in rules.NAME_IN_REVIEW:
        return Milestone(label, "wait", "in review", _became(history, "name_status", {review}))
    return Milestone(label, "unknown", "Meta did not say" if review is None else f"Meta says {review}")


def _registered(number: PhoneNumber, records: Sequence[Action], history: Sequence[Change]) -> Milestone:
    label = "Registered"
    if rules.is_registered(number):
        joined = _became(history, "platform_type", {rules.CLOUD_API})
        return Milestone(label, "done", "", *_done_by(records, ActionKind.REGISTER, joined))
    if number.stage == Stage.REGISTERING:
        return Milestone(label, "wait", "sent; not shown by Meta yet", number.stage_since)
    if number.stage == Stage.READY:
        return Milestone(label, "now")
    if number.stage == Stage.WINDOW_CLOSED:
        return Milestone(label, "blocked", "the time for it has passed", number.registration_deadline)
    if rules.reported_registered(number) is None:
        return Milestone(label, "unknown", "Meta did not say")
    progress, note = _UNREGISTERED.get(number.stage, ("later", ""))
    return Milestone(label, progress, note)


def _receiving(number: PhoneNumber) -> Milestone:
    """Whether Meta's events reach us: one came, or its WABA, the app's fields and the callback are all set for us.

    What Meta said more lately than the last event came counts before that event.
    """
    label, waba, app = "Receiving events", number.waba, callback.compare()
    subscription = getattr(waba, "subscription", None)
    came_at = waba.last_event_at
    known_at = app.actual.checked_at if app.actual is not None else None
    if subscription is not None and subscription.is_ours is False and _is_news(subscription.checked_at, came_at):
        return Milestone(label, "blocked", "switched off for its WABA", subscription.checked_at)
    if app.is_ours is False and _is_news(known_at, came_at):
        return Milestone(label, "blocked", "Meta sends them elsewhere", known_at)
    if came_at is not None:
        return Milestone(label, "done", "last one", came_at)
    if app.missing_fields:
        return Milestone(label, "blocked", f"our app does not get {', '.join(app.missing_fields)}", known_at)
    if subscription is None or subscription.is_ours is None:
        return Milestone(label, "unknown", "Meta did not say whether they are on for its WABA")
    if not app.is_ours:
        return Milestone(label, "unknown", "none came yet, and it is not known where Meta sends them")
    return Milestone(label, "done", "switched on, none came yet; asked", subscription.checked_at)


def _is_news(said_at: datetime | None, came_at: datetime | None) -> bool:
    return came_at is None or said_at is None or came_at < said_at


def _became(history: Sequence[Change], field: str, values: frozenset[str] | set[str]) -> datetime | None:
    """When the latest change brought `field` to one of `values`; None when no change that the desk saw did."""
    latest = next((change for change in history if change.field == field), None)
    return latest.at if latest is not None and latest.new in values else None


def _done_by(records: Sequence[Action], kind: ActionKind, seen_at: datetime | None) -> tuple[datetime | None, str]:
    """When and by whom it was done, if the desk did it; else when the desk saw it."""
    done = next((one for one in records if one.kind == kind and one.state == ActionState.SUCCEEDED), None)
    return (done.closed_at, by_whom(done)) if done is not None else (seen_at, "")
