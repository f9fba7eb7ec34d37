"""The chain over the audit log: each seal holds the hash of one line and of the seal before it.

Lines are written without it, so that writers never wait for each other: a clock seals them shortly after, one sealer
at a time. A line whose transaction ends late is sealed late, wherever its key lies. Whoever changes, deletes or adds a
line has to make every later seal anew, and the last one is signed with SECRET_KEY, which is not in the database.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from clients.audit import guard
from clients.models import AuditEntry, AuditSeal

log = structlog.get_logger(__name__)

BEGINNING = "0" * 64
# A line that waits this long was slipped in, or nobody seals.
LATE = timedelta(hours=1)
_AT_ONCE = 1_000
# How far behind the newest sealed key lines are looked for each time; once an hour, those of the last days too.
_LOOKED_BACK = 10_000
_LATEST = timedelta(days=2)
_MOST_PROBLEMS = 20
_LOCK = 0x6E64_6175  # any number that nothing else in the database locks


@dataclass(slots=True)
class Verdict:
    """What checking the chain found. `head` is the last hash: note it elsewhere, and the log can't be cut short."""

    lines: int = 0
    unsealed: int = 0
    head: str = BEGINNING
    problems: list[str] = field(default_factory=list)

    def add(self, problem: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)


def seal(*, everything: bool = False) -> int:
    """Seal lines that are not sealed yet; how many. `everything`: also those of the last days with keys far behind.

    One that is older then and has no seal was slipped in: `verify` says so.
    """
    total = 0
    while sealed := _seal_some(everything=everything):
        total += sealed
    return total


def signature_of(text: str) -> str:
    return _signature(text, settings.SECRET_KEY)


def is_signed(text: str, signature: str) -> bool:
    """Whether the desk has signed `text`, with the present SECRET_KEY or a former one that it still knows."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(_signature(text, key), signature) for key in keys)


def anchor() -> AuditEntry | None:
    """The line about the latest deletion of old lines: the chain goes on behind the position that it names."""
    deletions = AuditEntry.objects.filter(deleted_through__isnull=False)
    found: AuditEntry | None = deletions.order_by("deleted_through", "pk").last()
    return found


def anchor_text(position: int, hash_there: str) -> str:
    """What is signed of an anchor."""
    return f"deleted through {position}: {hash_there}"


def verify(*, head: str = "") -> Verdict:
    """Check every seal and every line. `head`: a last hash that was noted earlier and must still be in the chain."""
    verdict = Verdict()
    position, verdict.head = _beginning(verdict)
    is_head_met = not head or head == verdict.head
    last: AuditSeal | None = None
    for seals in _seals_behind(position):
        lines = AuditEntry.objects.in_bulk([each.entry_id for each in seals])
        for each in seals:
            if each.position != position + 1:
                verdict.add(f"The seals from {position + 1} to {each.position - 1} are missing.")
            _check(each, lines.get(each.entry_id), verdict)
            position, verdict.head, last = each.position, each.hash, each
            is_head_met = is_head_met or each.hash == head
    if last is not None and not is_signed(last.hash, last.signature):
        verdict.add("The last seal is not signed with this desk’s SECRET_KEY.")
    if not is_head_met:
        verdict.add("The hash that was noted earlier is not in the chain: lines were cut off at its end.")
    if not guard.is_whole(connection):
        verdict.add("The database’s triggers that keep the log append-only are not there, or are switched off.")
    waiting = _unsealed()
    verdict.unsealed = waiting.count()
    if late := waiting.filter(at__lt=timezone.now() - LATE).count():
        verdict.add(f"{late} lines are older than an hour and not sealed: they were slipped in, or no scheduler runs.")
    return verdict


def hash_of(line: AuditEntry, before: str) -> str:
    """The hash of a seal: of what `line` says, and of the seal before."""
    return hashlib.sha256(before.encode() + _as_bytes(line)).hexdigest()


def _signature(text: str, key: str) -> str:
    return salted_hmac("clients.audit.chain", text, secret=key, algorithm="sha256").hexdigest()


def _as_bytes(line: AuditEntry) -> bytes:
    values = {each.attname: getattr(line, each.attname) for each in AuditEntry._meta.concrete_fields}
    return json.dumps(values, sort_keys=True, default=_as_text, separators=(",", ":")).encode()


def _as_text(value: object) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value)


@transaction.atomic
def _seal_some(*, everything: bool) -> int:
    _wait_for_who_seals()
    last = AuditSeal.objects.order_by("position").last()
    latest_key = AuditSeal.objects.aggregate(key=Max("entry_id"))["key"] or 0
    looked_for = Q(pk__gt=latest_key - _LOOKED_BACK)
    if everything:
        looked_for |= Q(at__gt=timezone.now() - _LATEST)
    position, before = _end(last)
    seals: list[AuditSeal] = []
    for line in _unsealed().filter(looked_for).order_by("pk")[:_AT_ONCE]:
        position, before = position + 1, hash_of(line, before)
        seals.append(AuditSeal(position=position, entry_id=line.pk, hash=before, sealed_at=timezone.now()))
    if seals:
        seals[-1].signature = signature_of(before)
        AuditSeal.objects.bulk_create(seals, batch_size=200)
        transaction.on_commit(lambda: log.info("The audit log was sealed.", position=position, head=before))
    return len(seals)


def _end(last: AuditSeal | None) -> tuple[int, str]:
    if last is not None:
        return last.position, last.hash
    found = anchor()
    return (found.deleted_through or 0, found.details["hash"]) if found else (0, BEGINNING)


def _unsealed() -> QuerySet[AuditEntry]:
    found: QuerySet[AuditEntry] = AuditEntry.objects.filter(~Exists(AuditSeal.objects.filter(entry_id=OuterRef("pk"))))
    return found


def _wait_for_who_seals() -> None:
    """Nobody else seals before this transaction ends. SQLite's transactions begin one at a time as it is."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _beginning(verdict: Verdict) -> tuple[int, str]:
    """The position and the hash that the chain goes on behind."""
    found = anchor()
    if found is None:
        return 0, BEGINNING
    position, hash_there = found.deleted_through or 0, str(found.details.get("hash", ""))
    if not is_signed(anchor_text(position, hash_there), str(found.details.get("signature", ""))):
        verdict.add(f"Line {found.pk} says that old lines were deleted, and is not signed with this desk’s SECRET_KEY.")
    return position, hash_there


def _seals_behind(position: int) -> Iterator[Sequence[AuditSeal]]:
    while seals := list(AuditSeal.objects.filter(position__gt=position).order_by("position")[:_AT_ONCE]):
        yield seals
        position = seals[-1].position


def _check(seal: AuditSeal, line: AuditEntry | None, verdict: Verdict) -> None:
    if line is None:
        verdict.add(f"Line {seal.entry_id} was deleted.")
        return
    verdict.lines += 1
    if hash_of(line, verdict.head) != seal.hash:
        verdict.add(f"Line {line.pk} of {line.at:%Y-%m-%d %H:%M:%S} is not as it was sealed.")
