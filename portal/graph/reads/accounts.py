"""WhatsApp Business Accounts and their numbers, as Graph shows them. Reads only."""

import json
import re
from collections.abc import Iterator

from portal.graph.http.usage import Meter
from portal.graph.reads.asking import Calls
from portal.graph.reads.fields import PHONE_NUMBER, WABA
from portal.graph.reads.readings import NumberListing, NumberReading, WabaReading, read_number, read_waba

_ACCOUNT_MODE = re.compile(r"[A-Z_]{1,40}")


class Accounts(Calls):
    """The client's methods that read WABAs and numbers."""

    def phone_numbers(
        self, waba_id: str, *, token: str, meter: Meter | None = None, account_mode: str | None = None
    ) -> NumberListing:
        """All numbers of a WABA, or those in one account mode (`LIVE`, `SANDBOX`). Whole, or an error.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-phone-numbers
        """
        parameters: tuple[tuple[str, str], ...] = ()
        if account_mode is not None:
            if not _ACCOUNT_MODE.fullmatch(account_mode):
                raise ValueError("An account mode is a word in capitals.")
            wanted = [{"field": "account_mode", "operator": "EQUAL", "value": account_mode}]
            parameters = (("filtering", json.dumps(wanted, separators=(",", ":"))),)
        pages = self._walk(waba_id, "phone_numbers", PHONE_NUMBER, read_number, token, meter, parameters)
        numbers, count = self._whole(pages, lambda number: number.phone_number_id)
        return NumberListing(numbers, count)

    def phone_number(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> NumberReading:
        """One number."""
        return self._node(phone_number_id, PHONE_NUMBER, read_number, token, meter)

    def waba(self, waba_id: str, *, token: str, meter: Meter | None = None) -> WabaReading:
        """One WhatsApp Business Account."""
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
