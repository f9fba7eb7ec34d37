"""The labels of a client or a number, and the team's list of labels.

One transaction each, recorded in the same transaction. Callers have checked that the actor may.
"""

from collections.abc import Iterable

from django.contrib.admin.models import ADDITION, DELETION
from django.db import transaction

from clients import audit
from clients.choices import LabelColour
from clients.models import Client, ClientLabel, Label, User
from phones.models import NumberLabel, PhoneNumber
from portal.fields import folded

LONGEST_LABEL = 30
MOST_LABELS = 100


class LabelRefusedError(Exception):
    """The label is not made or changed; the text says why."""


@transaction.atomic
def label_client(*, client: Client, labels: Iterable[Label], actor: User | None) -> None:
    """Let `client` have just these labels."""
    Client.objects.select_for_update().get(pk=client.pk)
    wanted = {label.pk: label for label in labels}
    before = {row.label_id: row.label for row in client.client_labels.select_related("label")}
    client.client_labels.exclude(label__in=wanted).delete()
    ClientLabel.objects.bulk_create(
        [ClientLabel(client=client, label=label) for key, label in wanted.items() if key not in before]
    )
    _record(client, before.values(), wanted.values(), actor)


@transaction.atomic
def label_number(*, number: PhoneNumber, client: Client, labels: Iterable[Label], actor: User) -> None:
    """Let `number` have just these labels for those who see `client`; what other clients' people put on it stays."""
    PhoneNumber.objects.select_for_update(of=("self",)).get(pk=number.pk)
    theirs = NumberLabel.objects.workable_by(actor).filter(number=number)
    wanted = {label.pk: label for label in labels}
    before = {row.label_id: row.label for row in theirs.select_related("label")}
    theirs.filter(pk__in=[row.pk for row in theirs if row.label_id not in wanted]).delete()
    NumberLabel.objects.bulk_create(
        [NumberLabel(number=number, client=client, label=label) for key, label in wanted.items() if key not in before]
    )
    _record(number, before.values(), wanted.values(), actor)


@transaction.atomic
def make_label(*, name: str, colour: str, actor: User | None) -> Label:
    """A new word in the team's list. Raises LabelRefusedError."""
    if Label.objects.count() >= MOST_LABELS:
        raise LabelRefusedError(f"There are {MOST_LABELS} labels, which is the most. Delete one first.")
    label = Label(name=_usable(name, but=None), colour=_known(colour))
    label.save()
    audit.record(label, f"Label made, {label.get_colour_display().lower()}.", actor, flag=ADDITION)
    return label


@transaction.atomic
def change_label(*, label: Label, name: str, colour: str, actor: User) -> None:
    """Another name or colour, wherever the label stands. Raises LabelRefusedError."""
    current = Label.objects.select_for_update().get(pk=label.pk)
    label.name, label.colour = _usable(name, but=label), _known(colour)
    if (label.name, label.colour) != (current.name, current.colour):
        label.save()
        colours = f"{current.get_colour_display().lower()} → {label.get_colour_display().lower()}"
        audit.record(label, f"Name: {current.name} → {label.name}. Colour: {colours}.", actor)


@transaction.atomic
def delete_label(*, label: Label, actor: User) -> None:
    """Take the label off everything and out of the list."""
    audit.record(label, "Label deleted.", actor, flag=DELETION)
    label.delete()


def _usable(name: str, *, but: Label | None) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > LONGEST_LABEL:
        raise LabelRefusedError(f"A label has 1 to {LONGEST_LABEL} characters.")
    others = Label.objects.exclude(pk=but.pk) if but else Label.objects.all()
    if others.filter(folded_name=folded(name)).exists():
        raise LabelRefusedError(f"There is a label “{name}” already.")
    return name


def _known(colour: str) -> str:
    if colour not in LabelColour.values:
        raise LabelRefusedError("Choose one of the colours.")
    return colour


def _record(row: Client | PhoneNumber, before: Iterable[Label], after: Iterable[Label], actor: User | None) -> None:
    old, new = (", ".join(sorted(map(str, labels))) or "none" for labels in (before, after))
    if old != new:
        audit.record(row, f"Labels: {old} → {new}.", actor)
