"""How many WABAs may be asked for at once before Meta has taken a token: one, and a handful while that one is slow.

A dead token, a wrong app secret or an address that is not allowed then costs a call or two and not one a WABA; and a
token that has no calls left, a handful. Pure but for the clock; used by one thread alone.
"""

import time
from collections import Counter, defaultdict

from phones.sync import pace
from portal.graph import GraphError

SLOW_SECONDS = 1.0
HANDFUL = 4
# So many tokens refused for a setting of the app, and none taken: it is the setting and not the tokens.
SEVERAL = 3


class FirstCalls:
    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._refused_for_settings: set[int] = set()
        self._in_flight: Counter[int] = Counter()
        self._last_news = time.monotonic()

    def may_ask(self, credential: int) -> bool:
        """Whether one more reading may start with this token: without a limit once Meta has taken it."""
        if credential in self._taken:
            return True
        waiting = self._in_flight[credential] if self._taken else self._in_flight.total()
        is_slow = time.monotonic() - self._last_news > SLOW_SECONDS
        return waiting < (HANDFUL if is_slow else 1)

    def asked(self, credential: int) -> None:
        if not self._in_flight.total():
            self._last_news = time.monotonic()
        self._in_flight[credential] += 1

    def answered(self, credential: int, *, refused: bool = False, for_settings: bool = False) -> None:
        """What came of it: any answer but a refusal of the token or the app shows that Meta takes the token."""
        self._in_flight[credential] -= 1
        self._last_news = time.monotonic()
        if for_settings:
            self._refused_for_settings.add(credential)
        elif not refused:
            self._taken.add(credential)

    def doubt(self, credential: int) -> None:
        """Meta has just refused a call with this token for too many calls: again one at a time, until one is taken."""
        self._taken.discard(credential)

    @property
    def app_is_refused(self) -> bool:
        return not self._taken and len(self._refused_for_settings) >= SEVERAL


class OutOfCalls:
    """Which tokens have no calls left: Meta refused one WABA after the other with "too many calls".

    Of one WABA alone it may be that WABA's own limit.
    """

    def __init__(self) -> None:
        self._refused: defaultdict[int, set[int]] = defaultdict(set)

    def hears(self, error: GraphError | None, *, credential: int, waba: int) -> bool:
        """Note what came of a call; whether the token is to be left alone now."""
        if not pace.may_be_apps_limit(error):
            self._refused.pop(credential, None)
            return False
        self._refused[credential].add(waba)
        return credential in self.tokens

    def is_in_doubt(self, credential: int) -> bool:
        """Whether the last WABA that was asked about with it was refused so."""
        return credential in self._refused

    @property
    def tokens(self) -> frozenset[int]:
        return frozenset(credential for credential, wabas in self._refused.items() if len(wabas) >= pace.SEVERAL)
