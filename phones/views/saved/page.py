"""Saved views: the page of all that a person may open, keeping and changing them, and how many rows each finds now."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from clients import roles, saved_views
from clients.filters import names_of_clients
from clients.models import SavedView, User
from phones.alert_choices import DigestDays
from phones.alerts import mailed_views, people
from phones.approvals import decide as approvals
from phones.changes.seen import unseen_count
from phones.listing import counts
from phones.listing.queues import QUEUES
from phones.views import rail
from phones.views.no_role import NO_ROLE
from phones.views.request import DeskRequest, way_back
from portal.web.addresses import Address
from portal.web.list_parts import EmptyState
from portal.web.query import ListQuery, UnusableQueryError

NO_VIEWS = EmptyState(
    "No views yet",
    "Narrow any list to what you look at often, sort it, and choose “Save view” above it. It is one click away then.",
)


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One view as a person sees it. `words` say what it asks for, `trouble` why it can’t be opened any more."""

    view: SavedView
    address: Address
    words: str
    trouble: str
    is_own: bool
    is_default: bool
    is_mailed: bool
    may_change: bool
    may_share: bool


@require_http_methods(["GET", "HEAD", "POST"])
def views(request: DeskRequest) -> HttpResponse:
    """All views that the person may open; the POST keeps a new one and opens it."""
    if request.method == "POST":
        return _keep(request)
    found = list(rail.views_of(request.user))
    named = [value for view in found for name, value in _pairs_of(view) if name == "client"]
    names_of_clients(request.user, named)
    mailed = {view.pk for view in mailed_views.views_of(people.settings_of(request.user))}
    rows = [_row(view, request.user, is_mailed=view.pk in mailed) for view in found]
    empty = NO_VIEWS if roles.role_of(request.user) else NO_ROLE
    return render(request, "saved/page.html", {"rows": rows, "empty": empty})


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: DeskRequest, slug: str) -> HttpResponse:
    """The way to a view's list, by the name of the view alone; the POST changes it, by the button `do`."""
    found = get_object_or_404(SavedView.objects.visible_to(request.user), slug=slug)
    if request.method != "POST":
        return HttpResponseRedirect(str(rail.address_of(found)))
    change = _CHANGES.get(request.POST.get("do", ""))
    if change is None:
        raise BadRequest(f"do is one of {', '.join(_CHANGES)}")
    is_workable = SavedView.objects.workable_by(request.user).filter(pk=found.pk).exists()
    if change not in _FOR_EVERYBODY and not is_workable:
        raise PermissionDenied
    try:
        messages.success(request, change(found, request))
    except (saved_views.ViewNotUsableError, UnusableQueryError) as error:
        messages.error(request, str(error))
    rail.forget()
    if change is _replace:
        return HttpResponseRedirect(str(rail.address_of(found)))
    return HttpResponseRedirect(way_back(request, "phones:views"))


@require_safe
def count(request: DeskRequest) -> HttpResponse:
    """What pages ask for every minute: the navigation's views with what they find, unseen changes, counts of queues."""
    context: dict[str, object] = {}
    if roles.role_of(request.user) is not None:
        counts.recent_counts(request.user)
        rail.count_views(rail.views_of(request.user)[: rail.MOST_SHOWN], request.user)
        context["unseen"] = unseen_count(request.user)
        approvals.waiting_for(request.user)
        kept = counts.counted_lately(request.user)
        context["queues"] = [(name, kept[name]) for name in QUEUES if name in kept] if "queues" in request.GET else []
    return render(request, "saved/counted.html", context)


def _keep(request: DeskRequest) -> HttpResponse:
    form = request.POST
    try:
        query = ListQuery.of_address(form.get("list", ""), form.get("query", ""), request.user)
        kept = saved_views.keep_view(
            query=query, name=form.get("name", ""), is_shared=bool(form.get("is_shared")), person=request.user
        )
    except (saved_views.ViewNotUsableError, UnusableQueryError) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(way_back(request, "phones:views"))
    rail.forget()
    messages.success(request, f"Saved as “{kept}”{', for everybody' if kept.is_shared else ''}.")
    return HttpResponseRedirect(str(rail.address_of(kept)))


def _pairs_of(view: SavedView) -> tuple[tuple[str, str], ...]:
    try:
        return saved_views.query_of(view).pairs
    except UnusableQueryError:
        return ()


def _row(view: SavedView, person: User, *, is_mailed: bool) -> ViewRow:
    words, trouble = "", ""
    try:
        words = saved_views.query_of(view).opened(person).words
    except UnusableQueryError as error:
        trouble = str(error)
    is_own = view.owner_id == person.pk
    return ViewRow(
        view,
        rail.address_of(view),
        words,
        trouble,
        is_own=is_own,
        is_default=view.is_default,  # type: ignore[attr-defined] # annotated
        is_mailed=is_mailed,
        may_change=is_own or roles.runs_the_desk(person),
        may_share=roles.may_change(person),
    )


# --- What the buttons do; each says what it did -----------------------------------------------------------------------


def _rename(view: SavedView, request: DeskRequest) -> str:
    saved_views.rename(view=view, name=request.POST.get("name", ""))
    return f"It is called “{view}” now. Its address stays."


def _share(view: SavedView, request: DeskRequest) -> str:
    saved_views.share(view=view, is_shared=True, actor=request.user)
    return f"Everybody with a role may open “{view}” now, and finds their own clients’ rows."


def _unshare(view: SavedView, request: DeskRequest) -> str:
    saved_views.share(view=view, is_shared=False, actor=request.user)
    return f"“{view}” is for {view.owner} alone now."


def _replace(view: SavedView, request: DeskRequest) -> str:
    query = ListQuery.of_address(view.list_name, request.POST.get("query", ""), request.user)
    saved_views.replace_query(view=view, query=query)
    return f"“{view}” asks for this now."


def _delete(view: SavedView, request: DeskRequest) -> str:  # noqa: ARG001 - all changes are called alike
    view.delete()
    return f"“{view}” is deleted."


def _open_first(view: SavedView, request: DeskRequest) -> str:
    saved_views.open_first(view=view, person=request.user, is_default=True)
    return f"The navigation leads you to “{view}” now."


def _open_all(view: SavedView, request: DeskRequest) -> str:
    saved_views.open_first(view=view, person=request.user, is_default=False)
    return "The navigation leads you to the whole list now."


def _mail(view: SavedView, request: DeskRequest) -> str:
    wants = mailed_views.have_mailed(view=view, person=request.user, is_wanted=True)
    if wants.digest_days == DigestDays.NEVER:
        return f"“{view}” will come with your morning mail once you choose its days, under Your mails."
    return f"“{view}” comes with your morning mail now: how many rows it finds, and the first of them."


def _mail_no_more(view: SavedView, request: DeskRequest) -> str:
    mailed_views.have_mailed(view=view, person=request.user, is_wanted=False)
    return f"“{view}” comes with your mails no more."


_CHANGES: dict[str, Callable[[SavedView, DeskRequest], str]] = {
    "rename": _rename,
    "share": _share,
    "unshare": _unshare,
    "replace": _replace,
    "delete": _delete,
    "open-first": _open_first,
    "open-all": _open_all,
    "mail": _mail,
    "mail-no-more": _mail_no_more,
}
_FOR_EVERYBODY = (_open_first, _open_all, _mail, _mail_no_more)
