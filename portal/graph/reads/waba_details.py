"""What Graph says of a WABA beside its state: templates, payment, people, solutions, and the business that owns it.

Each method is one call, so that what Graph refuses costs nothing else. `primary_funding_id` has a call of its own
because asking for it fails the whole call for apps of non-partners.
Source: https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account
"""

from collections.abc import Callable, Mapping

from portal.graph.http.usage import Meter
from portal.graph.payloads import Convert, OddError, ShapeError, convert, identity, text, texts, truth
from portal.graph.reads.asking import Asking
from portal.graph.reads.details import DetailsReading
from portal.graph.reads.fields import FieldSet

WABA_DETAILS = FieldSet(
    "waba_details",
    core={"id": text},
    extra={
        "message_template_namespace": text,
        "marketing_messages_onboarding_status": text,
        "is_shared_with_partners": truth,
        "on_behalf_of_business_info": texts,
        "primary_business_location": text,
    },
    graph_type="WhatsAppBusinessAccount",
)
WABA_FUNDING = FieldSet(
    "waba_funding", core={"id": text}, extra={"primary_funding_id": text}, graph_type="WhatsAppBusinessAccount"
)
OWNER = FieldSet(
    "owner_business",
    core={"id": text},
    extra={
        "verification_status": text,
        "two_factor_type": text,
        "whatsapp_business_manager_messaging_limit": text,
    },
    graph_type="Business",
)
# Edges whose entries come with what Graph gives unasked.
ASSIGNED_USER = FieldSet("assigned_user")
SOLUTION = FieldSet("waba_solution")

_MOST_ENTRIES = 100
_SOLUTION: Mapping[str, Convert] = {"name": text, "status": text}


def _reader_of(fields: FieldSet) -> Callable[[object, frozenset[str]], DetailsReading]:
    def read(raw: object, asked: frozenset[str]) -> DetailsReading:
        _id, values, odd = fields.read(raw)
        return DetailsReading(values, asked, odd)

    return read


def _entry(raw: object, table: Mapping[str, Convert]) -> dict[str, object]:
    """One entry of an edge: its id, and what else of it can be used. Raises `ShapeError`."""
    if not isinstance(raw, dict):
        raise ShapeError("an entry of a list is no object")
    return {"id": identity(raw.get("id")), **convert(raw, table)[0]}


def _tasks(raw: object) -> list[str]:
    if not isinstance(raw, list):
        raise OddError
    return sorted(each for each in raw[:_MOST_ENTRIES] if isinstance(each, str))


def _assigned_user(raw: object, _asked: frozenset[str]) -> dict[str, object]:
    return _entry(raw, {"name": text, "tasks": _tasks})


def _solution(raw: object, _asked: frozenset[str]) -> dict[str, object]:
    return _entry(raw, _SOLUTION)


class WabaDetails(Asking):
    def waba_details(self, waba_id: str, *, token: str, meter: Meter | None = None) -> DetailsReading:
        """Template namespace, marketing messages, sharing and location of a WABA, as far as the node knows them."""
        return self._node(waba_id, WABA_DETAILS, _reader_of(WABA_DETAILS), token, meter)

    def waba_funding(self, waba_id: str, *, token: str, meter: Meter | None = None) -> DetailsReading:
        """`primary_funding_id`: what pays for the WABA, a shared credit line among it; nothing where nothing does."""
        return self._node(waba_id, WABA_FUNDING, _reader_of(WABA_FUNDING), token, meter)

    def assigned_users(
        self, waba_id: str, *, business_id: str, token: str, meter: Meter | None = None
    ) -> DetailsReading:
        """The people and system users of a business who may work on the WABA, as `assigned_users`.

        Source: https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/assigned_users/
        """
        of_business = (("business", business_id),)
        pages = self._walk(waba_id, "assigned_users", ASSIGNED_USER, _assigned_user, token, meter, of_business)
        return self._listed("assigned_users", self._whole(pages, lambda one: str(one["id"]))[0])

    def waba_solutions(self, waba_id: str, *, token: str, meter: Meter | None = None) -> DetailsReading:
        """The Multi-Partner Solutions that the WABA is in, as `solutions`. Unconfirmed: see docs/graph.md."""
        pages = self._walk(waba_id, "solutions", SOLUTION, _solution, token, meter)
        return self._listed("solutions", self._whole(pages, lambda one: str(one["id"]))[0])

    def owner_business(self, business_id: str, *, token: str, meter: Meter | None = None) -> DetailsReading:
        """Verification, messaging limit and two-factor requirement of a portfolio.

        Source: https://developers.facebook.com/docs/marketing-api/reference/business/
        """
        return self._node(business_id, OWNER, _reader_of(OWNER), token, meter)

    @staticmethod
    def _listed(name: str, entries: list[dict[str, object]]) -> DetailsReading:
        first = sorted(entries, key=lambda one: str(one["id"]))[:_MOST_ENTRIES]
        return DetailsReading({name: first}, frozenset({name}))
