"""WhatsApp Business Accounts: which fields are asked for, what comes back, one account and the listings of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from portal.graph.http.usage import Meter
from portal.graph.payloads import moment, text, texts
from portal.graph.reads.asking import Asking
from portal.graph.reads.businesses import id_in, name_in
from portal.graph.reads.fields import FieldSet

WABA = FieldSet(
    "waba",
    core={"id": text, "name": text},
    extra={
        "currency": text,
        "timezone_id": text,
        "account_review_status": text,
        "business_verification_status": text,
        "status": text,
        "ownership_type": text,
        "owner_business_info": texts,
        "on_behalf_of_business_info": texts,
        "country": text,
        "creation_time": moment,
        "whatsapp_business_manager_messaging_limit": text,
    },
    graph_type="WhatsAppBusinessAccount",
)


@dataclass(frozen=True, slots=True)
class WabaReading:
    """One WhatsApp Business Account as Graph showed it at one moment; the same shape as `NumberReading`."""

    waba_id: str
    values: Mapping[str, object]
    requested: frozenset[str]
    odd: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner_business_id(self) -> str | None:
        return id_in(self.values.get("owner_business_info"))

    @property
    def owner_business_name(self) -> str | None:
        return name_in(self.values.get("owner_business_info"))


def read_waba(raw: object, asked: frozenset[str]) -> WabaReading:
    """One WABA from Graph's object for it. Raises `ShapeError`."""
    waba_id, values, odd = WABA.read(raw)
    return WabaReading(waba_id, values, asked, odd)


class Accounts(Asking):
    def waba(self, waba_id: str, *, token: str, meter: Meter | None = None) -> WabaReading:
        return self._node(waba_id, WABA, read_waba, token, meter)

    def client_wabas(self, business_id: str, *, token: str, meter: Meter | None = None) -> Iterator[list[WabaReading]]:
        """The WABAs that customers shared with a business, lazily, one list per page; a list may be empty.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-accounts
        """
        return self._wabas(business_id, "client_whatsapp_business_accounts", token, meter)

    def owned_wabas(self, business_id: str, *, token: str, meter: Meter | None = None) -> Iterator[list[WabaReading]]:
        """The WABAs a business owns itself; otherwise as `client_wabas`."""
        return self._wabas(business_id, "owned_whatsapp_business_accounts", token, meter)

    def _wabas(self, business_id: str, edge: str, token: str, meter: Meter | None) -> Iterator[list[WabaReading]]:
        pages = self._walk(business_id, edge, WABA, read_waba, token, meter)

        def unseen() -> Iterator[list[WabaReading]]:
            seen: set[str] = set()
            for _number, page in pages:
                fresh = {waba.waba_id: waba for waba in page.items if waba.waba_id not in seen}
                seen.update(fresh)
                yield list(fresh.values())

        return unseen()
