"""The pre-verified pool: numbers put into it, offered to partners, taken out.

A code for one is asked for and handed in by `request_code` and `verify_code`, with the id it has in the pool.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/pre-verified-numbers
"""

import re

from portal.graph.http.usage import Meter
from portal.graph.payloads import checked_id
from portal.graph.writes.sending import Sending, read_new_id, read_success

_WHOLE_NUMBER = re.compile(r"[1-9][0-9]{4,14}")


class PoolActions(Sending):
    """The writer's methods about the pool. `token` is that of an admin of the business whose pool it is."""

    def add_preverified_number(
        self, business_id: str, *, token: str, phone_number: str, meter: Meter | None = None
    ) -> str:
        """The id of a number newly in the pool. `phone_number` is digits only, its calling code first."""
        if not _WHOLE_NUMBER.fullmatch(phone_number):
            raise ValueError("A phone number is 5 to 15 digits, with its calling code and without a plus sign.")
        body = {"phone_number": phone_number}
        return self._send(business_id, "add_phone_numbers", read_new_id, token, meter, body=body)

    def share_preverified_number(
        self, business_id: str, *, token: str, preverified_id: str, partner_business_id: str, meter: Meter | None = None
    ) -> None:
        """Lets a partner offer a number of the pool of `business_id` to its own customers."""
        body = _share(preverified_id, partner_business_id)
        self._send(business_id, "share_preverified_numbers", read_success, token, meter, body=body)

    def unshare_preverified_number(
        self, business_id: str, *, token: str, preverified_id: str, partner_business_id: str, meter: Meter | None = None
    ) -> None:
        parameters = tuple(_share(preverified_id, partner_business_id).items())
        edge = "share_preverified_numbers"
        self._send(business_id, edge, read_success, token, meter, parameters=parameters, method="DELETE")

    def delete_preverified_number(self, preverified_id: str, *, token: str, meter: Meter | None = None) -> None:
        self._send(preverified_id, "", read_success, token, meter, method="DELETE")


def _share(preverified_id: str, partner_business_id: str) -> dict[str, str]:
    return {"preverified_id": checked_id(preverified_id), "partner_business_id": checked_id(partner_business_id)}
