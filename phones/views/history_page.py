"""One page of a history, newest first: of a number, of a WABA."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from phones.models import Action, Change
from portal.web.addresses import row_key

HISTORY_PAGE = 30


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page of history, newest first. It covers `starts` (None: from the beginning) up to before `ends` (None: now).

    `older` is the key to ask for the page behind it with, None on the last.
    """

    changes: list[Change]
    older: int | None
    starts: datetime | None
    ends: datetime | None

    def of(self, actions: Sequence[Action]) -> list[Action]:
        """Those of `actions` that fall into the time of this page."""
        return [
            one
            for one in actions
            if (self.starts is None or one.created_at >= self.starts)
            and (self.ends is None or one.created_at < self.ends)
        ]


def page_of(changes: QuerySet[Change], before: str) -> HistoryPage:
    """One page of history, newest first, behind the line with key `before`."""
    key, mark = row_key(before), None
    if key is not None and (mark := changes.filter(pk=key).first()):
        changes = changes.filter(Q(at__lt=mark.at) | Q(at=mark.at, pk__lt=mark.pk))
    found = list(changes.select_related("actor", "number").order_by("-at", "-pk")[: HISTORY_PAGE + 1])
    last = found[HISTORY_PAGE - 1] if len(found) > HISTORY_PAGE else None
    return HistoryPage(
        found[:HISTORY_PAGE],
        older=last.pk if last else None,
        starts=last.at if last else None,
        ends=mark.at if mark else None,
    )
