r"""Writes lines of the audit log, in the transaction of what they are about: neither is there without the other.

Nothing that is written here holds a secret: every text is redacted as logs are, and what could forge a line of a log or
turn a text around (control characters, line separators, marks of direction) is written out as `\u202e`. Each line is
logged too, once its transaction is committed.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from types import MappingProxyType
from typing import Any

import structlog
from django.db import models, transaction
from django.utils import timezone

from clients.audit.circumstances import circumstances
from clients.choices import AuditKind, AuditOutcome
from clients.models import AuditEntry, Client, User
from portal.logs import cleaned, redact

log = structlog.get_logger("audit")

_NO_DETAILS: Mapping[str, Any] = MappingProxyType({})
_LONGEST_SENTENCE = 2_000
_LONGEST_VALUE = 1_000
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """`text` without secrets, on one line, read from left to right."""
    return _UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", redact(text))


def entry(
    kind: AuditKind,
    what: str,
    *,
    actor: User | None,
    about: models.Model | None = None,
    client: Client | None = None,
    outcome: AuditOutcome = AuditOutcome.DONE,
    details: Mapping[str, Any] = _NO_DETAILS,
) -> AuditEntry:
    """Write one line: `actor` did `what` to the row `about`, for `client`. `details` are facts for machines."""
    of_client = (client.pk, client.name) if client is not None else _clients_of([about])[0]
    line = _line(kind, what, actor, about, of_client, outcome, details)
    line.save(force_insert=True)
    _log_when_committed([line])
    return line


def entries(kind: AuditKind, what: str, *, actor: User | None, rows: Sequence[models.Model]) -> None:
    """Write that `actor` did the same to all `rows` of one table, in one statement."""
    found = zip(rows, _clients_of(rows), strict=True)
    lines = [_line(kind, what, actor, row, client, AuditOutcome.DONE, {}) for row, client in found]
    AuditEntry.objects.bulk_create(lines, batch_size=200)
    _log_when_committed(lines)


def refused(person: User, method: str, path: str) -> None:
    """Write that `person` was not let in, by the address alone: what they sent may hold anything."""
    entry(
        AuditKind.REFUSAL,
        f"Was refused: {method} {path[:_LONGEST_VALUE]}",
        actor=person,
        outcome=AuditOutcome.REFUSED,
        details={"method": method, "path": path},
    )


def not_found(person: User, method: str, path: str, fields: Sequence[str] = ()) -> None:
    """Write that what `person` asked for, by its address or in `fields` of a form, is not there for them.

    The line is the same whether somebody else has it.
    """
    entry(
        AuditKind.REFUSAL,
        f"Asked for what is not there, or not theirs: {method} {path[:_LONGEST_VALUE]}"
        + (f" ({', '.join(fields)})" if fields else ""),
        actor=person,
        outcome=AuditOutcome.REFUSED,
        details={"method": method, "path": path} | ({"fields": [*fields]} if fields else {}),
    )


def _line(
    kind: AuditKind,
    what: str,
    actor: User | None,
    about: models.Model | None,
    client: tuple[int | None, str],
    outcome: AuditOutcome,
    details: Mapping[str, Any],
) -> AuditEntry:
    where = circumstances()
    details = {**details, "through": where.through} if where.through else details
    return AuditEntry(
        at=timezone.now(),
        kind=kind,
        outcome=outcome,
        actor_id=actor.pk if actor else None,
        actor_name=plain(actor.get_username())[:150] if actor else "",
        client_id=client[0],
        client_name=plain(client[1])[:200],
        object_type=about._meta.label_lower if about else "",
        object_id=str(about.pk) if about else "",
        object_name=plain(str(about))[:200] if about else "",
        what=plain(what)[:_LONGEST_SENTENCE],
        details={name: _plain_value(value) for name, value in cleaned(dict(details)).items()},
        address=where.address,
        request_id=plain(where.request_id),
        deleted_through=details.get("deleted_through"),
    )


def _plain_value(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)[:_LONGEST_VALUE]
    return [_plain_value(each) for each in value] if isinstance(value, list) else value


def _clients_of(rows: Sequence[models.Model | None]) -> list[tuple[int | None, str]]:
    """For whom each of the rows of one table is, by key and name; one statement where rows belong to clients."""
    nobody: tuple[int | None, str] = (None, "")
    row = rows[0] if rows else None
    if row is None:
        return [nobody for _ in rows]
    if isinstance(row, Client):
        return [(each.pk, str(each)) for each in rows if each is not None]
    # Who is signed in is an object of a class that stands for the model's: only `_meta` knows that.
    model = row._meta.model
    path = _path_to_client(model)
    if not path:
        return [nobody for _ in rows]
    found = model._default_manager.filter(pk__in=[each.pk for each in rows if each is not None])
    by_key = {key: (client, name or "") for key, client, name in found.values_list("pk", path, f"{path}__name")}
    return [by_key.get(each.pk, nobody) if each is not None else nobody for each in rows]


@cache
def _path_to_client(model: type[models.Model]) -> str:
    """What leads from a row of `model` to its client; empty where there is no client."""
    return getattr(model._default_manager.none(), "client_path", "")


def _log_when_committed(lines: Sequence[AuditEntry]) -> None:
    transaction.on_commit(partial(_log, lines))


def _log(lines: Sequence[AuditEntry]) -> None:
    for line in lines:
        log.info(
            line.what,
            audit=line.kind,
            entry=line.pk,
            outcome=line.outcome,
            actor=line.actor_name or None,
            client=line.client_name or None,
            object=f"{line.object_type} {line.object_id}".strip() or None,
            object_name=line.object_name or None,
            address=line.address,
            details=line.details or None,
        )
