"""Writes the dry run: an item for each number, WABA or client that was chosen, and why the unfit are skipped."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from clients import access
from clients.models import Client, SignupLink, User, Waba
from phones.actions import guards, own_readings, situations
from phones.actions.number import fingerprints
from phones.actions.send_once import NO_TOKEN
from phones.actions.waba import CHANGES_OF_SUBSCRIPTION
from phones.bulk import profiles, words
from phones.bulk_choices import BulkKind, ItemState
from phones.choices import ActionKind
from phones.listing.rows import rows_of
from phones.models import Action, BulkItem, BulkRun, PhoneNumber, Subscription
from phones.numbers import conditions, rules
from phones.onboarding.codes import needs_code
from portal import database_clock

MOST_ITEMS = 2_000


class NothingChosenError(Exception):
    """There is nothing to plan, or too much; the text says which."""


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One item: what it is about, as columns, and why it is skipped; empty when it can run.

    `note` is what the person shall know of one that runs.
    """

    about: Mapping[str, Any]
    skipped: str = ""
    note: str = ""
    attempt: int = 1
    seen: Sequence[object] = field(default_factory=tuple)


def draft(*, kind: BulkKind, keys: Sequence[int], chosen: int, person: User) -> BulkRun:
    """Write down what a run over the numbers with these keys, in this order, would do. Nothing is done yet.

    `chosen` is how many numbers the person had selected. Raises NothingChosenError.
    """
    if not keys:
        raise NothingChosenError("You may act on none of these numbers.")
    if len(keys) > MOST_ITEMS:
        raise NothingChosenError(f"At most {MOST_ITEMS:,} numbers in one run: narrow the list.")
    related = ["waba__client", "waba__credential", "waba__last_failure", "waba__health", "health"]
    if kind == BulkKind.PROFILE:
        related.append("profile")
    found = PhoneNumber.objects.workable_by(person).select_related(*related).in_bulk(list(keys))
    numbers = [found[key] for key in keys if key in found]
    items = _PLANS.get(kind, _of_numbers)(kind, numbers, person)
    now, ready = database_clock.now(), [item for item in items if not item.skipped]
    with transaction.atomic():
        run = BulkRun.objects.create(
            kind=kind,
            requested_by=person,
            chosen=chosen,
            total=len(ready),
            costs=_costs(kind, ready) if ready else [],
            created_at=now,
        )
        BulkItem.objects.bulk_create(
            [
                BulkItem(
                    run=run,
                    position=position,
                    state=ItemState.SKIPPED if item.skipped else ItemState.WAITING,
                    reason=item.skipped or item.note,
                    seen=list(item.seen),
                    **item.about,
                )
                for position, item in enumerate(items, 1)
            ],
            batch_size=500,
        )
    return run


def _of_numbers(kind: BulkKind, numbers: Sequence[PhoneNumber], _person: User) -> list[PlannedItem]:
    """What is done to each number: judged as one number alone is."""
    action_kind, now = ActionKind(kind.value), database_clock.now()
    found, seen = situations.situations_of(numbers, action_kind), fingerprints(numbers)
    items = []
    for number in numbers:
        situation, has_open = found[number.pk]
        cost = guards.cost(action_kind, situation.sent, now=now)
        items.append(
            PlannedItem(
                {"number": number, "waba": number.waba},
                _why_not(action_kind, number.waba, situation, has_open=has_open),
                attempt=cost.attempt if cost is not None else 1,
                seen=seen[number.pk],
            )
        )
    return items


def _of_profiles(kind: BulkKind, numbers: Sequence[PhoneNumber], person: User) -> list[PlannedItem]:
    """What is done to each number whose profile is known; another reading of that undoes the decision, too."""
    said = {number.pk: own_readings.said_for(ActionKind.PROFILE, number) for number in numbers}
    unread = {number.pk for number in numbers if not profiles.is_read(number)}
    return [
        replace(
            item,
            skipped=item.skipped or (words.UNREAD_PROFILE if item.about["number"].pk in unread else ""),
            seen=[*item.seen, *said[item.about["number"].pk]],
        )
        for item in _of_numbers(kind, numbers, person)
    ]


def _why_not(kind: ActionKind, waba: Waba, situation: guards.Situation, *, has_open: bool) -> str:
    facts = situation.facts
    if kind == ActionKind.REFRESH:
        return _without_token(waba)
    if has_open:
        return words.OPEN_ACTION
    # One number may be registered again on purpose; among many it is chosen by oversight, and costs an attempt.
    if kind == ActionKind.REGISTER and rules.is_registered(facts) and not rules.is_new_name_waiting(facts):
        return words.REGISTERED
    if (refusal := guards.refusal(kind, situation, now=database_clock.now())) is not None:
        return refusal.sentence
    return _without_token(waba)


def _without_token(waba: Waba) -> str:
    missing = access.why_not_now(waba.credential, waba, at=database_clock.now())
    if missing is None or missing.kind == "throttled":
        return ""
    return words.REFUSED_BY_META if missing.kind == "token_dead" else NO_TOKEN.sentence


def _of_wabas(_kind: BulkKind, numbers: Sequence[PhoneNumber], person: User) -> list[PlannedItem]:
    """Switching events on, for each WABA that the numbers are under."""
    wabas = {number.waba_id: number.waba for number in numbers}
    theirs = set(Waba.objects.workable_by(person).filter(pk__in=wabas).values_list("pk", flat=True))
    on = set(Subscription.objects.filter(waba__in=wabas, is_ours=True).values_list("waba__pk", flat=True))
    going = Action.objects.filter(waba__in=wabas, kind__in=CHANGES_OF_SUBSCRIPTION, closed_at=None)
    under_way = set(going.values_list("waba__pk", flat=True))

    def why_not(pk: int, waba: Waba) -> str:
        if pk in on:
            return words.EVENTS_ON
        return words.EVENTS_UNDER_WAY if pk in under_way else _without_token(waba)

    return [PlannedItem({"waba": waba}, why_not(pk, waba)) for pk, waba in wabas.items() if pk in theirs]


def _of_codes(_kind: BulkKind, numbers: Sequence[PhoneNumber], person: User) -> list[PlannedItem]:
    """A link to the code page, for each number that wants a code."""
    clients = {row.number.pk: row.waba.client for row in rows_of(numbers, person)}
    return [
        PlannedItem(
            {"number": number, "waba": number.waba},
            "" if needs_code(number) else words.NO_CODE_WANTED,
            _without_contact(clients.get(number.pk)),
        )
        for number in numbers
    ]


def _without_contact(client: Client | None) -> str:
    return "" if client is not None and client.contact_email else words.NO_CONTACT


def _of_all(_kind: BulkKind, numbers: Sequence[PhoneNumber], _person: User) -> list[PlannedItem]:
    """What can be done to any number."""
    return [PlannedItem({"number": number, "waba": number.waba}) for number in numbers]


def _of_clients(_kind: BulkKind, numbers: Sequence[PhoneNumber], person: User) -> list[PlannedItem]:
    """A signup link, for each client of the numbers."""
    clients = {number.waba.client_id: number.waba.client for number in numbers}
    theirs = set(Client.objects.workable_by(person).filter(pk__in=clients).values_list("pk", flat=True))
    linked = set(SignupLink.objects.open().filter(client__in=clients).values_list("client__pk", flat=True))
    return [
        PlannedItem({"client": client}, words.OPEN_SIGNUP_LINK if pk in linked else "", _without_contact(client))
        for pk, client in clients.items()
        if pk in theirs
    ]


def _costs(kind: BulkKind, ready: Iterable[PlannedItem]) -> list[str]:
    ready = list(ready)
    by_waba = Counter(item.about["waba"].pk for item in ready if "waba" in item.about)
    registered = set(with_registered_number(by_waba))
    spread = [(count, pk in registered) for pk, count in by_waba.items()]
    return words.costs(kind, [item.attempt for item in ready], spread)


def with_registered_number(wabas: Iterable[int]) -> list[int]:
    """Those of these WABAs (keys) that have a registered number: Meta grants them many more calls."""
    registered = PhoneNumber.objects.filter(conditions.IS_REGISTERED, waba__in=list(wabas))
    return list(registered.order_by().values_list("waba__pk", flat=True).distinct())


_PLANS: dict[BulkKind, Callable[[BulkKind, Sequence[PhoneNumber], User], list[PlannedItem]]] = {
    BulkKind.PROFILE: _of_profiles,
    BulkKind.SUBSCRIBE: _of_wabas,
    BulkKind.CODE_LINK: _of_codes,
    BulkKind.SIGNUP_LINK: _of_clients,
    BulkKind.LABEL: _of_all,
}
