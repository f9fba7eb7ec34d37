"""What people change about their views of lists: keep, rename, share, delete, open first; and the columns they want.

Views are a person's own tools, so that nothing of this is written into a log of who did what.
"""

import itertools
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from clients import roles
from clients.models import ListPreference, SavedView, User
from portal.web.query import ListQuery

LONGEST_NAME = 60
MOST_VIEWS = 100
_LONGEST_SLUG = 60


class ViewNotUsableError(Exception):
    """A view can't be kept like this; the text says why."""


def keep_view(*, query: ListQuery, name: str, is_shared: bool, person: User) -> SavedView:
    """A view of `person`'s that asks for `query`. Raises ViewNotUsableError."""
    if roles.role_of(person) is None:
        raise ViewNotUsableError("You have no role yet, and so no lists to keep views of.")
    if SavedView.objects.filter(owner=person).count() >= MOST_VIEWS:
        raise ViewNotUsableError(f"You have {MOST_VIEWS} views. Delete one that you no longer use.")
    _check_sharing(person, is_shared=is_shared)
    view = SavedView(
        owner=person,
        list_name=query.name,
        name=_usable_name(name),
        parameters=[list(pair) for pair in query.pairs],
        is_shared=is_shared,
    )
    view.slug = _free_slug(view.name)
    _write(view)
    return view


def query_of(view: SavedView) -> ListQuery:
    """What `view` asks for. Raises UnusableQueryError where what is stored is no query."""
    return ListQuery.of_json({"list": view.list_name, "parameters": view.parameters})


def replace_query(*, view: SavedView, query: ListQuery) -> None:
    """Have `view`, a view of the same list, ask for `query` from now on."""
    if query.name != view.list_name:
        raise ViewNotUsableError(f"“{view}” is a view of another list.")
    view.parameters = [list(pair) for pair in query.pairs]
    view.save(update_fields=["parameters"])


def rename(*, view: SavedView, name: str) -> None:
    """Its address stays, so that links to it go on working. Raises ViewNotUsableError."""
    view.name = _usable_name(name)
    _write(view)


def share(*, view: SavedView, is_shared: bool, actor: User) -> None:
    """Let everybody with a role open it, or nobody but its owner any more. Raises ViewNotUsableError."""
    _check_sharing(actor, is_shared=is_shared)
    view.is_shared = is_shared
    with transaction.atomic():
        view.save(update_fields=["is_shared"])
        if not is_shared:
            others = ListPreference.objects.filter(default_view=view).exclude(person=view.owner_id)
            others.update(default_view=None)


def open_first(*, view: SavedView, person: User, is_default: bool) -> None:
    """Have the navigation lead `person` to `view` when they open its list, or to all rows again."""
    wanted = view if is_default else None
    ListPreference.objects.update_or_create(person=person, list_name=view.list_name, defaults={"default_view": wanted})


def remember_columns(*, list_name: str, columns: Sequence[str], person: User) -> None:
    """Show `person` these columns, in this order, wherever an address names none; with none, the usual ones."""
    ListPreference.objects.update_or_create(person=person, list_name=list_name, defaults={"columns": list(columns)})


def _check_sharing(person: User, *, is_shared: bool) -> None:
    if is_shared and not roles.may_change(person):
        raise ViewNotUsableError("Viewers keep views for themselves, and share none.")


def _usable_name(name: str) -> str:
    usable = " ".join(name.split())
    if not usable or not usable.isprintable():
        raise ViewNotUsableError("Give the view a name that can be read.")
    if len(usable) > LONGEST_NAME:
        raise ViewNotUsableError(f"A name has at most {LONGEST_NAME} characters.")
    return usable


def _free_slug(name: str) -> str:
    stem = slugify(name)[:_LONGEST_SLUG].strip("-_") or "view"
    taken = set(SavedView.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{number}" for number in itertools.count(2))
    return next(slug for slug in itertools.chain([stem], numbered) if slug not in taken)


def _write(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise ViewNotUsableError(f"You have a view “{view.name}” of this list already.") from error
