"""The pre-verified pool as Graph shows it: numbers of the partner's that customers are offered in their signup.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/pre-verified-numbers
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.graph.http.usage import Meter
from portal.graph.payloads import moment, text, texts
from portal.graph.reads.asking import Asking
from portal.graph.reads.businesses import BUSINESS, id_in, name_in, read_business
from portal.graph.reads.fields import FieldSet

PREVERIFIED = FieldSet(
    "preverified_number",
    core={"id": text, "phone_number": text, "code_verification_status": text},
    extra={"code_verification_time": moment, "verification_expiry_time": moment, "owner_business": texts},
    graph_type=r"WhatsApp(?!BusinessAccount$|BusinessPhoneNumber$)\w+",
)


@dataclass(frozen=True, slots=True)
class PreverifiedReading:
    """One number of a pre-verified pool as Graph showed it at one moment; the same shape as `NumberReading`.

    Each property is None when Graph did not return it.
    """

    preverified_id: str
    values: Mapping[str, object]
    requested: frozenset[str]
    odd: Mapping[str, str] = field(default_factory=dict)

    @property
    def phone_number(self) -> str | None:
        """The number as Graph writes it, usually digits only."""
        return _text_of(self.values.get("phone_number"))

    @property
    def code_verification_status(self) -> str | None:
        """`VERIFIED`, `NOT_VERIFIED`, `EXPIRED`, or whatever else Meta says."""
        return _text_of(self.values.get("code_verification_status"))

    @property
    def code_verification_time(self) -> datetime | None:
        """When it was verified last, in UTC."""
        return _time_of(self.values.get("code_verification_time"))

    @property
    def verification_expiry_time(self) -> datetime | None:
        return _time_of(self.values.get("verification_expiry_time"))

    @property
    def owner_business_id(self) -> str | None:
        return id_in(self.values.get("owner_business"))

    @property
    def owner_business_name(self) -> str | None:
        return name_in(self.values.get("owner_business"))


def read_preverified(raw: object, asked: frozenset[str]) -> PreverifiedReading:
    """One number of the pool from Graph's object for it. Raises `ShapeError`."""
    preverified_id, values, odd = PREVERIFIED.read(raw)
    return PreverifiedReading(preverified_id, values, asked, odd)


def _text_of(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _time_of(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


class PreverifiedPool(Asking):
    """The client's methods that read the pool. `token` is that of an admin of the business whose pool it is."""

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
