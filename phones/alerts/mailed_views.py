"""Saved views that people have mailed with their digest: how many rows each finds for its reader, and the first ones.

A mail keeps what the views asked for when it was made. They are opened when it is sent or looked at, for its reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings

from clients.desk_list import DeskList
from clients.models import SavedView, User
from phones.models import Dispatch, MailSettings
from portal.web.keyset import Count, count_up_to
from portal.web.query import ListQuery, UnusableQueryError

ROWS = 5
COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class MailedView:
    """What a view finds: the count in words, the first rows as a line of text each. `path` is the list."""

    name: str
    count: str
    rows: Sequence[str]
    path: str
    trouble: str = ""

    @property
    def url(self) -> str:
        return f"{settings.PUBLIC_URL}{self.path}"


def have_mailed(*, view: SavedView, person: User, is_wanted: bool) -> MailSettings:
    """Have `view` come with the digests of `person`, or no more; gives what they want now."""
    wants, _ = MailSettings.objects.get_or_create(person=person)
    if is_wanted:
        wants.views.add(view)
    else:
        wants.views.remove(view)
    return wants


def views_of(wants: MailSettings) -> list[SavedView]:
    """The views that come with the digests of a person, as far as they may open them still."""
    if wants._state.adding:
        return []
    visible = SavedView.objects.visible_to(wants.person)
    return list(visible.filter(pk__in=wants.views.values("pk")).order_by("name", "pk"))


def as_json(views: Sequence[SavedView]) -> list[dict[str, Any]]:
    """What `views` ask for and what they are called, for a mail to keep."""
    return [{"name": view.name, "list": view.list_name, "parameters": view.parameters} for view in views]


def found_by(dispatch: Dispatch, reader: User) -> list[MailedView]:
    """What the views in a mail find for its reader now; those that find nothing are left out."""
    found = [_opened(kept, reader) for kept in dispatch.views or ()]
    return [one for one in found if one is not None]


def _opened(kept: dict[str, Any], reader: User) -> MailedView | None:
    try:
        query = ListQuery.of_json(kept)
        first = tuple(pair for pair in query.pairs if pair[0] != "per_page")
        found = cast("DeskList[Any]", ListQuery(query.name, (*first, ("per_page", str(ROWS)))).opened(reader))
        path = str(query.opened(reader).address)
    except UnusableQueryError as error:
        return MailedView(kept["name"], "", (), "", str(error))
    count: Count = found.filters.known_count or count_up_to(found.filters.qs, COUNTED)
    if not count.counted:
        return None
    return MailedView(kept["name"], count.short, [found.in_words(row) for row in found.rows], path)
