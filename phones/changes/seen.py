"""What each person has seen of the changes: all up to a mark of theirs, and behind it single ones."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from clients import roles
from clients.models import User
from phones.changes import folding
from phones.changes.folding import Happening
from phones.changes.happenings import change_rows
from phones.models import Change, SeenChange

# How far they are counted beside the link to them.
COUNTED = 500
# Who has not looked at the changes yet begins with those of a day.
FIRST_LOOK = datetime.timedelta(hours=24)
# How long the count beside "Changes" may lag behind.
COUNT_KEPT_FOR = 30


def seen_by(user: User) -> Q:
    """The condition "`user` has said to have seen the line", for lines of history."""
    alone = SeenChange.objects.filter(person=user.pk, change=OuterRef("pk"))
    return Q(pk__lte=user.changes_seen_up_to) | Q(Exists(alone))


def first_look(user: User) -> datetime.datetime | None:
    """Since when things are new for somebody who never said to have seen any; None for who has."""
    return timezone.now() - FIRST_LOOK if user.changes_seen_at is None else None


def unseen_counted_lately(user: User) -> str | None:
    """How many happenings `user` has not seen, without counting: None where that was not counted lately."""
    kept: str | None = cache.get(_count_key(user))
    return kept


def unseen_count(user: User) -> str:
    """How many happenings `user` has not seen, for beside the link to them: kept for a while, empty where none is."""
    kept = unseen_counted_lately(user)
    if kept is not None:
        return kept
    lines = Change.objects.visible_to(user).filter(pk__gt=user.changes_seen_up_to).exclude(seen_by(user))
    if since := first_look(user):
        lines = lines.filter(at__gte=since).order_by("-at", "-pk")
    rows = change_rows(lines.order_by("-pk") if since is None else lines, most=COUNTED + 1)
    return keep_count(user, folding.count(rows[:COUNTED]), is_complete=len(rows) <= COUNTED)


def keep_count(user: User, counted: int, *, is_complete: bool) -> str:
    count = f"{counted:,}{'' if is_complete else '+'}" if counted else ""
    cache.set(_count_key(user), count, COUNT_KEPT_FOR)
    return count


def _count_key(user: User) -> str:
    return f"changes-unseen:{roles.sight_key(user)}:{user.changes_seen_up_to}"


@transaction.atomic
def have_seen_all(*, user: User, up_to: int) -> None:
    """Note that `user` has seen whatever was written down up to the key `up_to`."""
    user.changes_seen_up_to = max(up_to, user.changes_seen_up_to)
    user.changes_seen_at = timezone.now()
    user.save(update_fields=["changes_seen_up_to", "changes_seen_at"])
    SeenChange.objects.filter(person=user, change__lte=user.changes_seen_up_to).delete()


def have_seen(*, user: User, some: Iterable[Happening], up_to: int) -> int:
    """Note that `user` has seen `some` happenings, as far as they were written down up to the key `up_to`.

    Gives how many these are.
    """
    shown = [[change.pk for change in one.changes if change.pk <= up_to] for one in some]
    rows = [SeenChange(person=user, change_id=pk) for pks in shown for pk in pks if pk > user.changes_seen_up_to]
    SeenChange.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    cache.delete(_count_key(user))
    return sum(map(bool, shown))
