"""Writes down which changes each webhook is to be posted. Whatever runs twice writes each down once."""

import datetime
from collections.abc import Iterable

from django.db.models import Exists, Max, OuterRef, QuerySet

from clients import roles
from clients.models import User
from clients.models.people import PeopleQuerySet
from phones.models import Change, Webhook, WebhookDelivery
from portal import database_clock, stopping
from portal.rows import row_or_none
from portal.web.query import ListQuery, UnusableQueryError

# A transaction that wrote history is committed or gone by then.
SETTLES_WITHIN = datetime.timedelta(minutes=10)
AT_ONCE = 2_000


def find_all(*, stop_at: float) -> int:
    """Look through the history behind each webhook that is on; gives how many deliveries are new."""
    found = 0
    for webhook in Webhook.objects.filter(is_on=True).order_by("pk"):
        if stopping.turn_is_over(stop_at):
            break
        found += _find(webhook, stop_at=stop_at)
    return found


def begin_now(webhook: Webhook) -> None:
    """What has happened until now is no news (not saved)."""
    last = Change.objects.aggregate(last=Max("pk"))["last"] or 0
    webhook.reached = webhook.sure = last
    webhook.moved_at = database_clock.now()


def person_of(webhook: Webhook) -> User | None:
    """As whom it sees; None where they may not sign in or have no role any more."""
    person = row_or_none(_at_work([webhook.person_id]))
    return person if person is not None and roles.role_of(person) is not None else None


def seeing(webhooks: Iterable[Webhook]) -> list[int]:
    """The keys of those whose person may still sign in and has a role."""
    owners = {webhook.pk: webhook.person_id for webhook in webhooks}
    there = {person.pk for person in _at_work(owners.values()) if roles.role_of(person) is not None}
    return [key for key, owner in owners.items() if owner in there]


def _at_work(keys: Iterable[int]) -> QuerySet[User]:
    return PeopleQuerySet(User).with_role().filter(pk__in=set(keys), is_active=True)


def _find(webhook: Webhook, *, stop_at: float) -> int:
    now, last = database_clock.now(), Change.objects.aggregate(last=Max("pk"))["last"] or 0
    lines, count = _lines(webhook), 0
    while keys := list(lines.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        made = [WebhookDelivery(webhook=webhook, change_id=key, waits_since=now) for key in keys]
        WebhookDelivery.objects.bulk_create(made, ignore_conflicts=True)
        count += len(keys)
        if stopping.turn_is_over(stop_at):
            # The mark stays: what was not looked at yet is found next time.
            return count
    if now - webhook.moved_at >= SETTLES_WITHIN:
        # Unless it was switched on meanwhile, and begins there.
        unmoved = Webhook.objects.filter(pk=webhook.pk, moved_at=webhook.moved_at)
        unmoved.update(sure=webhook.reached, reached=last, moved_at=now)
    return count


def _lines(webhook: Webhook) -> QuerySet[Change]:
    """The lines of history behind the mark that it is to get and has not been given."""
    person = person_of(webhook)
    if person is None:
        return Change.objects.none()
    given = WebhookDelivery.objects.filter(webhook=webhook, change=OuterRef("pk"))
    lines = Change.objects.visible_to(person).filter(pk__gt=webhook.sure, kind__in=webhook.kinds)
    lines = lines.exclude(Exists(given))
    if webhook.query is None:
        return lines
    try:
        numbers = ListQuery.of_json(webhook.query).opened(person).filters.qs
    except UnusableQueryError:
        return lines.none()
    return lines.filter(number__in=numbers.order_by().values("pk"))
