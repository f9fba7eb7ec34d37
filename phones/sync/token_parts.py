"""Which parts a token may not ask for: learned from many refusals in a row, and asked again once a day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from phones.models import TokenPart
from phones.sync.write_profiles import Told
from portal import database_clock

# So many numbers of one token refused the part and none answered: it is the token, and not one number.
SEVERAL = 10
LEFT_OUT_FOR = datetime.timedelta(days=1)
# An answer counts against refusals for so long; it is written down no more often than once in half of that.
COUNTS_FOR = datetime.timedelta(days=2)
OF_TOKEN = frozenset({"permission_missing", "unknown_field"})


class TokenParts:
    """What is known of tokens and parts during one turn of a worker. Used by one thread."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[str, TokenPart]] = {}

    def left_out(self, credential: int | None) -> frozenset[str]:
        """The parts not to ask for with this token (key) now."""
        now = database_clock.now()
        rows = self._of(credential).values()
        return frozenset(row.part for row in rows if row.left_out_until is not None and row.left_out_until > now)

    def note(self, credential: int | None, told: Iterable[Told]) -> None:
        """Take note of which parts were answered, and which were refused for want of permission."""
        for one in told:
            row = self._of(credential).get(one.part)
            if one.reading is not None:
                self._answered(credential, one, row)
            elif one.error is not None and one.error.kind in OF_TOKEN:
                self._refused(credential, one, row)

    def _answered(self, credential: int | None, one: Told, row: TokenPart | None) -> None:
        is_known = row is not None and row.answered_at is not None and one.at - row.answered_at < COUNTS_FOR / 2
        if row is None or not is_known or row.left_out_until is not None:
            self._write(credential, one.part, answered_at=one.at, refused_in_a_row=0, left_out_until=None)

    def _refused(self, credential: int | None, one: Told, row: TokenPart | None) -> None:
        if row is not None and row.answered_at is not None and one.at - row.answered_at < COUNTS_FOR:
            return
        refused = (row.refused_in_a_row if row is not None else 0) + 1
        until = one.at + LEFT_OUT_FOR if refused >= SEVERAL else None
        self._write(credential, one.part, refused_in_a_row=refused, left_out_until=until)

    def _write(self, credential: int | None, part: str, **columns: object) -> None:
        if credential is not None:
            row, _ = TokenPart.objects.update_or_create(credential_id=credential, part=part, defaults=columns)
            self._of(credential)[part] = row

    def _of(self, credential: int | None) -> dict[str, TokenPart]:
        if credential not in self._rows and credential is not None:
            self._rows[credential] = {row.part: row for row in TokenPart.objects.filter(credential=credential)}
        return self._rows.get(credential or 0, {})
