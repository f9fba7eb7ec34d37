"""What Meta keeps about a number that none of its fields shows: its PIN, its code, and how often it was asked for what.

Every moment is in Unix seconds of the world's clock; 0 is long ago. What follows from it is decided in ``graph``:
``registration``, ``pins``, ``codes`` and ``name_requests``.
"""

from dataclasses import dataclass, field

_HOUR, _DAY = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Limit:
    """``most`` calls within ``seconds``. One more shuts the door for ``block`` seconds; 0: till the oldest has aged."""

    most: int
    seconds: float
    block: float = 0.0


LIMITS = {
    "register": Limit(10, 72 * _HOUR, 72 * _HOUR),
    "deregister": Limit(10, 72 * _HOUR, 72 * _HOUR),
    "request_code": Limit(10, 72 * _HOUR, 72 * _HOUR),
    "new_display_name": Limit(10, 30 * _DAY),
}
"""Register and deregister: Meta's page on registration. Display names: its page on display names. How many codes may be
asked for is not documented; ten in 72 hours, and a cool-down as long as that, is what partners report."""


@dataclass(eq=False, slots=True)
class HiddenState:
    """Of one number. ``pin`` None leaves it to ``pins.pin_of``; ``pin_is_known``: it was set through this API.

    ``deregistered`` is true from a deregistration through this API until the next registration. ``moves_from`` is the
    id that the number has on the WABA it is to leave.
    """

    pin: str | None = None
    pin_is_known: bool = False
    wrong_pins: list[float] = field(default_factory=list)
    pin_paused_until: float = 0.0
    pin_locked_until: float = 0.0
    code: str | None = None
    code_ends: float = 0.0
    codes_sent: int = 0
    wrong_codes: int = 0
    code_locked_until: float = 0.0
    calls: dict[str, list[float]] = field(default_factory=dict)
    blocked_until: dict[str, float] = field(default_factory=dict)
    region: str | None = None
    deregistered: bool = False
    half_deregistered: bool = False
    deletion_settles: float = 0.0
    moves_from: str = ""

    def count(self, kind: str, now: float) -> float:
        """Count a call of one of the kinds in ``LIMITS``; the seconds to wait when it is one too many, else 0."""
        if now < self.blocked_until.get(kind, 0.0):
            return self.blocked_until[kind] - now
        limit, calls = LIMITS[kind], self.counted(kind, now)
        if len(calls) >= limit.most:
            self.blocked_until[kind] = now + limit.block if limit.block else calls[0] + limit.seconds
            return self.blocked_until[kind] - now
        self.calls[kind] = [*calls, now]
        return 0.0

    def counted(self, kind: str, now: float) -> list[float]:
        """When the calls of this kind were made that still count, oldest first."""
        return [each for each in self.calls.get(kind, ()) if each > now - LIMITS[kind].seconds]
