"""The numbers of the pool as a person sees them: on the board, and each on its page."""

from collections.abc import Sequence
from dataclasses import dataclass

from clients.models import Client, SignupLink, User
from phones.models import PhoneNumber, PreverifiedNumber
from phones.pool import facts, words
from phones.pool.clocks import PoolStanding


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One number as a person sees it. `client` and `number` are set only where they may see those."""

    row: PreverifiedNumber
    standing: PoolStanding
    label: str
    client: Client | None
    number: PhoneNumber | None
    shares: int = 0


def rows_of(rows: Sequence[PreverifiedNumber], user: User) -> list[PoolRow]:
    """The numbers with their standings, naming no client and no number that `user` may not see."""
    standings = facts.standings_of(rows)
    reserved = [pk for row in rows if (pk := row.reserved_for_id or row.claimed_by_id) is not None]
    links = SignupLink.objects.visible_to(user).filter(pk__in=reserved).select_related("client").in_bulk()
    claimed = [row.number_id for row in rows if row.number_id is not None]
    numbers = PhoneNumber.objects.visible_to(user).filter(pk__in=claimed).select_related("waba__client").in_bulk()
    shown = []
    for row in rows:
        link, taken = links.get(row.reserved_for_id or row.claimed_by_id or 0), numbers.get(row.number_id or 0)
        client = link.client if link is not None else taken.waba.client if taken is not None else None
        standing = standings[row.pk]
        shares = getattr(row, "share_count", 0)
        shown.append(PoolRow(row, standing, words.STATES[standing.state], client, taken, shares))
    return shown
