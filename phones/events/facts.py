"""Keeps what only events know: of each name the newest by the time it happened, whatever order events arrive in."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from phones.models import EventFact
from portal.many_rows import save_columns


@dataclass(frozen=True, slots=True)
class FactClaim:
    """What one event says: `name` is `value` since `at`, of a number or (None) of the whole WABA."""

    waba_pk: int
    number_pk: int | None
    name: str
    value: Mapping[str, object]
    at: datetime.datetime
    digest: str
    is_provisional: bool = False

    @property
    def key(self) -> tuple[int, int | None, str]:
        return self.waba_pk, self.number_pk, self.name

    @property
    def decided_by(self) -> str:
        """What settles a tie of the clock, the same way every time: a decision beats a promise of one."""
        return f"{'0' if self.is_provisional else '1'}{self.digest}"[:64]

    @property
    def rank(self) -> tuple[datetime.datetime, str]:
        return self.at, self.decided_by


def keep_newest(claims: Sequence[FactClaim]) -> None:
    """Store those claims that are newer than what is kept. Inside a transaction that has locked the WABAs."""
    newest: dict[tuple[int, int | None, str], FactClaim] = {}
    for claim in claims:
        if claim.key not in newest or newest[claim.key].rank < claim.rank:
            newest[claim.key] = claim
    numbers = {claim.number_pk for claim in newest.values() if claim.number_pk is not None}
    of_these = EventFact.objects.filter(Q(number=None) | Q(number__in=numbers))
    kept = {
        (fact.waba_id, fact.number_id, fact.name): fact
        for fact in of_these.filter(waba__in={claim.waba_pk for claim in newest.values()})
    }
    fresh, changed = [], []
    for key, claim in newest.items():
        fact = kept.get(key)
        if fact is None:
            fact = EventFact(waba_id=claim.waba_pk, number_id=claim.number_pk, name=claim.name)
            fresh.append(fact)
        elif (fact.at, fact.decided_by) < claim.rank:
            changed.append(fact)
        else:
            continue
        fact.value, fact.at, fact.decided_by = dict(claim.value), claim.at, claim.decided_by
    EventFact.objects.bulk_create(fresh)
    save_columns(changed, ["value", "at", "decided_by"])
