"""The log of Graph requests that the practice server saw, for tests and trainers.

``query`` has the parameters of query and body; of secrets, only the names are kept, as ``withheld``.
"""

from collections import deque
from collections.abc import Callable
from time import time

from portal.sandbox.http.messages import Request, Values

_KEPT = 50_000
_SECRETS = frozenset(
    {
        *("access_token", "input_token", "fb_exchange_token", "verify_token", "appsecret_proof", "client_secret"),
        *("code", "pin", "backup", "webhook_configuration", "batch"),
    }
)


class RequestLog:
    """Requests in the order of their arrival. ``in_flight`` is how many wait for their reply just now.

    ``token_name`` says which token a request presents, as Graph knows it; None for one that nobody was given.
    """

    def __init__(self, token_name: Callable[[Request], str | None]) -> None:
        self._token_name = token_name
        self._entries: deque[Values] = deque(maxlen=_KEPT)
        self._order = 0
        self.in_flight = 0
        self.most_in_flight = 0

    def open(self, request: Request) -> Values:
        """Note a request that has arrived; the entry, to be handed to :meth:`close`."""
        self._order += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        entry: Values = {
            "order": self._order,
            "at": time(),
            "method": request.method,
            "path": request.path,
            "query": {name: value for name, value in request.parameters.items() if name not in _SECRETS},
            "withheld": sorted(_SECRETS & request.parameters.keys()),
            "token": self._token_name(request),
            "status": None,
            "in_flight": True,
        }
        self._entries.append(entry)
        return entry

    def close(self, entry: Values, status: int | None) -> None:
        """Note that a request was answered, or that its connection ended without an answer (None)."""
        if entry["in_flight"]:
            self.in_flight -= 1
            entry["in_flight"] = False
            entry["status"] = status

    def clear(self) -> int:
        """Forget what was seen; how many requests that were. The order numbers go on."""
        count = len(self._entries)
        self._entries.clear()
        self.most_in_flight = self.in_flight
        return count

    def as_json(self) -> Values:
        """The whole log, oldest request first."""
        return {
            "requests": list(self._entries),
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
        }
