"""Shares of the partner's line of credit: whether one still pays for a customer."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.graph.http.usage import Meter
from portal.graph.payloads import text
from portal.graph.reads.asking import Asking
from portal.graph.reads.fields import FieldSet

CREDIT_SHARE = FieldSet(
    "credit_share", core={"id": text, "request_status": text}, graph_type="ExtendedCreditAllocationConfig"
)
# What Graph calls the state of a share that was revoked.
REVOKED = "DELETED"


@dataclass(frozen=True, slots=True)
class CreditShareReading:
    """One share (Graph's `ExtendedCreditAllocationConfig`) as Graph showed it at one moment."""

    values: Mapping[str, object]

    @property
    def is_revoked(self) -> bool | None:
        """None when Graph did not say in which state the share is."""
        status = self.values.get("request_status")
        return None if status is None else status == REVOKED


def read_credit_share(raw: object, _asked: frozenset[str]) -> CreditShareReading:
    """One share from Graph's object for it. Raises `ShapeError`."""
    _share_id, values, _odd = CREDIT_SHARE.read(raw)
    return CreditShareReading(values)


class CreditShares(Asking):
    def credit_share(self, allocation_config_id: str, *, token: str, meter: Meter | None = None) -> CreditShareReading:
        """One share of the partner's line of credit; `token` is the partner's system user's.

        Source: https://developers.facebook.com/docs/graph-api/reference/extended-credit-allocation-config
        """
        return self._node(allocation_config_id, CREDIT_SHARE, read_credit_share, token, meter)
