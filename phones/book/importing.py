"""Taking over a list that the partner has of their clients: ids of another system, who looks after them, labels.

Everything goes through the services that pages use, in one transaction. A dry run does the same and takes it back, so
that it says exactly what would be done; so does a list with a line that is refused, of which nothing is written.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from clients.assigning import NotAssignableError, assign, keepers_of
from clients.choices import LabelColour
from clients.clients import NameNotUsableError, change_contact, set_external_id, set_language
from clients.models import Client, Label, User, Waba
from phones.book.labels import LabelRefusedError, label_client, make_label
from portal.fields import folded
from portal.rows import row_or_none
from portal.web.addresses import is_storable

COLUMNS = ("client", "waba_id", "external_id", "owner", "labels", "language", "contact_email")
# In a cell: "none". An empty one leaves what there is.
NONE = "-"
_LONGEST_ID = 100


class LineRefusedError(Exception):
    """A line can't be taken over; the text says why."""


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """One line: its client, what becomes of it in words, and why it is refused if it is."""

    number: int
    client: str = ""
    changes: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(slots=True)
class _Importing:
    makes_labels: bool
    by_name: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    seen: set[int] = field(default_factory=set)


def carry_out(
    lines: Iterable[tuple[int, Mapping[str, str]]], *, is_dry: bool, makes_labels: bool
) -> list[ImportedLine]:
    """Take the lines over, each with its number; or, if `is_dry` or one of them is refused, say what would be done."""
    importing = _Importing(makes_labels)
    for key, name in Client.objects.values_list("pk", "name"):
        importing.by_name[name.casefold()].append(key)
    with transaction.atomic():
        done = [_line(importing, number, line) for number, line in lines]
        if is_dry or any(line.refusal for line in done):
            transaction.set_rollback(True)
    return done


def _line(importing: _Importing, number: int, line: Mapping[str, str]) -> ImportedLine:
    try:
        with transaction.atomic():
            client = _client_of(importing, line)
            before = _told(client)
            _take_over(importing, client, line)
            after = _told(Client.objects.select_related("owner").get(pk=client.pk))
    except (LineRefusedError, NameNotUsableError, NotAssignableError, LabelRefusedError) as error:
        return ImportedLine(number, line.get("client", "") or line.get("waba_id", ""), refusal=str(error))
    changes = [f"{name}: {before[name]} → {after[name]}." for name in before if before[name] != after[name]]
    return ImportedLine(number, client.name, tuple(changes))


def _client_of(importing: _Importing, line: Mapping[str, str]) -> Client:
    """The one client that the line means: by name, else by a WABA of theirs, else by the id of the other system."""
    clients = Client.objects.select_related("owner", "cover")
    if not all(map(is_storable, line.values())):
        raise LineRefusedError("It holds a character that no text has.")
    if name := line.get("client", ""):
        keys = importing.by_name.get(name.casefold(), [])
        if len(keys) != 1:
            raise LineRefusedError(f"{len(keys) or 'No'} clients are called “{name}”.")
        found = clients.get(pk=keys[0])
    elif waba_id := line.get("waba_id", ""):
        waba = row_or_none(Waba.objects.filter(waba_id=waba_id))
        if waba is None:
            raise LineRefusedError(f"The desk has no WABA {waba_id}.")
        found = clients.get(pk=waba.client_id)
    else:
        external_id = line.get("external_id", "")
        known = row_or_none(clients.filter(external_id=external_id)) if external_id else None
        if known is None:
            raise LineRefusedError("It names no client that the desk has: by client, waba_id or a known external_id.")
        found = known
    if found.pk in importing.seen:
        raise LineRefusedError(f"{found} stands in an earlier line too.")
    importing.seen.add(found.pk)
    return found


def _take_over(importing: _Importing, client: Client, line: Mapping[str, str]) -> None:
    if external_id := line.get("external_id", ""):
        wanted = "" if external_id == NONE else external_id
        if len(wanted) > _LONGEST_ID or not wanted.isprintable():
            raise LineRefusedError(f"An external_id has up to {_LONGEST_ID} printable characters.")
        set_external_id(client=client, external_id=wanted, actor=None)
    if owner := line.get("owner", ""):
        assign(client=client, keepers=replace(keepers_of(client), owner=_person(owner)), actor=None)
    if language := line.get("language", ""):
        if language not in {NONE, *dict(settings.LANGUAGES)}:
            raise LineRefusedError(f"There is no language “{language}”, only {', '.join(dict(settings.LANGUAGES))}.")
        set_language(client=client, language="" if language == NONE else language, actor=None)
    if email := line.get("contact_email", ""):
        _set_contact(client, email)
    if labels := line.get("labels", ""):
        kept = [] if labels == NONE else [row.label for row in client.client_labels.select_related("label")]
        added = [] if labels == NONE else [_label(importing, name) for name in labels.split(";") if name.strip()]
        label_client(client=client, labels=[*kept, *added], actor=None)


def _set_contact(client: Client, email: str) -> None:
    try:
        if email != NONE:
            Client._meta.get_field("contact_email").run_validators(email)
    except ValidationError:
        raise LineRefusedError(f"“{email}” is no mail address.") from None
    change_contact(client=client, email="" if email == NONE else email, actor=None)


def _person(username: str) -> User | None:
    if username == NONE:
        return None
    found = row_or_none(User.objects.filter(username=username, is_active=True, is_service=False))
    if found is None:
        raise LineRefusedError(f"Nobody who may sign in is called “{username}”.")
    return found


def _label(importing: _Importing, name: str) -> Label:
    name = " ".join(name.split())
    found = row_or_none(Label.objects.filter(folded_name=folded(name)))
    if found is not None:
        return found
    if not importing.makes_labels:
        raise LineRefusedError(f"There is no label “{name}”.")
    return make_label(name=name, colour=LabelColour.GREY, actor=None)


def _told(client: Client) -> dict[str, str]:
    """What a line may change, in words."""
    labels = sorted(client.client_labels.values_list("label__name", flat=True), key=str.casefold)
    return {
        "Your id": client.external_id or "none",
        "Account manager": str(client.owner or "nobody"),
        "Language": client.language_in_words,
        "Mail contact": client.contact_email or "none",
        "Labels": ", ".join(labels) or "none",
    }
