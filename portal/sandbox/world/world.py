"""The practice world: businesses, their WABAs, the numbers on them, and every way in which they change.

One thread only, the server's, so there is no lock. How the world is first filled is ``book``; how it is kept on disk
is ``store``; what a field of a node says is ``values``; who may see it is ``graph.access``.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from time import gmtime, strftime, time
from typing import Literal, TypeAlias

from portal.sandbox.http.messages import Values
from portal.sandbox.world.credentials import Credentials, credentials, token_text
from portal.sandbox.world.grants import Grant, LoginCode, Subscription
from portal.sandbox.world.hidden_state import HiddenState
from portal.sandbox.world.numbering import Numbering

# How a WABA relates to the partner. An unshared one is on no business edge and opens to its own business token only.
Relation: TypeAlias = Literal["client", "owned", "unshared"]
# Why the system user cannot read a WABA that the business edge lists: permission taken away, or simply not found.
Trouble: TypeAlias = Literal["", "permission", "hidden"]

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S+0000"
_KEPT_CHANGES = 500


@dataclass(eq=False, slots=True)
class Business:
    """A business portfolio. ``country`` is the ISO code; ``limit`` its messaging limit, which its numbers repeat."""

    id: str
    name: str
    country: str
    limit: str = "TIER_2K"
    verification: str = "verified"


@dataclass(eq=False, slots=True)
class Waba:
    """A WhatsApp Business Account and the numbers that it lists, oldest first. ``created`` is in Unix seconds."""

    id: str
    owner: Business
    created: int
    own: Values
    relation: Relation = "client"
    gone: frozenset[str] = frozenset()
    trouble: Trouble = ""
    hollow: bool = False
    admits_account_mode_filter: bool = True
    numbers: list["Number"] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Number:
    """A phone number: what is its own, over ``base``, which it shares with others in the same situation.

    ``gone`` names the fields that Graph leaves out for it, whatever ``base`` says. ``wabas`` are those that list it.
    """

    id: str
    own: Values
    base: Mapping[str, object]
    wabas: tuple[Waba, ...]
    gone: frozenset[str] = frozenset()


@dataclass(eq=False, slots=True)
class PreverifiedNumber:
    """A phone number in the partner's pool, by its digits. Moments are in Unix seconds, None for what never was.

    ``pool`` keeps the status true to the clock. ``partners`` are the businesses that the number is shared with.
    """

    id: str
    owner: Business
    phone_number: str
    created: float
    code_verification_status: str = "NOT_VERIFIED"
    verified: float | None = None
    expires: float | None = None
    partners: list[Business] = field(default_factory=list)


Node: TypeAlias = Business | Waba | Number | PreverifiedNumber


@dataclass(frozen=True, slots=True)
class Callback:
    """Where the app has its events sent: the address, the token of its handshake, and the fields that it wants."""

    url: str
    verify_token: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is announced, with the signature of its session, or that has arrived, with its own digest."""

    token_name: str
    length: int
    file_type: str
    signature: str
    at: float


class World:
    """Everything the practice server knows. ``started`` (Unix seconds) is when this world began.

    ``reviews`` says when the review of a number's display name ends, ``approvals`` when an approved new name lapses
    that was not put to use: both by number id, in Unix seconds. A review takes ``review_seconds``. ``grants`` are by
    the text of their token. ``subscriptions`` are those that changed since the book, by WABA id; None when there is
    none. ``appointments`` are things that are to happen to WABAs, each with ``at`` (Unix seconds), ``kind`` and
    ``waba_id``. ``heard`` is told of every entry in the log of changes.
    ``uploads`` are files that were announced, by session, and ``handles`` those that have arrived.
    ``reached_at`` says of addresses of callbacks where they are called, if elsewhere.
    """

    def __init__(self, seed: int, started: float) -> None:
        self.seed = seed
        self.started = started
        self.credentials: Credentials = credentials(seed)
        self.partner = Business(self.credentials.business_id, "Practice Partner", "US", "TIER_UNLIMITED")
        self.nodes: dict[str, Node] = {self.partner.id: self.partner}
        self.wabas: dict[str, Waba] = {}
        self.pool: dict[str, PreverifiedNumber] = {}
        self.business_tokens: dict[str, Waba] = {}
        self.grants: dict[str, Grant] = {}
        self.login_codes: dict[str, LoginCode] = {}
        self.subscriptions: dict[str, Subscription | None] = {}
        self.token_states: dict[str, str] = {}
        self.numbering = Numbering()
        self.clock_offset = 0.0
        self.newcomers = 0
        self.drifted = 0
        self.changes: deque[Values] = deque(maxlen=_KEPT_CHANGES)
        self.touched: dict[str, Waba | Number] = {}
        self.hidden_states: dict[str, HiddenState] = {}
        self.reviews: dict[str, float] = {}
        self.approvals: dict[str, float] = {}
        self.review_seconds = 60.0
        self.appointments: list[Values] = []
        self.uploads: dict[str, Upload] = {}
        self.handles: dict[str, Upload] = {}
        self.callback: Callback | None = None
        self.reached_at: dict[str, str] = {}
        self.heard: Callable[[Values], None] | None = None
        self.unsaved = True

    def now(self) -> float:
        """The world's time in Unix seconds: the machine's, and what a test has put the clock forward by."""
        return time() + self.clock_offset

    def number(self, node_id: str) -> Number | None:
        """The number of this id, listed or not."""
        node = self.nodes.get(node_id)
        return node if isinstance(node, Number) else None

    def numbers(self) -> Iterable[Number]:
        """Every number, those included that no WABA lists any more."""
        return (node for node in self.nodes.values() if isinstance(node, Number))

    def related(self, relation: Relation) -> list[Waba]:
        """The WABAs of one relation, in the order in which they were shared."""
        return [waba for waba in self.wabas.values() if waba.relation == relation]

    def put_waba(self, waba: Waba) -> None:
        """Make a WABA known, with a business token of its own."""
        self.nodes[waba.id] = waba
        self.wabas[waba.id] = waba
        self.business_tokens[self.token_of(waba)] = waba

    def token_of(self, waba: Waba) -> str:
        """The business token that the WABA's owner granted."""
        return token_text(self.seed, f"waba:{waba.id}")

    def put_grant(self, grant: Grant) -> str:
        """Make a business token from a signup known; its text, which no other world uses."""
        text = token_text(self.seed, f"{grant.name} of {self.started}")
        self.grants[text] = grant
        self.unsaved = True
        return text

    def change_waba(self, waba: Waba, values: Mapping[str, object]) -> None:
        """Give a WABA new field values."""
        waba.own |= values
        self._touch(waba)

    def share(self, waba: Waba) -> None:
        """Have a customer's WABA shared with the partner, and readable."""
        waba.relation, waba.trouble = "client", ""
        self._touch(waba)

    def change_number(self, number: Number, values: Mapping[str, object], without: Iterable[str] = ()) -> None:
        """Give a number new field values, and take the fields named by ``without`` out of its replies."""
        number.own |= values
        for name in without:
            number.own.pop(name, None)
        number.gone = (number.gone | frozenset(without)) - values.keys()
        self._touch(number)

    def hidden_state(self, number: Number | PreverifiedNumber) -> HiddenState:
        """What no field shows of a number, for those who are about to change that."""
        self.unsaved = True
        return self.hidden_states.setdefault(number.id, HiddenState())

    def act(
        self, number: Number, kind: str, values: Mapping[str, object], without: Iterable[str] = (), **facts: object
    ) -> Values:
        """Change a number's field values and note it, with these facts, in the log of changes; the entry."""
        old = {name: number.own.get(name, number.base.get(name)) for name in values}
        self.change_number(number, values, without)
        waba_id = number.wabas[0].id if number.wabas else None
        return self.record(kind, waba_id=waba_id, phone_number_id=number.id, old=old, new=dict(values), **facts)

    def new_number(self, waba: Waba, values: Values) -> Number:
        """A number that was not there before, listed on this WABA."""
        number = Number(self._new_id(), values, {}, ())
        self.nodes[number.id] = number
        self.list_on(number, waba)
        return number

    def new_waba(self, owner: Business, own: Values, relation: Relation = "client") -> Waba:
        """A WABA that was not there before, with no numbers yet."""
        self.nodes.setdefault(owner.id, owner)
        waba = Waba(self._new_id(), owner, int(self.now()), own, relation)
        self.put_waba(waba)
        self._touch(waba)
        return waba

    def new_business(self, name: str, country: str) -> Business:
        """A business that was not there before."""
        business = Business(self._new_id(), name, country)
        self.nodes[business.id] = business
        return business

    def new_preverified(self, phone_number: str) -> PreverifiedNumber:
        """A number, by its digits, that was not in the partner's pool before."""
        entry = PreverifiedNumber(self._new_id(), self.partner, phone_number, self.now())
        self.pool[entry.id] = entry
        self.unsaved = True
        return entry

    def list_on(self, number: Number, waba: Waba) -> None:
        """Have a WABA list a number (again)."""
        if waba not in number.wabas:
            number.wabas = (*number.wabas, waba)
            waba.numbers.append(number)
        self._touch(waba)
        self._touch(number)

    def unlist(self, number: Number, waba: Waba) -> None:
        """Have a WABA list a number no more."""
        if waba in number.wabas:
            number.wabas = tuple(each for each in number.wabas if each is not waba)
            waba.numbers.remove(number)
        self._touch(waba)
        self._touch(number)

    def record(self, kind: str, **facts: object) -> Values:
        """Note a change in the log of changes; the entry."""
        entry: Values = {"at": timestamp(self.now()), "kind": kind, **facts}
        self.changes.append(entry)
        self.unsaved = True
        if self.heard is not None:
            self.heard(entry)
        return entry

    def _touch(self, node: Waba | Number) -> None:
        self.touched[node.id] = node
        self.unsaved = True

    def _new_id(self) -> str:
        """An id not in use, the same on every run that has seen the same changes."""
        while True:
            self.newcomers += 1
            found = str(Random(f"{self.seed} newcomer {self.newcomers}").randrange(10**14, 10**16))
            if found not in self.nodes and found not in self.pool:
                return found


def timestamp(second: float) -> str:
    """Unix seconds as a node's time, e.g. ``2026-03-04T09:08:07+0000``."""
    return strftime(TIME_FORMAT, gmtime(second))
