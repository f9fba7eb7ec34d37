"""What Meta no longer answers, in words: for the desk and the syncs page as a whole, and for one number."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from clients import refused_fields
from phones.models import PhoneNumber
from phones.numbers import clocks
from phones.numbers.age import last_answer
from phones.numbers.words import LABELS, WABA_DETAIL_LABELS, WABA_LABELS
from phones.sync.plan import COLUMN_OF, FACTS
from phones.sync.write_waba_details import fact_of


@dataclass(frozen=True, slots=True)
class UnansweredFact:
    """A fact that came with no answer lately. `by_all`: every node that was asked refuses it, not this number alone.

    `since` is when it was first refused, of a number when it was last answered; `again_at` when all are asked again.
    """

    label: str
    field: str
    since: datetime
    by_all: bool = True
    again_at: datetime | None = None


def unanswered_facts() -> list[UnansweredFact]:
    """The facts that the desk has given up asking for, because Meta's version no longer has them."""
    found = []
    for row in refused_fields.unanswered():
        again_at = row.given_up_at + refused_fields.ASKED_AGAIN_AFTER if row.given_up_at else None
        label = _label_of(row.node_type, row.field)
        found.append(UnansweredFact(label, row.field, row.first_refused_at, again_at=again_at))
    return found


def _label_of(node_type: str, field: str) -> str:
    """What the desk calls a field of Graph's: that of a business that owns WABAs otherwise than that of a WABA."""
    labels = LABELS if node_type == "phone_number" else WABA_LABELS | WABA_DETAIL_LABELS
    name = fact_of(node_type, field) or COLUMN_OF.get(field, field)
    return labels.get(name, name)


def unanswered_of(number: PhoneNumber) -> list[UnansweredFact]:
    """The facts of `number` that are given up for all, or that its own last answers have left out for a day."""
    known = {name: last_answer(number, name)[0] for name in FACTS if getattr(number, name) is not None}
    older = {name: at for name, at in known.items() if at < number.synced_at}
    if not older:
        return []
    given_up = {COLUMN_OF.get(row.field, row.field) for row in refused_fields.unanswered("phone_number")}
    now = timezone.now()
    return [
        UnansweredFact(LABELS[name], name, at, by_all=name in given_up)
        for name, at in older.items()
        if name in given_up or clocks.is_stale(at, now=now)
    ]
