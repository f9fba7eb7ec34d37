"""What people change about clients: their names, which are one, whose a WABA is. Who looks after them: `assigning`.

One transaction each, recorded in the same transaction. Callers have checked that the actor may.
"""

from collections.abc import Sequence

from django.contrib.admin.models import ADDITION, DELETION
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from clients import audit
from clients.choices import AuditKind
from clients.link_closing import revoke_links_on_waba
from clients.models import Client, StatusLink, User, Waba


class NameNotUsableError(Exception):
    """A client can't have this name."""


class MergeError(Exception):
    """These clients can't be merged."""


@transaction.atomic
def make_client(*, name: str, actor: User, language: str = "") -> Client:
    """A client that was just won, looked after by `actor`. What Meta has of it comes with its signup.

    Raises NameNotUsableError, also when `actor` sees a client of that name already: the two would be mixed up.
    """
    name = new_name(name, actor=actor)
    client = Client.objects.create(name=name, owner=actor, language=language)
    audit.record(client, f"Made by hand, looked after by {actor}.", actor, flag=ADDITION)
    return client


@transaction.atomic
def rename_client(*, client: Client, name: str, actor: User | None) -> None:
    """Give `client` another name. Raises NameNotUsableError."""
    current = Client.objects.select_for_update().get(pk=client.pk)
    client.name = usable_name(name)
    if client.name != current.name:
        client.save(update_fields=["name", "folded_name"])
        audit.record(client, f"Name: {current.name} → {client.name}.", actor)


@transaction.atomic
def change_contact(*, client: Client, email: str, actor: User | None) -> None:
    """Have links for `client` mailed to `email`, or to nobody where that is empty."""
    current = Client.objects.select_for_update().get(pk=client.pk)
    client.contact_email = email
    if email != current.contact_email:
        client.save(update_fields=["contact_email"])
        audit.record(client, f"Mail contact: {current.contact_email or 'none'} → {email or 'none'}.", actor)


@transaction.atomic
def set_language(*, client: Client, language: str, actor: User | None) -> None:
    """Have `client` get its links and messages in `language`, of `settings.LANGUAGES`; empty: as its browser asks.

    Links that were made before keep theirs.
    """
    current = Client.objects.select_for_update().get(pk=client.pk)
    client.language = language
    if current.language != language:
        client.save(update_fields=["language"])
        audit.record(client, f"Language: {current.language_in_words} → {client.language_in_words}.", actor)


@transaction.atomic
def set_external_id(*, client: Client, external_id: str, actor: User | None) -> None:
    """Have another system know `client` by `external_id`; empty: by none.

    Raises NameNotUsableError if another one has it.
    """
    current = Client.objects.select_for_update().get(pk=client.pk)
    if current.external_id == external_id:
        return
    if external_id and Client.objects.filter(external_id=external_id).exists():
        raise NameNotUsableError(f"Another client has the id “{external_id}”.")
    client.external_id = external_id
    client.save(update_fields=["external_id"])
    audit.record(client, f"Your id: {current.external_id or 'none'} → {external_id or 'none'}.", actor)


@transaction.atomic
def merge_clients(*, keep: Client, absorb: Sequence[Client], actor: User | None) -> None:
    """Make one client of several: `keep` gets everything of `absorb`, which are deleted.

    Their links to status pages are revoked: whoever has one would see the numbers of all of them from now on.
    Discovery does not make them again, because it finds a client through its portfolios. `keep` stays with its own
    owner and cover, so the people of the others lose sight of what was theirs. Its mail contact and its id of
    yours stay too; where it has none it gets the first one of the others. Raises MergeError.
    """
    gone = {client.pk for client in absorb}
    if not gone or keep.pk in gone:
        raise MergeError("Choose at least two different clients, and the one of them to keep.")
    found = list(Client.objects.select_for_update().filter(pk__in=[keep.pk, *gone]).order_by("pk"))
    if len(found) != len(gone) + 1:
        raise MergeError("One of these clients is no longer there. Look again.")
    for client in found:
        if client.pk == keep.pk:
            continue
        audit.record(client, f"Merged into {keep} ({keep.pk}).", actor, flag=DELETION)
        audit.record(keep, f"Took over {client} ({client.pk}) with {_contents_of(client)}.", actor)
    if contact := next((client.contact_email for client in found if client.pk in gone and client.contact_email), ""):
        (current,) = (client for client in found if client.pk == keep.pk)
        if not current.contact_email:
            change_contact(client=keep, email=contact, actor=actor)
    StatusLink.objects.filter(client__in=gone, revoked_at=None).update(revoked_at=timezone.now())
    # Every table that points to a client, those of other apps too: nothing may go with a row that is only absorbed.
    for absorbed in sorted(gone):
        for relation in Client._meta.related_objects:
            _move_rows(relation.related_model, relation.field.name, absorbed, keep)
    external_ids = [client.external_id for client in found if client.pk in gone and client.external_id]
    Client.objects.filter(pk__in=gone).delete()
    if external_ids and not Client.objects.get(pk=keep.pk).external_id:
        set_external_id(client=keep, external_id=external_ids[0], actor=actor)


@transaction.atomic
def move_waba(*, waba: Waba, to: Client, actor: User | None) -> None:
    """Give `waba` to the client `to`: its people see it from now on, and the former client's no longer do.

    Links to codes of its numbers, which the former client has, are revoked. The portfolio that owns it stays where it
    is, and with it the WABAs that discovery finds there later.
    """
    current = Waba.objects.select_for_update(of=("self",)).select_related("client").get(pk=waba.pk)
    waba.client = to
    if current.client_id != to.pk:
        waba.save(update_fields=["client"])
        audit.record(waba, f"Client: {current.client} → {to}.", actor, kind=AuditKind.ACCESS)
        revoke_links_on_waba(waba, actor=actor, why=f"{waba} is {to}’s now")


def new_name(name: str, *, actor: User) -> str:
    """`name` for a client that is to be made. Raises NameNotUsableError, also where `actor` sees one of that name."""
    name = usable_name(name)
    # Compared here and not in SQL, because SQLite knows upper and lower case of ASCII letters only.
    names = Client.objects.visible_to(actor).values_list("name", flat=True)
    if any(name.casefold() == other.casefold() for other in names):
        raise NameNotUsableError(
            f"There is a client called “{name}” already. Open it, or choose a name to tell them by."
        )
    return name


def _move_rows(model: type[models.Model], to_client: str, absorbed: int, keep: Client) -> None:
    """Let the rows of `model` that point to the client `absorbed` point to `keep`, but for those it has alike."""
    rows = model._base_manager.filter(**{to_client: absorbed})
    for rule in model._meta.constraints:
        if isinstance(rule, models.UniqueConstraint) and to_client in rule.fields:
            others = {name: OuterRef(name) for name in rule.fields if name != to_client}
            rows.filter(Exists(model._base_manager.filter(**{to_client: keep}, **others))).delete()
    rows.update(**{to_client: keep})


def usable_name(name: str) -> str:
    name = " ".join(name.split())
    longest = Client._meta.get_field("name").max_length
    if not name or (longest is not None and len(name) > longest):
        raise NameNotUsableError(f"A client needs a name of 1 to {longest} characters.")
    return name


def _contents_of(client: Client) -> str:
    wabas = [waba.waba_id for waba in client.wabas.only("waba_id")]
    portfolios = list(client.portfolios.values_list("business_id", flat=True))
    return f"WABAs {', '.join(wabas) or 'none'}; portfolios {', '.join(portfolios) or 'none'}"
