"""What the open page of a number asks from time to time: whether there is anything newer to be said of it."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from phones.choices import ActionKind, ActionState
from phones.models import Action, Change, PhoneNumber
from phones.views import news
from phones.views.addressed_row import visible_number
from phones.views.request import DeskRequest
from portal.web.addresses import Address
from portal.web.news import SHOWN, mark_of, told_by, updates_between

# Older actions are closed and stay as they are.
_NEWEST = 20
# That it was read again and nothing came of it is no news; the rest of these is made of other columns.
_QUIET = {"provenance", "odd_values", "search_text"}
_TELLING = [field.attname for field in PhoneNumber._meta.concrete_fields if field.name not in _QUIET]


def actions_of(number: PhoneNumber) -> QuerySet[Action]:
    """What was done to it. Readings that went well show in the ages of the facts."""
    return Action.objects.filter(number=number).exclude(kind=ActionKind.REFRESH, state=ActionState.SUCCEEDED)


def address_of(number: PhoneNumber, changes: Sequence[Change], actions: Sequence[Action], *, is_older: bool) -> Address:
    """Where the page asks that shows these changes and actions, newest first; `is_older`: not the newest changes."""
    newest = changes[0].pk if changes and not is_older else None
    address = Address(reverse("phones:number-news", args=[number.phone_number_id]))
    shown = address.setting(SHOWN, _mark(number, newest, actions))
    return shown.setting("older", "yes") if is_older else shown


@require_safe
def of_number(request: DeskRequest, phone_number_id: str) -> JsonResponse:
    found = visible_number(request.user, phone_number_id)
    newest = None
    if not request.GET.get("older"):
        changes = Change.objects.filter(number=found).order_by("-at", "-pk")
        newest = changes.values_list("pk", flat=True).first()
    now = _mark(found, newest, actions_of(found)[:_NEWEST])
    return news.answer(news.NEWER_FACTS if updates_between(request.GET.get(SHOWN, ""), now) else "")


def _mark(number: PhoneNumber, newest_change: int | None, actions: Sequence[Action] | QuerySet[Action]) -> str:
    states = [(one.pk, one.state, one.closed_at) for one in actions[:_NEWEST]]
    return mark_of([[*told_by(number, _TELLING), newest_change, states]])
