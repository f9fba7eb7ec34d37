"""A number's facts, gathered once for the pure rules of `phones.numbers.lifecycle`. Judges and writes nothing."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max, Q

from clients.choices import WabaOrigin
from phones.choices import ActionKind, ActionState, ChangeKind, PinState
from phones.models import Action, Change, EventFact, PhoneNumber, Pin
from phones.numbers import clocks, health, outside, rules
from phones.numbers.lifecycle import Facts, OutsideTrouble
from phones.numbers.reported import ACCESS_LOST
from portal import database_clock

# What is done about such a refusal of a registration; once it is done, the refusal is over.
_REMEDIES = {
    rules.CODE_WANTED: ActionKind.VERIFY_CODE,
    **dict.fromkeys(rules.PIN_REFUSED, ActionKind.SET_PIN),
}


@dataclass(frozen=True, slots=True)
class Background:
    """What neither a number's row nor its latest actions say.

    `left_cloud_api`, `left_service` (a state of registered numbers) and `became_verified`: when it was last seen to.
    `has_known_pin`: the desk keeps its PIN.
    """

    left_cloud_api: datetime.datetime | None = None
    left_service: datetime.datetime | None = None
    became_verified: datetime.datetime | None = None
    has_known_pin: bool = False


def counted(now: datetime.datetime) -> Q:
    """The actions on a number that its facts are made of: those of late, open ones, and registrations at any time."""
    registrations = Q(kind__in=[ActionKind.REGISTER, ActionKind.DEREGISTER], state=ActionState.SUCCEEDED)
    recent = Q(closed_at=None) | Q(sent_at__gt=now - clocks.RECORDS_COUNT_FOR)
    return (recent | registrations) & ~Q(kind=ActionKind.REFRESH)


def backgrounds_of(numbers: Collection[PhoneNumber]) -> dict[int, Background]:
    """The background of each of `numbers`, by key; without those of which it decides nothing."""
    away = [number.pk for number in numbers if not rules.is_registered(number)]
    to_be_pinned = [number.pk for number in numbers if _is_to_be_pinned(number)]
    last: dict[tuple[int | None, str], datetime.datetime] = {}
    if away:
        left = Q(field="platform_type", old=rules.CLOUD_API)
        verified = Q(field="code_verification_status", new=rules.VERIFIED)
        served = Q()
        for status in sorted(rules.RESTRICTED | {rules.CONNECTED}):
            served |= Q(field="status", old=status)
        seen = Change.objects.filter(left | served | verified, number__in=away, kind=ChangeKind.FIELD).order_by()
        last = {(pk, field): at for pk, field, at in seen.values_list("number", "field").annotate(Max("at"))}
    known: set[int] = set()
    if to_be_pinned:
        kept = Pin.objects.filter(number__in=to_be_pinned, state=PinState.CONFIRMED).order_by()
        known = set(kept.values_list("number", flat=True))
    return {
        pk: Background(
            left_cloud_api=last.get((pk, "platform_type")),
            left_service=last.get((pk, "status")),
            became_verified=last.get((pk, "code_verification_status")),
            has_known_pin=pk in known,
        )
        for pk in {*away, *to_be_pinned}
    }


def _is_to_be_pinned(number: PhoneNumber) -> bool:
    """Whether a registration, which takes its PIN, is ahead of it."""
    is_ahead = not rules.is_registered(number) or rules.is_new_name_waiting(number)
    return bool(number.is_pin_enabled) and is_ahead


def background_among(number: PhoneNumber, history: Collection[Change], *, kept: Pin | None) -> Background | None:
    """The background of `number`, from its whole history and its known PIN, which the caller has at hand."""
    if rules.is_registered(number) and not _is_to_be_pinned(number):
        return None
    lines = [line for line in history if line.kind == ChangeKind.FIELD and not rules.is_registered(number)]
    served = [*rules.RESTRICTED, rules.CONNECTED]
    return Background(
        left_cloud_api=_last(line for line in lines if (line.field, line.old) == ("platform_type", rules.CLOUD_API)),
        left_service=_last(line for line in lines if line.field == "status" and line.old in served),
        became_verified=_last(
            line for line in lines if (line.field, line.new) == ("code_verification_status", rules.VERIFIED)
        ),
        has_known_pin=kept is not None,
    )


def _last(lines: Iterable[Change]) -> datetime.datetime | None:
    return max((line.at for line in lines), default=None)


def facts_of(
    number: PhoneNumber,
    records: Sequence[Action],
    *,
    background: Background | None = None,
    reports: Collection[EventFact] | None = None,
    now: datetime.datetime | None = None,
) -> Facts:
    """Everything known of a number, for `phones.numbers.lifecycle`. `records` are its actions, newest first.

    `reports` are the facts of events that may trouble it. Without them, or its `background`, they are read here.
    """
    moment = now or database_clock.now()
    if reports is None:
        reports = reports_on([number]).get(number.pk, ())
    open_action = next((one for one in records if one.closed_at is None), None)
    requests = (one for one in records if (one.kind, one.state) == (ActionKind.REQUEST_CODE, ActionState.SUCCEEDED))
    codes = [one.sent_at for one in requests if one.sent_at and clocks.is_code_good(one.sent_at, now=moment)]
    return plain_facts_of(
        number,
        open_action=open_action,
        code_sent_at=max(codes, default=None),
        records=records,
        background=background or backgrounds_of([number]).get(number.pk),
        readable=is_readable(number),
        trouble=outside.worst_of(
            *outside.troubles_of(number, reports, now=moment), health_trouble_of(number, now=moment)
        ),
    )


def reports_on(numbers: Collection[PhoneNumber]) -> dict[int, list[EventFact]]:
    """The facts of events that may trouble each of `numbers`, by key: its own, and those of the WABA it is under."""
    found = EventFact.objects.filter(
        Q(number=None) | Q(number__in=[number.pk for number in numbers]),
        waba__in={number.waba_id for number in numbers},
        name__in=outside.TROUBLING,
    )
    of_wabas: dict[tuple[int, int | None], list[EventFact]] = defaultdict(list)
    for fact in found:
        of_wabas[fact.waba_id, fact.number_id].append(fact)
    return {
        number.pk: of_wabas[number.waba_id, None] + of_wabas[number.waba_id, number.pk]
        for number in numbers
        if of_wabas
    }


def reports_among(said: Collection[EventFact], number: PhoneNumber) -> list[EventFact]:
    """Those of `said`, which events said of `number` or of WABAs, that `reports_on` would read."""
    theirs = [fact for fact in said if fact.waba_id == number.waba_id and fact.name in outside.TROUBLING]
    return sorted(theirs, key=lambda fact: (fact.number_id is not None, fact.pk))


def health_trouble_of(number: PhoneNumber, *, now: datetime.datetime) -> OutsideTrouble | None:
    """What Meta's `health_status` says of the number and its WABA that keeps it from sending; None when nothing does.

    A number that is not registered can't send for that reason, and its health says nothing else.
    """
    if not rules.seems_in_service(number):
        return None
    readings = (getattr(number, "health", None), getattr(number.waba, "health", None))
    return health.trouble_of(*readings, is_ours=number.waba.origin == WabaOrigin.OWNED_EDGE, now=now)


def is_readable(number: PhoneNumber) -> bool:
    """Whether Meta has not said that it won't show us the number's WABA since that was last read."""
    failure = number.waba.last_failure
    return failure is None or failure.kind not in ACCESS_LOST


def plain_facts_of(
    number: PhoneNumber,
    *,
    open_action: Action | None = None,
    code_sent_at: datetime.datetime | None = None,
    records: Sequence[Action] = (),
    background: Background | None = None,
    readable: bool = True,
    trouble: OutsideTrouble | None = None,
) -> Facts:
    """A number's own facts, and of our records what the caller has at hand. Costs no statement.

    `readable` is false when Meta does not let us read the number's WABA; `trouble` is what troubles it from outside.
    """
    known = background or Background()
    left = known.left_cloud_api
    approved = number.new_name_status in rules.NAME_ACCEPTED
    return Facts(
        status=number.status,
        platform_type=number.platform_type,
        code_verification_status=number.code_verification_status,
        name_status=number.name_status,
        new_name_status=number.new_name_status,
        new_display_name=number.new_display_name,
        verified_name=number.verified_name,
        is_on_biz_app=number.is_on_biz_app,
        is_preverified_number=number.is_preverified_number,
        last_onboarded_time=number.last_onboarded_time,
        missing_since=number.missing_since,
        signup_at=number.signup_at,
        readable=readable,
        open_action=open_action.kind if open_action else "",
        open_action_at=open_action.created_at if open_action else None,
        code_sent_at=code_sent_at,
        name_approved_at=number.name_approved_at if approved else None,
        registered_before=max((at for at in (left, _last_registered(records)) if at is not None), default=None),
        registration_accepted_at=_accepted_at(records, left, known.left_service),
        registration_refused=_refused(records, known.became_verified),
        pin_unknown=bool(number.is_pin_enabled) and background is not None and not known.has_known_pin,
        trouble=trouble,
    )


def _last_registered(records: Sequence[Action]) -> datetime.datetime | None:
    """When Meta last registered or deregistered the number for us, so that it was registered then."""
    kinds = {ActionKind.REGISTER, ActionKind.DEREGISTER}
    return next((one.closed_at for one in records if one.kind in kinds and one.state == ActionState.SUCCEEDED), None)


def _accepted_at(records: Sequence[Action], *left: datetime.datetime | None) -> datetime.datetime | None:
    """When Meta took the latest registration; None when it took none, or the number was seen with it since.

    It was seen with it when it `left` Cloud API, or a state of registered numbers, after that.
    """
    kinds = {ActionKind.REGISTER, ActionKind.DEREGISTER}
    last = next((one for one in records if one.kind in kinds and one.state != ActionState.FAILED), None)
    if last is None or (last.kind, last.state) != (ActionKind.REGISTER, ActionState.SUCCEEDED):
        return None
    is_past = any(at is not None and last.closed_at is not None and at > last.closed_at for at in left)
    return None if is_past else last.closed_at


def _refused(records: Sequence[Action], verified: datetime.datetime | None) -> str:
    """With what kind of error Meta refused the latest registration; empty when it did not, or that was put right.

    `verified` is when the number was last seen to become verified, which may have been done elsewhere.
    """
    done: set[str] = set()
    for one in records:
        if one.kind == ActionKind.REGISTER and one.closed_at is not None:
            if verified is not None and verified > one.closed_at:
                done.add(ActionKind.VERIFY_CODE)
            return "" if _REMEDIES.get(one.error_kind) in done else one.error_kind
        if one.state == ActionState.SUCCEEDED:
            done.add(one.kind)
    return ""
