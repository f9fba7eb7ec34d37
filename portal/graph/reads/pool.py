"""The pre-verified pool: numbers of the partner's, verified once and offered to customers in their signup.

A code for one is asked for and handed in by `request_code` and `verify_code`, with the id it has in the pool.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/pre-verified-numbers
"""

from portal.graph.http.usage import Meter
from portal.graph.reads.asking import Calls
from portal.graph.reads.fields import BUSINESS, PREVERIFIED
from portal.graph.reads.readings import PreverifiedReading, read_business, read_preverified
from portal.graph.writes import changes
from portal.graph.writes.changes import read_new_id, read_success


class PreverifiedPool(Calls):
    """The client's methods about pre-verified numbers. `token` is that of an admin of the business whose pool it is."""

    def preverified_numbers(
        self, business_id: str, *, token: str, meter: Meter | None = None
    ) -> list[PreverifiedReading]:
        """All numbers of a business's pool. Whole, or an error."""
        pages = self._walk(business_id, "preverified_numbers", PREVERIFIED, read_preverified, token, meter)
        return self._whole(pages, lambda number: number.preverified_id)[0]

    def preverified_number(self, preverified_id: str, *, token: str, meter: Meter | None = None) -> PreverifiedReading:
        """One number of a pool; `NotVisible` once a customer has taken it, for then it is a number of its own."""
        return self._node(preverified_id, PREVERIFIED, read_preverified, token, meter)

    def preverified_partners(
        self, preverified_id: str, *, token: str, meter: Meter | None = None
    ) -> list[tuple[str, str]]:
        """The businesses that a number is shared with, by id and name. Whole, or an error."""
        pages = self._walk(preverified_id, "partners", BUSINESS, read_business, token, meter)
        return self._whole(pages, lambda business: business[0])[0]

    def add_preverified_number(
        self, business_id: str, *, token: str, phone_number: str, meter: Meter | None = None
    ) -> str:
        """The id of a number newly in the pool. `phone_number` is digits only, its calling code first."""
        return self._change(business_id, changes.add_preverified(phone_number), read_new_id, token, meter)

    def share_preverified_number(
        self,
        business_id: str,
        *,
        token: str,
        preverified_id: str,
        partner_business_id: str,
        meter: Meter | None = None,
    ) -> None:
        """Lets a partner offer a number of the pool of `business_id` to its own customers."""
        change = changes.share_preverified(preverified_id, partner_business_id)
        self._change(business_id, change, read_success, token, meter)

    def unshare_preverified_number(
        self,
        business_id: str,
        *,
        token: str,
        preverified_id: str,
        partner_business_id: str,
        meter: Meter | None = None,
    ) -> None:
        """Ends that."""
        change = changes.unshare_preverified(preverified_id, partner_business_id)
        self._change(business_id, change, read_success, token, meter)

    def delete_preverified_number(self, preverified_id: str, *, token: str, meter: Meter | None = None) -> None:
        """Takes a number out of its pool."""
        self._change(preverified_id, changes.DELETE_NODE, read_success, token, meter)
