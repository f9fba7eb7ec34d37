"""Deletes lines of the audit log that are older than it goes back, the only way the database lets anybody.

First a line says up to which position lines were deleted, with the hash there and the desk's signature: the chain is
checked from there on. That line, its seal and the deletion are one transaction.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from clients.audit import chain, writing
from clients.choices import AuditKind
from clients.models import AuditEntry, AuditSeal

# Deleted in one transaction, which others may wait for.
_AT_ONCE = 5_000
_PIECE = 500
# What is a little too old waits for more, so that there is at most about a line a day.
_WAITS = timedelta(days=1)


def prune() -> int:
    """Delete at most some thousand lines that are too old; how many. Ask again until there are none."""
    chain.seal(everything=True)
    _sign_again()
    if not settings.AUDIT_KEPT_DAYS:
        return 0
    before = timezone.now() - timedelta(days=settings.AUDIT_KEPT_DAYS)
    seals = list(AuditSeal.objects.order_by("position")[:_AT_ONCE])
    times = dict(AuditEntry.objects.filter(pk__in=_keys(seals[:1])).values_list("pk", "at"))
    if not seals or times.get(seals[0].entry_id, before) >= before - _WAITS:
        return 0
    old: list[AuditSeal] = []
    for start in range(0, len(seals), _PIECE):
        piece = seals[start : start + _PIECE]
        times = dict(AuditEntry.objects.filter(pk__in=_keys(piece)).values_list("pk", "at"))
        of_piece = [seal for seal in piece if times.get(seal.entry_id, before) < before]
        # Only a beginning of the chain can go: what is behind the first line to keep stays.
        first_kept = next((seal.position for seal in piece if seal not in of_piece), None)
        old += [seal for seal in of_piece if first_kept is None or seal.position < first_kept]
        if first_kept is not None:
            break
    return _delete(old) if old else 0


@transaction.atomic
def _delete(old: list[AuditSeal]) -> int:
    last = old[-1]
    what = f"{len(old)} lines older than {settings.AUDIT_KEPT_DAYS} days were deleted, up to position {last.position}."
    _write_anchor(what, last.position, last.hash, lines=len(old))
    for start in range(0, len(old), _PIECE):
        piece = old[start : start + _PIECE]
        # A plain QuerySet: that of the model deletes nothing.
        QuerySet(AuditEntry).filter(pk__in=_keys(piece)).delete()
        QuerySet(AuditSeal).filter(position__in=[seal.position for seal in piece]).delete()
    return len(old)


@transaction.atomic
def _sign_again() -> None:
    """After SECRET_KEY has changed, say with the new one where the chain begins."""
    found = chain.anchor()
    if found is None or found.deleted_through is None:
        return
    text = chain.anchor_text(found.deleted_through, found.details["hash"])
    signature = found.details["signature"]
    if chain.signature_of(text) != signature and chain.is_signed(text, signature):
        what = f"Signed again with a new SECRET_KEY: lines were deleted up to position {found.deleted_through}."
        _write_anchor(what, found.deleted_through, found.details["hash"], lines=0)


def _write_anchor(what: str, position: int, hash_there: str, *, lines: int) -> None:
    signature = chain.signature_of(chain.anchor_text(position, hash_there))
    facts = {"deleted_through": position, "hash": hash_there, "signature": signature, "lines": lines}
    writing.entry(AuditKind.LOG, what, actor=None, details=facts)
    chain.seal(everything=True)


def _keys(seals: list[AuditSeal]) -> list[int]:
    return [seal.entry_id for seal in seals]
