"""Who looks after a client: one at a time, many at once, and a whole book from one person to another.

Each has one transaction, recorded in the same transaction. Callers have checked that the actor may. What is done to
many clients is planned first, and the plan is what the page shows before anybody confirms it.

Whoever loses a client may know the addresses of its open links. `revoke_links` closes them; where it is None they are
closed if somebody who loses the client has left the desk, and stay open otherwise.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from clients import audit, roles
from clients.choices import AuditKind
from clients.link_closing import at_work, revoke_links_of_clients
from clients.models import Client, ClientLabel, Label, User
from clients.models.clients import language_in_words
from clients.querysets import cover_not_ended

SAME_PERSON = "The cover must be someone else than the account manager."
AS_WANTED = "It is so already."
_HANDED_OVER = "the client was handed over"
_COLUMNS = ("owner", "cover", "cover_from", "cover_until")


class NotAssignableError(Exception):
    """These people can't look after a client; the text says why."""


class PlanChangedError(Exception):
    """The clients are not as they were when the plan was shown; nothing was written."""


@dataclass(frozen=True, slots=True)
class Keepers:
    """Who looks after a client. Days belong to a cover: without one there are none."""

    owner: User | None = None
    cover: User | None = None
    cover_from: date | None = None
    cover_until: date | None = None

    def __post_init__(self) -> None:
        if self.cover is None:
            object.__setattr__(self, "cover_from", None)
            object.__setattr__(self, "cover_until", None)

    @property
    def cover_in_words(self) -> str:
        first, last = (f"{day:%-d %b %Y}" if day else "" for day in (self.cover_from, self.cover_until))
        days = f" from {first}" * bool(first) + f" until {last}" * bool(last)
        return f"{self.cover or 'nobody'}{days}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done to each of many clients. A place that is not in `sets` stays as it is."""

    sets: frozenset[str] = frozenset()
    keepers: Keepers = Keepers()
    add_label: Label | None = None
    remove_label: Label | None = None
    # Of `settings.LANGUAGES`; empty: as the browser asks. None: it stays as it is.
    language: str | None = None
    revoke_links: bool | None = None


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One client and what becomes of it, in words too."""

    client: Client
    keepers: Keepers
    words: str
    add_label: Label | None = None
    remove_label: Label | None = None
    # Another one than the client has, if it gets one.
    language: str | None = None
    revoke_links: bool = False


@dataclass(slots=True)
class AssignmentPlan:
    """What would be done to many clients, and which are left alone and why."""

    changes: list[PlannedChange] = field(default_factory=list)
    skipped: list[tuple[Client, str]] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """What tells this plan from another one: a confirmation is good for just this."""
        parts = [f"{change.client.pk}:{change.words}" for change in self.changes]
        parts += [f"{client.pk}!{why}" for client, why in self.skipped]
        return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()

    @property
    def changes_in_words(self) -> list[tuple[Client, str]]:
        return [(change.client, change.words) for change in self.changes]

    @property
    def refused(self) -> list[tuple[Client, str]]:
        """The clients that can't be as they were wanted, and why; not those that are so already."""
        return [(client, why) for client, why in self.skipped if why != AS_WANTED]

    @property
    def reasons(self) -> dict[str, int]:
        """Why clients are left alone, with how many for each reason."""
        counts: dict[str, int] = defaultdict(int)
        for _client, why in self.skipped:
            counts[why] += 1
        return dict(counts)


def keepers_of(client: Client) -> Keepers:
    return Keepers(client.owner, client.cover, client.cover_from, client.cover_until)


def check_keepers(keepers: Keepers, *, before: Keepers) -> None:
    """Raises NotAssignableError unless these people may look after a client that `before` looked after until now.

    Whoever is new to the client needs a role. Someone who lost theirs meanwhile may stay, so that one of the two can
    be changed without the other.
    """
    if keepers.owner is not None and keepers.owner == keepers.cover:
        raise NotAssignableError(SAME_PERSON)
    first, last = keepers.cover_from, keepers.cover_until
    if first is not None and last is not None and last < first:
        raise NotAssignableError("The cover can’t end before it begins.")
    for person, until_now in ((keepers.owner, before.owner), (keepers.cover, before.cover)):
        if person is not None and person != until_now and roles.role_of(person) is None:
            raise NotAssignableError(f"{person} has no role, and could not see the client.")


@transaction.atomic
def assign(*, client: Client, keepers: Keepers, actor: User | None, revoke_links: bool | None = None) -> int:
    """Have `keepers` look after `client`; None leaves a place empty. How many links were closed by that.

    Raises NotAssignableError.
    """
    before = keepers_of(_locked(Client.objects.filter(pk=client.pk)).get())
    check_keepers(keepers, before=before)
    for name in _COLUMNS:
        setattr(client, name, getattr(keepers, name))
    if words := _words(before, keepers):
        client.save(update_fields=_COLUMNS)
        audit.record(client, words, actor, kind=AuditKind.ACCESS)
    if revoke_links is None:
        revoke_links = _is_left_by(before, keepers, _keys_at_work())
    return revoke_links_of_clients([client], actor=actor, why=_HANDED_OVER) if revoke_links else 0


# --- Many at once -----------------------------------------------------------------------------------------------------


def plan_assignment(clients: Iterable[Client], wanted: Wanted) -> AssignmentPlan:
    """What `wanted` does to each of `clients`, which come with their owner and cover."""
    clients, working = list(clients), _keys_at_work()
    labels = [label for label in (wanted.add_label, wanted.remove_label) if label is not None]
    on = set(ClientLabel.objects.filter(client__in=clients, label__in=labels).values_list("client", "label"))
    plan = AssignmentPlan()
    for client in clients:
        before = keepers_of(client)
        keepers = Keepers(
            **{name: getattr(wanted.keepers if name in wanted.sets else before, name) for name in _COLUMNS}
        )
        adds = wanted.add_label if wanted.add_label and (client.pk, wanted.add_label.pk) not in on else None
        removes = wanted.remove_label if wanted.remove_label and (client.pk, wanted.remove_label.pk) in on else None
        try:
            check_keepers(keepers, before=before)
        except NotAssignableError as error:
            plan.skipped.append((client, str(error)))
            continue
        moves = _words(before, keepers)
        by_default = _is_left_by(before, keepers, working)
        revokes = bool(moves) and (by_default if wanted.revoke_links is None else wanted.revoke_links)
        words = [
            moves,
            "Its open links are revoked." if revokes else "",
            f"Label added: {adds}." if adds else "",
            f"Label removed: {removes}." if removes else "",
        ]
        language = wanted.language if wanted.language != client.language else None
        if language is not None:
            words.append(f"Language: {language_in_words(client.language)} → {language_in_words(language)}.")
        if any(words):
            said = " ".join(filter(None, words))
            plan.changes.append(PlannedChange(client, keepers, said, adds, removes, language, revokes))
        else:
            plan.skipped.append((client, AS_WANTED))
    return plan


@transaction.atomic
def assign_many(clients: QuerySet[Client], wanted: Wanted, *, seen: str, actor: User) -> AssignmentPlan:
    """Do what `wanted` says to `clients`. Raises PlanChangedError unless the plan has the fingerprint `seen` still."""
    plan = plan_assignment(_locked(clients), wanted)
    _carry_out(plan, seen=seen, actor=actor)
    given_up = [change.client for change in plan.changes if change.revoke_links]
    revoke_links_of_clients(given_up, actor=actor, why=_HANDED_OVER)
    return plan


def book_of(person: User) -> QuerySet[Client]:
    """The clients that `person` owns, or covers now or later."""
    covered = Client.objects.filter(cover_not_ended(""), cover=person)
    return (
        (Client.objects.filter(owner=person) | covered).select_related("owner", "cover").order_by("folded_name", "pk")
    )


def plan_handover(clients: Iterable[Client], *, giver: User, taker: User) -> AssignmentPlan:
    """`taker` in the place of `giver`, as owner and as cover with its days. Nobody covers for themselves."""
    plan = AssignmentPlan()
    for client in clients:
        before = keepers_of(client)
        owner, cover = (taker if person == giver else person for person in (before.owner, before.cover))
        kept = cover if cover != owner else None
        keepers = Keepers(owner, kept, before.cover_from, before.cover_until)
        plan.changes.append(PlannedChange(client, keepers, _words(before, keepers)))
    return plan


@transaction.atomic
def hand_over_book(
    *, giver: User, taker: User, seen: str, actor: User, revoke_links: bool | None = None
) -> AssignmentPlan:
    """Give everything that `giver` looks after to `taker`.

    What is open on a client (deadlines, onboardings, notes, and links that stay open) belongs to the client and comes
    along by that.
    Raises NotAssignableError, and PlanChangedError unless the plan has the fingerprint `seen` still.
    """
    check_handover(giver=giver, taker=taker)
    plan = plan_handover(_locked(book_of(giver)), giver=giver, taker=taker)
    _carry_out(plan, seen=seen, actor=actor)
    if has_left(giver) if revoke_links is None else revoke_links:
        revoke_links_of_clients([change.client for change in plan.changes], actor=actor, why=_HANDED_OVER)
    return plan


def has_left(person: User) -> bool:
    return not at_work().filter(pk=person.pk).exists()


def check_handover(*, giver: User, taker: User) -> None:
    """Raises NotAssignableError."""
    if giver == taker:
        raise NotAssignableError("Choose two different people.")
    if roles.role_of(taker) is None:
        raise NotAssignableError(f"{taker} has no role, and could not see the clients.")


def _carry_out(plan: AssignmentPlan, *, seen: str, actor: User) -> None:
    if plan.fingerprint != seen:
        raise PlanChangedError
    by_words: dict[str, list[Client]] = defaultdict(list)
    for change in plan.changes:
        for name in _COLUMNS:
            setattr(change.client, name, getattr(change.keepers, name))
        if change.language is not None:
            change.client.language = change.language
        by_words[change.words].append(change.client)
    Client.objects.bulk_update([one.client for one in plan.changes], [*_COLUMNS, "language"], batch_size=200)
    added = [ClientLabel(client=one.client, label=one.add_label) for one in plan.changes if one.add_label]
    ClientLabel.objects.bulk_create(added, ignore_conflicts=True)
    removed = [one for one in plan.changes if one.remove_label]
    if removed:
        labelled = ClientLabel.objects.filter(client__in=[one.client for one in removed])
        labelled.filter(label=removed[0].remove_label).delete()
    for words, clients in by_words.items():
        audit.record_many(clients, words, actor, kind=AuditKind.ACCESS)


def _keys_at_work() -> set[int]:
    return set(at_work().values_list("pk", flat=True))


def _is_left_by(before: Keepers, after: Keepers, working: set[int]) -> bool:
    """Whether somebody who loses the client has left the desk."""
    losing = {before.owner, before.cover} - {after.owner, after.cover}
    return any(person is not None and person.pk not in working for person in losing)


def _locked(clients: QuerySet[Client]) -> QuerySet[Client]:
    return clients.select_for_update(of=("self",)).select_related("owner", "cover")


def _words(before: Keepers, after: Keepers) -> str:
    """What changes, for the audit; empty when nothing does."""
    changes = []
    if before.owner != after.owner:
        changes.append(f"Account manager: {before.owner or 'nobody'} → {after.owner or 'nobody'}.")
    if before.cover_in_words != after.cover_in_words or before.cover != after.cover:
        changes.append(f"Cover: {before.cover_in_words} → {after.cover_in_words}.")
    return " ".join(changes)
