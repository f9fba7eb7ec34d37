"""What account managers keep of a client or a number, as its page shows it: labels, watching, the journal."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.http import QueryDict
from django.urls import reverse

from clients import roles
from clients.models import Client, ClientLabel, ClientWatch, Label, User
from phones.book.notes import LONGEST_NOTE, why_not_deleted, why_not_edited
from phones.models import Note, NumberLabel, NumberWatch, PhoneNumber

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


def of_client(client: Client, user: User, query: QueryDict) -> BookPanel:
    """The panel of `client`, which `user` may see and which comes with its owner and cover."""
    on = ClientLabel.objects.filter(client=client, label=OuterRef("pk"))
    notes = Note.objects.visible_to(user).filter(client=client)
    return _panel("client", str(client.pk), client, user, on, notes, ClientWatch.objects.filter(client=client), query)


def of_number(number: PhoneNumber, client: Client, user: User, query: QueryDict) -> BookPanel:
    """The panel of `number`, which `user` may see as one of `client`."""
    on = NumberLabel.objects.visible_to(user).filter(number=number, label=OuterRef("pk"))
    notes = Note.objects.visible_to(user).filter(number=number)
    watches = NumberWatch.objects.filter(number=number)
    return _panel("number", number.phone_number_id, client, user, on, notes, watches, query)


def _panel(
    kind: str,
    key: str,
    client: Client,
    user: User,
    on: QuerySet[Any],
    notes: QuerySet[Note],
    watches: QuerySet[Any],
    query: QueryDict,
) -> BookPanel:
    """`on` are the labels that it has, by the outer query's label; `query` asks for all notes by `notes=all`."""
    labels, is_watched = _labels_and_watch(on, watches.filter(person=user))
    most = MOST_NOTES if query.get("notes") == "all" else NOTES_SHOWN
    rows = list(notes.select_related("author", "deleted_by", "number", "client")[: most + 1])
    may_change = roles.may_change(user)
    return BookPanel(
        kind=kind,
        key=key,
        labels=labels,
        is_watched=is_watched,
        notes=[_line(note, user, may_change=may_change) for note in rows[:most]],
        more_notes=len(rows) > most,
        mentionable=_near(client, user) if may_change else [],
        may_change=may_change,
        may_keep_labels=roles.sees_everything(user),
    )


def _labels_and_watch(on: QuerySet[Any], watches: QuerySet[Any]) -> tuple[list[LabelChoice], bool]:
    """All labels with whether they are on it, and whether it is watched: one statement for both."""
    columns = ("pk", "name", "colour", "folded_name", "is_on")
    labels = Label.objects.annotate(is_on=Exists(on)).order_by().values_list(*columns)
    blank = {name: Value("", models.CharField()) for name in columns[1:4]}
    watch = watches.annotate(**blank, is_on=Value(value=True)).order_by().values_list(*columns)
    rows = sorted(labels.union(watch, all=True), key=lambda row: row[3])
    choices = [LabelChoice(Label(pk=row[0], name=row[1], colour=row[2]), bool(row[4])) for row in rows if row[2]]
    return choices, any(not row[2] for row in rows)


def _line(note: Note, user: User, *, may_change: bool) -> NoteLine:
    return NoteLine(
        note,
        may_edit=may_change and not why_not_edited(note, user),
        may_delete=may_change and not why_not_deleted(note, user),
    )


def _near(client: Client, user: User) -> list[str]:
    """The names of who looks after `client` today, but for the person themselves."""
    return [person.username for person in (client.owner, client.cover_today) if person is not None and person != user]
