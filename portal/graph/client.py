"""The client: what the rest of the portal calls to read from Graph. What changes something is in `writes`."""

from portal.graph.reads.accounts import Accounts
from portal.graph.reads.credit import CreditShares
from portal.graph.reads.details import Details
from portal.graph.reads.health import Health
from portal.graph.reads.message_links import MessageLinks
from portal.graph.reads.numbers import Numbers
from portal.graph.reads.pool import PreverifiedPool
from portal.graph.reads.profile import Profiles
from portal.graph.reads.shared_wabas import SharedWabas
from portal.graph.reads.subscriptions import Subscriptions
from portal.graph.reads.tokens import Tokens
from portal.graph.reads.waba_details import WabaDetails


class GraphClient(
    Accounts,
    CreditShares,
    Details,
    Health,
    MessageLinks,
    Numbers,
    PreverifiedPool,
    Profiles,
    SharedWabas,
    Subscriptions,
    Tokens,
    WabaDetails,
):
    """Reads from Graph. One per process, safe to share between threads; a `GraphWriter` shares its transport.

    Every method takes the token to act with (but for `exchange_code`, which gets one) and raises a `GraphError` when
    there is no usable answer, `ValueError` when an id is not made of digits. A `Meter` counts what the calls cost and
    sets their deadline. A read may ask more than once, but for `exchange_code`, which uses up the code.
    """

    def close(self) -> None:
        self.transport.close()
