"""Finds whom an event is about: the WABA by its id, the number by its digits among those that this WABA lists.

Never by digits alone: an event says nothing to a client whose WABA it does not name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q

from clients.models import Waba
from phones.events.meanings import Meaning
from phones.models import Listing, PhoneNumber


class Directory:
    """The WABAs and numbers that some events are about. Locks the WABAs: make one inside a transaction."""

    def __init__(self, meanings: Iterable[Meaning]) -> None:
        wanted = [meaning for meaning in meanings if meaning.waba_id]
        # In one order, so that two workers never wait for each other.
        found = Waba.objects.select_for_update().filter(waba_id__in={meaning.waba_id for meaning in wanted})
        self.wabas = {waba.waba_id: waba for waba in found.order_by("pk")}
        self._numbers = _numbers_on(
            self.wabas.values(),
            digits={meaning.digits for meaning in wanted if meaning.digits},
            ids={meaning.phone_number_id for meaning in wanted if meaning.phone_number_id},
        )

    def waba(self, meaning: Meaning) -> Waba | None:
        return self.wabas.get(meaning.waba_id)

    def number(self, meaning: Meaning) -> PhoneNumber | None:
        """The number on that WABA, if the desk has it there."""
        waba = self.waba(meaning)
        return self._numbers.get((waba.pk, meaning.phone_number_id or meaning.digits)) if waba is not None else None


def _numbers_on(wabas: Collection[Waba], *, digits: set[str], ids: set[str]) -> dict[tuple[int, str], PhoneNumber]:
    """By WABA and by Graph id or digits: the numbers it lists, or did; where several did, the one it lists now."""
    if not digits and not ids:
        return {}
    listings = (
        Listing.objects.filter(waba__in=[waba.pk for waba in wabas])
        .filter(Q(number__digits__in=digits) | Q(number__phone_number_id__in=ids))
        .select_related("number")
    )
    numbers: dict[tuple[int, str], PhoneNumber] = {}
    for listing in sorted(listings, key=lambda one: (one.is_current, one.missing_since is None, one.pk)):
        for name in (listing.number.digits, listing.number.phone_number_id):
            numbers[listing.waba_id, name] = listing.number
    return numbers
