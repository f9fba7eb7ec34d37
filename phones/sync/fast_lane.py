"""The fast lane: WABAs that come with their numbers, many in one call, while a business's edges are walked anyway.

This is the part that asks Graph: how many WABAs at once, and when to leave it. What it can't bring is read by itself,
WABA by WABA, so that it may give up at any moment and loses nothing. No database here: it runs in a thread. What
becomes of a page stands in `lane_rows`.
"""

import datetime
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import structlog
from django.conf import settings

from clients import access
from clients.models import Credential
from phones.sync import pace
from portal import database_clock, stopping
from portal.graph import AppRefused, GraphClient, GraphError, Meter, SharedWaba, Throttled, TokenDead, WabaReading

log = structlog.get_logger(__name__)

# From so many WABAs on that are due: fewer are read by themselves, side by side, for about the same price.
LEAST_WABAS = 20
# How long both edges together may take so. What is left over is read one by one: an edge is then listed from its start,
# for which the time has to be left that a worker's task has. Meanwhile nobody else reads what the lane may bring.
SECONDS = 30
# Bad moments (silence, 5xx, a broken answer) that a smaller page is tried after; "reduce the amount of data" counts
# for none.
MOST_BAD_MOMENTS = 2
# Fewer WABAs in a call than these are read by themselves, which is as cheap, and side by side.
LEAST_SIZE = 5
# So many pages in a row without a WABA that was not on an earlier one: the edge has no end. Without numbers its end is
# looked for with more care.
MOST_PAGES_IN_VAIN = 3
# Meta would not have it so: for such a time WABAs are read by themselves.
APART_FOR = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EdgePage:
    """A page of a business edge: `wabas` alone, or those that came with their numbers as `shared`."""

    wabas: list[WabaReading] = field(default_factory=list)
    shared: list[SharedWaba] = field(default_factory=list)
    asked_at: datetime.datetime | None = None


Pages = Iterator[EdgePage]


class FastLane:
    """One walk's use of it. `gave_up` says why the rest of the walk goes without, if it does."""

    def __init__(self, credential: Credential, client: GraphClient, token: str) -> None:
        self._business, self._client, self._token = credential.business_id, client, token
        self._most = settings.SYNC_WABAS_A_CALL
        self.size = min(credential.wabas_a_call or self._most, self._most)
        self.meter: Meter = access.meter(SECONDS)
        self._ends_at = time.monotonic() + SECONDS
        self.gave_up: GraphError | None = None
        self.is_over = False
        self._bad_moments = 0
        self._was_halved = False

    def pages(self, edge: str, alone: Callable[[], Pages]) -> Pages:
        """The pages of an edge with the numbers; from where that fails on, the edge from its start without (`alone`).

        Raises what ends a walk in any case: the token, the app, or the app's budget of calls.
        """
        after: str | None = None
        found: set[str] = set()
        in_vain = 0
        while not self.is_over:
            page = self._page(edge, after)
            if page is None:
                break
            yield page[0]
            after = page[1]
            if after is None:
                return
            new = {one.waba_id for one in page[0].shared} - found
            found |= new
            in_vain = 0 if new else in_vain + 1
            if in_vain == MOST_PAGES_IN_VAIN:
                self.is_over = True
        yield from alone()

    def next_size(self) -> int | None:
        """How many WABAs to ask for the next time, where that is less than usual: after a good walk a quarter more."""
        size = self.size
        if not (self._was_halved or self.gave_up):
            size += max(1, size // 4)
        return size if size < self._most else None

    def apart_until(self, now: datetime.datetime) -> datetime.datetime | None:
        """Until when this is not tried again: what passes by itself is tried with the next walk."""
        error = self.gave_up
        if error is None or (error.kind in pace.PASSING and error.kind != "too_much_data"):
            return None
        if error.kind == "throttled":
            return now + min(error.retry_after or pace.UNTOLD_WAIT, pace.LONGEST_WAIT)
        return now + APART_FOR

    def percent_of(self, waba_id: str) -> int:
        """How much of a WABA's quota is used, as far as Meta said: by the WABA, by our business, or of the app."""
        return max(self.meter.usage.app_percent, self.told_of(waba_id) or 0)

    def told_of(self, waba_id: str) -> int | None:
        """The same without the app's; None where Meta told nothing of the WABA or our business."""
        told = self.meter.usage.object_percent
        return max((told[one] for one in (waba_id, self._business) if one in told), default=None)

    def _page(self, edge: str, after: str | None) -> tuple[EdgePage, str | None] | None:
        """The next page and the cursor behind it; None where this lane is over."""
        while not (self._is_out_of_time() or stopping.is_asked()):
            asked_at = database_clock.now()
            try:
                page = self._client.shared_wabas(
                    self._business, edge, token=self._token, meter=self.meter, limit=self.size, after=after
                )
            except (TokenDead, AppRefused):
                raise
            except Throttled as error:
                if pace.may_be_apps_limit(error):
                    raise
                self.gave_up = error
                break
            except GraphError as error:
                if not self._halve(error):
                    self.gave_up = None if self._is_out_of_time() else error
                    break
            except Exception:  # a fault of ours: the rest is read as if there were no such lane
                log.exception("A page of WABAs with their numbers could not be read.")
                break
            else:
                return EdgePage(shared=page.items, asked_at=asked_at), page.after
        self.is_over = True
        return None

    def _is_out_of_time(self) -> bool:
        return time.monotonic() >= self._ends_at

    def _halve(self, error: GraphError) -> bool:
        """Whether a page half as large is worth a try after `error`; then the next one is."""
        if self.size // 2 < LEAST_SIZE or self._is_out_of_time():
            return False
        if error.kind != "too_much_data":
            if error.kind not in pace.PASSING or self._bad_moments == MOST_BAD_MOMENTS:
                return False
            self._bad_moments += 1
        self.size //= 2
        self._was_halved = True
        return True
