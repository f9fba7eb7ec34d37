"""Whether the numbers of a person's clients are read on schedule, in words, for the desk and the syncs page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from django.utils import timezone

from clients import roles
from clients.models import User, Waba
from phones.choices import Tone
from phones.numbers import clocks


@dataclass(frozen=True, slots=True)
class Readings:
    """The WABAs of a person's clients, how many can't be read, and when the one that waits longest was read."""

    wabas: int
    failing: int
    unread: int
    oldest: datetime | None

    @property
    def are_late(self) -> bool:
        return self.oldest is not None and clocks.is_stale(self.oldest, now=timezone.now())

    @property
    def tone(self) -> Tone:
        return Tone.WARN if self.failing or self.are_late else Tone.WAIT if self.unread else Tone.OK


def readings_of(person: User) -> Readings | None:
    """`person`'s own; nothing for who sees every client, whom the runs and the WABAs that fail tell more."""
    if roles.sees_everything(person):
        return None
    found = Waba.objects.visible_to(person).aggregate(
        wabas=Count("pk"),
        failing=Count("pk", filter=Q(last_failure__isnull=False)),
        unread=Count("pk", filter=Q(last_failure__isnull=True, last_synced_at__isnull=True)),
        oldest=Min("last_synced_at", filter=Q(last_failure__isnull=True)),
    )
    return Readings(**found) if found["wabas"] else None
