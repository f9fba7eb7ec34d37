"""The client: what the rest of the portal calls to reach Graph.

Its methods come from one class a subject; what those share is in `calls`.
"""

from portal.graph.reads.accounts import Accounts
from portal.graph.reads.pool import PreverifiedPool
from portal.graph.reads.signup import Signup
from portal.graph.reads.subscriptions import Subscriptions
from portal.graph.writes.numbers import NumberActions


class GraphClient(Accounts, NumberActions, Signup, Subscriptions, PreverifiedPool):
    """Reads from Graph and acts on things there. One per process, safe to share between threads.

    Every method takes the token to act with (but for `exchange_code`, which gets one) and raises a `GraphError` when
    there is no usable answer, `ValueError` when an id is not made of digits. A `Meter` counts what the calls cost and
    sets their deadline.

    A read may ask more than once. A call that changes something sends one request and never another: its error says by
    `effect_possible` whether it may have taken effect, and only reading the object settles that. `ValueError` from one
    means that a value is wrong on its face and nothing was sent; it never repeats the value.
    """

    @property
    def answered_version(self) -> str | None:
        """The version that answered in place of the one asked for, as on expired versions; None when all is well."""
        return self._transport.answered_version

    @property
    def refused_fields(self) -> dict[tuple[str, str], frozenset[str]]:
        """By version and node type (`phone_number`, `waba`, …), the fields this server does not know."""
        return self._refused.snapshot()

    def close(self) -> None:
        """Closes the pooled connections."""
        self._transport.close()
