"""What account managers keep of a client or a number, as its page shows it: labels, watching, the journal."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import Combinable
from django.http import QueryDict
from django.urls import reverse

from clients import roles
from clients.models import Client, ClientLabel, ClientWatch, Label, User
from phones.book.notes import LONGEST_NOTE, why_not_deleted, why_not_edited
from phones.models import Note, NumberLabel, NumberWatch, PhoneNumber
from portal.web.gathered import Gathered

NOTES_SHOWN = 10
MOST_NOTES = 500


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note. `may_edit` and `may_delete` are for the person who looks."""

    note: Note
    may_edit: bool
    may_delete: bool


@dataclass(frozen=True, slots=True)
class LabelChoice:
    label: Label
    is_on: bool


@dataclass(frozen=True, slots=True)
class BookPanel:
    """What `ui/labels.html`, `ui/watch.html` and `ui/journal.html` show of a client or a number (`kind`).

    `key` is its place in addresses. `mentionable` are names to write behind an @; more people may be mentioned.
    """

    kind: str
    key: str
    labels: list[LabelChoice]
    is_watched: bool
    notes: list[NoteLine]
    more_notes: bool
    mentionable: list[str]
    may_change: bool
    may_keep_labels: bool

    longest = LONGEST_NOTE

    @property
    def shown_labels(self) -> list[Label]:
        return [choice.label for choice in self.labels if choice.is_on]

    @property
    def labels_address(self) -> str:
        return reverse(f"phones:{self.kind}-labels", args=[self.key])

    @property
    def watch_address(self) -> str:
        return reverse(f"phones:{self.kind}-watch", args=[self.key])

    @property
    def notes_address(self) -> str:
        return reverse(f"phones:{self.kind}-notes", args=[self.key])


def kept_of_client(user: User) -> dict[str, Combinable]:
    """To be annotated on a client for `of_client`: its labels among all, and whether `user` watches it."""
    on = ClientLabel.objects.filter(client=OuterRef(OuterRef("pk")), label=OuterRef("pk"))
    return _kept(on, ClientWatch.objects.filter(client=OuterRef("pk"), person=user))


def kept_of_number(user: User) -> dict[str, Combinable]:
    """The same of a number, for `of_number`."""
    on = NumberLabel.objects.visible_to(user).filter(number=OuterRef(OuterRef("pk")), label=OuterRef("pk"))
    return _kept(on, NumberWatch.objects.filter(number=OuterRef("pk"), person=user))


def _kept(on: QuerySet[Any], watches: QuerySet[Any]) -> dict[str, Combinable]:
    labels = Label.objects.annotate(is_on=Exists(on)).order_by("folded_name")
    return {"labels_kept": Gathered(labels, "id", "name", "colour", "is_on"), "is_watched": Exists(watches)}


def of_client(client: Client, user: User, query: QueryDict) -> BookPanel:
    """The panel of `client`, which `user` may see and which comes with its owner and cover and `kept_of_client`."""
    notes = Note.objects.visible_to(user).filter(client=client)
    return _panel("client", str(client.pk), client, user, client, notes, query)


def of_number(number: PhoneNumber, client: Client, user: User, query: QueryDict) -> BookPanel:
    """The panel of `number`, which `user` may see as one of `client` and which comes with `kept_of_number`."""
    notes = Note.objects.visible_to(user).filter(number=number)
    return _panel("number", number.phone_number_id, client, user, number, notes, query)


def _panel(
    kind: str, key: str, client: Client, user: User, row: Any, notes: QuerySet[Note], query: QueryDict
) -> BookPanel:
    """`row` has what was annotated; `query` asks for all notes by `notes=all`."""
    most = MOST_NOTES if query.get("notes") == "all" else NOTES_SHOWN
    rows = list(notes.select_related("author", "deleted_by", "number", "client")[: most + 1])
    may_change = roles.may_change(user)
    return BookPanel(
        kind=kind,
        key=key,
        labels=[
            LabelChoice(Label(pk=pk, name=name, colour=colour), bool(is_on))
            for pk, name, colour, is_on in row.labels_kept
        ],
        is_watched=row.is_watched,
        notes=[_line(note, user, may_change=may_change) for note in rows[:most]],
        more_notes=len(rows) > most,
        mentionable=_near(client, user) if may_change else [],
        may_change=may_change,
        may_keep_labels=roles.runs_the_desk(user),
    )


def _line(note: Note, user: User, *, may_change: bool) -> NoteLine:
    return NoteLine(
        note,
        may_edit=may_change and not why_not_edited(note, user),
        may_delete=may_change and not why_not_deleted(note, user),
    )


def _near(client: Client, user: User) -> list[str]:
    """The names of who looks after `client` today, but for the person themselves."""
    return [person.username for person in (client.owner, client.cover_today) if person is not None and person != user]
