"""Every stored secret under the newest key, or the proof that it is."""

from argparse import ArgumentParser
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from portal import crypto
from portal.fields import SealedTextField, sealed_fields

_BATCH = 100  # rows in one transaction: what a killed run has to do again at most


@dataclass(slots=True)
class _Count:
    newest: int = 0
    rotated: int = 0
    older: int = 0
    cleared: int = 0
    unreadable: list[str] = field(default_factory=list)


class Command(BaseCommand):
    """Safe to stop and to run again, and beside a working portal: a secret stored meanwhile is never overwritten.

    Exit code 0 means that every secret opens under the newest key, 1 that some row does not; those that can't be read
    are named by table and primary key.
    """

    help = "Re-encrypts every stored secret under the newest key of TOKEN_ENCRYPTION_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        either = parser.add_mutually_exclusive_group()
        either.add_argument(
            "--check", action="store_true", help="Write nothing; exit 1 while any row is on an older key."
        )
        either.add_argument(
            "--forget-unreadable",
            action="store_true",
            help="Also clear the secrets that no configured key opens. They are lost then: store them again.",
        )

    def handle(self, *, check: bool, forget_unreadable: bool, **_: Any) -> None:
        """Rotate unless `check`, then count what is on which key, which is what the exit code says."""
        count = _Count()
        for model, secret in sealed_fields():
            if not check:
                _rotate(model, secret, count)
            _inspect(model, secret, count, forget=forget_unreadable)
        for row in count.unreadable:
            self.stderr.write(f"can't be read: {row}")
        done = "" if check else f"rotated={count.rotated} cleared={count.cleared} "
        self.stdout.write(f"{done}newest={count.newest} older={count.older} unreadable={len(count.unreadable)}")
        if count.older or count.unreadable:
            raise CommandError("Not every secret is readable under the newest key.")


def _rotate(model: type[models.Model], secret: SealedTextField, count: _Count) -> None:
    """Seal every readable row of an older key anew, batch by batch in the order of the primary key."""
    newest = f"{crypto.newest_key_id()}:"
    older = _filled(model, secret).exclude(**{f"{secret.attname}__startswith": newest})
    last: object = None
    while rows := list((older if last is None else older.filter(pk__gt=last))[:_BATCH]):
        last = rows[-1].pk
        with transaction.atomic():
            count.rotated += sum(_seal_anew(row, secret) for row in rows)


def _seal_anew(row: models.Model, secret: SealedTextField) -> bool:
    """Whether the row was written; not when it can't be read or holds another secret by now."""
    before = getattr(row, secret.attname)
    try:
        secret.seal_for(row, secret.open_for(row))
    except crypto.SecretUnreadableError:
        return False
    unchanged = type(row)._base_manager.filter(pk=row.pk, **{secret.attname: before})
    return unchanged.update(**{secret.attname: getattr(row, secret.attname)}) == 1


def _inspect(model: type[models.Model], secret: SealedTextField, count: _Count, *, forget: bool) -> None:
    newest = crypto.newest_key_id()
    for row in _filled(model, secret).iterator(chunk_size=500):
        sealed = getattr(row, secret.attname)
        try:
            secret.open_for(row)
        except crypto.SecretUnreadableError:
            unchanged = model._base_manager.filter(pk=row.pk, **{secret.attname: sealed})
            if forget and unchanged.update(**{secret.attname: ""}):
                count.cleared += 1
            else:
                count.unreadable.append(f"{model._meta.db_table} {row.pk}")
            continue
        if crypto.sealed_under(sealed) == newest:
            count.newest += 1
        else:
            count.older += 1


def _filled(model: type[models.Model], secret: SealedTextField) -> models.QuerySet[models.Model]:
    rows: models.QuerySet[models.Model] = model._base_manager.exclude(**{secret.attname: ""}).order_by("pk")
    return rows.only("pk", "secret_uid", secret.attname)
