"""The history of a number before it moved to its WABA: what the desk wrote down under the id that it had before."""

from collections.abc import Sequence
from dataclasses import dataclass

from clients.models import User
from phones.changes.lines import lines_of
from phones.models import Change, PhoneNumber
from phones.numbers import rules
from phones.views.history import HistoryEntry, entries_of

LINES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class FormerHistory:
    """The last lines under the former id; `is_all` where there are no more."""

    number: PhoneNumber
    entries: list[HistoryEntry]
    is_all: bool


def history_before(number: PhoneNumber, others: Sequence[PhoneNumber], user: User) -> FormerHistory | None:
    """That of the latest of `others` (the same digits under other ids) that `number` has replaced.

    None where there is none. Of what moved away from another client only what `user` may see.
    """
    earlier = (one for one in others if one.first_seen_at < number.first_seen_at and rules.is_out_of_sight(one))
    former = max(earlier, key=lambda one: one.first_seen_at, default=None)
    if former is None:
        return None
    rows = Change.objects.visible_to(user).filter(number=former).select_related("actor", "number")
    changes = list(rows.order_by("-at", "-pk")[: LINES_SHOWN + 1])
    shown = changes[:LINES_SHOWN]
    return FormerHistory(former, entries_of(lines_of(shown, user), []), len(changes) <= LINES_SHOWN)
