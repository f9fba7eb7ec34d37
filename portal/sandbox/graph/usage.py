"""Hourly quotas: what each WABA and the app have used up, when a call is refused, and the headers that tell.

From Meta's page on rate limiting (developers.facebook.com/docs/graph-api/overview/rate-limiting/): 200 calls per app,
WABA and rolling hour, 5,000 once the WABA has a registered number. Calls made while blocked prolong the block.
"""

from collections import deque
from collections.abc import Iterable
from math import ceil

from portal.sandbox.graph import errors
from portal.sandbox.world.values import is_registered
from portal.sandbox.world.world import Waba, World

_HOUR = 3600.0
_QUIET, _ACTIVE = 200, 5_000
_APP_LIMIT = 200_000  # 200 calls for each daily user of the app, of whom this one has a thousand
_SHOWN_WABAS = 32


class Usage:
    """Counts calls. ``multiplier`` scales every quota; None switches them off."""

    def __init__(self, world: World, multiplier: float | None) -> None:
        self._world = world
        self._multiplier = multiplier
        self._calls: dict[str, deque[float]] = {}
        self._limits: dict[str, int] = {}

    def charge_waba(self, waba: Waba) -> None:
        """Count one call against a WABA. Raises GraphError 80008 when its hour is used up."""
        registered = any(is_registered(number) for number in waba.numbers)
        if not self._charge(waba.id, _ACTIVE if registered else _QUIET):
            raise errors.waba_throttled(self._minutes(waba.id))

    def charge_app(self) -> None:
        """Count one call against the app. Raises GraphError 4 when its hour is used up."""
        if not self._charge("app", _APP_LIMIT):
            raise errors.app_throttled()

    def headers(self, charged: Iterable[Waba]) -> list[tuple[str, str]]:
        """The usage headers for a call that was charged to these WABAs."""
        calls = self._percent("app")
        found = [("X-App-Usage", f'{{"call_count":{calls},"total_cputime":{calls // 2},"total_time":{calls // 2}}}')]
        entries = [self._entry(waba.id) for waba in list(charged)[:_SHOWN_WABAS]]
        if entries:
            found.append(("X-Business-Use-Case-Usage", "{" + ",".join(entries) + "}"))
        return found

    def _charge(self, key: str, limit: int) -> bool:
        """Whether the call is allowed. Only as many calls are remembered as the limit allows."""
        if self._multiplier is None:
            return True
        limit = max(1, int(limit * self._multiplier))
        now = self._world.now()
        calls = self._calls.setdefault(key, deque())
        self._limits[key] = limit
        while calls and (calls[0] <= now - _HOUR or len(calls) > limit):
            calls.popleft()
        allowed = len(calls) < limit
        calls.append(now)
        return allowed

    def _entry(self, key: str) -> str:
        percent = self._percent(key)
        return (
            f'"{key}":[{{"type":"whatsapp_business_management","call_count":{percent},"total_cputime":{percent // 4},'
            f'"total_time":{percent // 3},"estimated_time_to_regain_access":{self._minutes(key)}}}]'
        )

    def _percent(self, key: str) -> int:
        if key not in self._calls:
            return 0
        return min(100, 100 * len(self._calls[key]) // self._limits[key])

    def _minutes(self, key: str) -> int:
        """Minutes until the next call would be allowed; 0 when it is allowed now."""
        calls = self._calls.get(key, ())
        beyond = len(calls) - self._limits.get(key, 0)
        if beyond <= 0:
            return 0
        return max(1, ceil((calls[beyond] + _HOUR - self._world.now()) / 60))
