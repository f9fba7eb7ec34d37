"""The partner's line of credit, lent to customers."""

import re

from portal.graph.http.usage import Meter
from portal.graph.payloads import ShapeError, checked_id, identity
from portal.graph.writes.sending import Sending, read_success

_CURRENCY = re.compile(r"[A-Z]{3}")


def read_allocation(body: object, waba_id: str) -> str:
    """The id of the credit line's share for this WABA. Raises `ShapeError`."""
    found = body if isinstance(body, dict) else {}
    allocation_config_id = identity(found.get("allocation_config_id"))
    if found.get("waba_id") is not None and identity(found["waba_id"]) != waba_id:
        raise ShapeError("the answer is about another object")
    return allocation_config_id


class CreditLines(Sending):
    def share_credit_line(
        self, extended_credit_id: str, *, token: str, waba_id: str, waba_currency: str, meter: Meter | None = None
    ) -> str:
        """The id of the share (`allocation_config_id`) by which the partner's line of credit pays for a WABA.

        `token` is the partner's system user's; `waba_currency` is a currency's code, such as `USD`.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/share-and-revoke-credit-lines
        """
        if not _CURRENCY.fullmatch(waba_currency):
            raise ValueError("A currency is three capital letters.")
        return self._send(
            extended_credit_id,
            "whatsapp_credit_sharing_and_attach",
            lambda body: read_allocation(body, waba_id),
            token,
            meter,
            body={"waba_id": checked_id(waba_id), "waba_currency": waba_currency},
        )

    def revoke_credit_line(self, allocation_config_id: str, *, token: str, meter: Meter | None = None) -> None:
        """Ends a share of the partner's line of credit: the WABA that it paid for needs a payment method of its own.

        Source: as of `share_credit_line`.
        """
        self._send(checked_id(allocation_config_id), "", read_success, token, meter, method="DELETE")
