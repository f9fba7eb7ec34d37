"""Notes in the journal of a client or a number, and the people who are mentioned in them.

One transaction each, recorded in the same transaction, without the text. Callers have checked that the actor may work
on the client and sees the number.
"""

import re
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone

from clients import audit, roles
from clients.models import Client, User
from phones.models import Mention, Note, PhoneNumber

LONGEST_NOTE = 4_000
MOST_MENTIONS = 10
EDITABLE_FOR = timedelta(hours=1)
# Who clicks twice writes one note.
_SAME_NOTE_WITHIN = timedelta(minutes=1)

# A name behind an @ that no letter stands before: an e-mail address mentions nobody. A name may be an address itself.
MENTION = re.compile(r"(?<![\w.+@-])@([\w.+-]+(?:@[\w.-]+)?)")


class NoteRefusedError(Exception):
    """The note is not written, edited or deleted; the text says why."""


@transaction.atomic
def write_note(*, client: Client, number: PhoneNumber | None, text: str, author: User) -> Note:
    """A note about `number`, or about `client` where that is None. Raises NoteRefusedError."""
    text = _usable(text)
    now = timezone.now()
    mentioned = _mentioned(text, client, number)
    lately = Note.objects.filter(client=client, number=number, author=author, created_at__gte=now - _SAME_NOTE_WITHIN)
    if (same := lately.filter(text=text, deleted_at=None).first()) is not None:
        return same
    note = Note.objects.create(client=client, number=number, author=author, text=text, created_at=now)
    _mention(note, mentioned)
    return note


@transaction.atomic
def edit_note(*, note: Note, text: str, actor: User) -> None:
    """Another text for `note`; who is mentioned for the first time is notified. Raises NoteRefusedError."""
    current = Note.objects.select_for_update(of=("self",)).select_related("client", "number").get(pk=note.pk)
    if why := why_not_edited(current, actor):
        raise NoteRefusedError(why)
    text = _usable(text)
    mentioned = _mentioned(text, current.client, current.number)
    if text == current.text:
        return
    current.text, current.edited_at = text, timezone.now()
    current.save(update_fields=["text", "edited_at"])
    gone = current.mentions.exclude(person__in=mentioned)
    people = [*mentioned, *User.objects.filter(mentions__in=gone)]
    gone.delete()
    _mention(current, mentioned, recounted=people)
    audit.record(current, "Text edited.", actor)


@transaction.atomic
def delete_note(*, note: Note, actor: User) -> None:
    """Empty `note`. That there was one, by whom and when it was deleted, stays. Raises NoteRefusedError."""
    current = Note.objects.select_for_update().get(pk=note.pk)
    if why := why_not_deleted(current, actor):
        raise NoteRefusedError(why)
    people = list(User.objects.filter(mentions__note=current))
    current.text, current.deleted_at, current.deleted_by = "", timezone.now(), actor
    current.save(update_fields=["text", "deleted_at", "deleted_by"])
    recount_mentions(people)
    audit.record(current, "Deleted.", actor)


def why_not_edited(note: Note, actor: User) -> str:
    """Why `actor` can't edit `note`; empty when they can."""
    if note.deleted_at is not None:
        return "This note is deleted."
    if note.author_id != actor.pk:
        return "Only who wrote a note can edit it."
    if timezone.now() - note.created_at > EDITABLE_FOR:
        return "A note can be edited for an hour. Write another one."
    return ""


def why_not_deleted(note: Note, actor: User) -> str:
    """Why `actor` can't delete `note`; empty when they can."""
    if note.deleted_at is not None:
        return "This note is deleted already."
    if note.author_id != actor.pk and not roles.runs_the_desk(actor):
        return "Only who wrote a note, or a team lead, can delete it."
    return ""


@transaction.atomic
def have_seen(mentions: Iterable[Mention], person: User) -> None:
    """`person` has seen these mentions of themselves."""
    theirs = Mention.objects.filter(pk__in=[one.pk for one in mentions], person=person, seen_at=None)
    theirs.update(seen_at=timezone.now())
    recount_mentions([person])


def recount_mentions(people: Iterable[User]) -> None:
    """Count anew how many mentions wait for each, whether or not they may see the notes now.

    The count stands with the person, so that the pages of those for whom nothing waits ask for nothing.
    """
    for person in people:
        waiting = Mention.objects.filter(person=person, seen_at=None, note__deleted_at=None)
        person.unseen_mentions = waiting.count()
        person.save(update_fields=["unseen_mentions"])


def count_mentions(person: User) -> int:
    """How many mentions wait for `person` that they may see now: clients and covers change hands, and by the day."""
    return Mention.objects.waiting_for(person).count() if person.unseen_mentions else 0


def _usable(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise NoteRefusedError("The note is empty.")
    if len(text) > LONGEST_NOTE:
        raise NoteRefusedError(f"A note has at most {LONGEST_NOTE:,} characters; this one has {len(text):,}.")
    return text


def _mentioned(text: str, client: Client, number: PhoneNumber | None) -> list[User]:
    """The people whom `text` names behind an @. Raises NoteRefusedError where one may not see what it is about.

    A name that nobody has gets the same answer: who else has a login is nobody's to find out here.
    """
    names = list(dict.fromkeys(MENTION.findall(text)))
    if len(names) > MOST_MENTIONS:
        raise NoteRefusedError(f"A note can mention {MOST_MENTIONS} people at most.")
    spellings = {name: [name.lower(), name.rstrip(".+-@").lower(), name.split("@")[0].lower()] for name in names}
    found = User.objects.annotate(lower_name=Lower("username")).filter(
        lower_name__in=[each for some in spellings.values() for each in some]
    )
    people = {person.username.lower(): person for person in found if _sees(person, client, number)}
    mentioned: list[User] = []
    for name, some in spellings.items():
        person = next((people[each] for each in some if each in people), None)
        if person is None:
            raise NoteRefusedError(
                f"Nobody called “{name}” sees this client, so they can’t be mentioned. To write an @ that mentions "
                f"nobody, put a blank behind it."
            )
        mentioned.append(person)
    return mentioned


def _sees(person: User, client: Client, number: PhoneNumber | None) -> bool:
    sees_client = Client.objects.visible_to(person).filter(pk=client.pk).exists()
    return sees_client and (number is None or PhoneNumber.objects.visible_to(person).filter(pk=number.pk).exists())


def _mention(note: Note, people: Iterable[User], *, recounted: Iterable[User] = ()) -> None:
    """Mention `people` in `note`, if it does not yet. Who names themselves has seen it."""
    for person in people:
        seen_at = note.created_at if person.pk == note.author_id else None
        Mention.objects.get_or_create(note=note, person=person, defaults={"seen_at": seen_at})
    recount_mentions({person.pk: person for person in [*people, *recounted]}.values())
