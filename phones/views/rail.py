"""What stands in the navigation of every page besides its links: the person's views, and how many numbers need them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from django.core.cache import cache
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, cached_property

from clients import roles
from clients.models import ListPreference, SavedView, User
from clients.querysets import SavedViewQuerySet
from clients.saved_views import query_of
from phones.approvals import decide as approvals
from phones.changes.seen import unseen_counted_lately
from phones.listing import counts
from phones.views.request import DeskRequest
from portal.web.addresses import Address
from portal.web.counts import counts_of
from portal.web.filters import Rows
from portal.web.keyset import Count
from portal.web.query import LISTS, UnusableQueryError, list_named

# More than these are found on the page of all views.
MOST_SHOWN = 8
_CHANGED = "rail-views-changed"
_OWNER = ("username", "first_name", "last_name")
_SHOWN = ("name", "slug", "list_name", *(f"owner__{field}" for field in _OWNER))


@dataclass(frozen=True, slots=True)
class RailView:
    """A view in the navigation; `count` is None while it was not counted lately."""

    view: SavedView
    address: Address
    is_current: bool
    count: Count | None


class Rail:
    """For one request of a person. It is read when a template asks for it, which costs no query within a minute."""

    def __init__(self, request: DeskRequest) -> None:
        self._request = request
        self._person = request.user
        # Of an address that there is not, none.
        self._route = request.resolver_match.view_name if request.resolver_match else ""

    @cached_property
    def _found(self) -> list[SavedView]:
        kept: list[SavedView] | None = cache.get(_views_key(self._person))
        if kept is None:
            # Of the owner only the name: what is kept outside the database holds no more of a person.
            kept = list(views_of(self._person).only(*_SHOWN))
            cache.set(_views_key(self._person), kept, counts.KEPT_SECONDS)
        return kept

    @cached_property
    def views(self) -> list[RailView]:
        """The person's own views, then those that colleagues share."""
        counted: dict[str, Count] = cache.get(_key(self._person), {})
        here = self._request.GET.get("view")
        return [
            RailView(view, address_of(view), view.slug == here, counted.get(view.slug))
            for view in self._found[:MOST_SHOWN]
        ]

    @property
    def more(self) -> int:
        return len(self._found) - len(self.views)

    @property
    def is_counted(self) -> bool:
        if unseen_counted_lately(self._person) is None or approvals.counted_lately(self._person) is None:
            return False
        return self._need is not None and all(each.count is not None for each in self.views)

    @property
    def approvals(self) -> str:
        """How many approvals wait for the person; empty for none, and until they are counted."""
        return approvals.counted_lately(self._person) or ""

    @cached_property
    def _need(self) -> Count | None:
        """How many numbers need somebody. Home and the list of numbers count it where it is not known."""
        counts_it = self._route in {"phones:home", "phones:list"}
        counted = counts.recent_counts if counts_it else counts.counted_lately
        return counted(self._person).get(counts.NEED_SOMEBODY)

    @property
    def need(self) -> str:
        """The same in words; empty for none, and where it is not known."""
        if self._need is None or not self._need.counted:
            return ""
        return f"{self._need.short} need{'s' if self._need.counted == 1 else ''} you"

    @property
    def is_titled(self) -> bool:
        """Whether the page says in its title how many numbers need somebody: home, and every list."""
        return self._route in {"phones:home", *(each.route for each in LISTS.values())}

    @cached_property
    def opens(self) -> dict[str, str]:
        """The address that each list has in the navigation: of the view that the person wants first, or of all rows."""
        opens = {name: reverse(each.route) for name, each in LISTS.items()}
        first = [view for view in self._found if view.is_default]  # type: ignore[attr-defined] # annotated
        return opens | {view.list_name: str(address_of(view)) for view in first}


def rail(request: HttpRequest) -> dict[str, object]:
    """The context of every template: `rail`, for whoever is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"rail": SimpleLazyObject(lambda: Rail(request))}  # type: ignore[arg-type] # a signed-in person's


def views_of(person: User) -> SavedViewQuerySet:
    """The views that `person` may open, their own first, each with whether their list opens with it (`is_default`)."""
    preferred = ListPreference.objects.filter(person=person.pk, default_view=OuterRef("pk"))
    views = SavedView.objects.visible_to(person).select_related("owner")
    return views.annotate(
        is_default=Exists(preferred), is_own=ExpressionWrapper(Q(owner=person.pk), BooleanField())
    ).order_by("-is_own", "name", "pk")


def forget() -> None:
    """Read everybody's views anew for their next page: one was changed.

    Where processes share no cache, the pages of the others show it within a minute.
    """
    cache.set(_CHANGED, uuid4().hex, None)


def address_of(view: SavedView) -> Address:
    return Address(reverse(list_named(view.list_name).route), (("view", view.slug),))


def count_views(views: Iterable[SavedView], person: User) -> dict[str, Count]:
    """How many rows each of `views` finds for `person` now, by its slug. They are kept for the next pages."""
    rows: dict[str, Rows] = {}
    found: dict[str, Count] = {}
    for view in views:
        try:
            filters = query_of(view).opened(person).filters
        except UnusableQueryError:
            continue
        filters.reads_ahead = False
        if (known := filters.known_count) is not None:
            found[view.slug] = known
        else:
            rows[view.slug] = filters.qs
    if rows:
        found |= counts_of(rows, limit=counts.COUNTED)
    cache.set(_key(person), found, counts.KEPT_SECONDS)
    return found


def _key(person: User) -> str:
    return f"view-counts-{roles.sight_key(person)}"


def _views_key(person: User) -> str:
    return f"rail-views-{roles.sight_key(person)}-{cache.get(_CHANGED)}"
