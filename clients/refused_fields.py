"""Which fields a version of Graph no longer knows: kept where web and workers both see it, asked again after a day.

One node's refusal concerns that node. A field is given up for all only when Graph named it on several nodes and no
node answered it meanwhile: one wrong id must not make the desk ask every WABA for less. Where there are fewer WABAs
than that, all of them have to refuse it, for an hour at least: one or two may answer wrongly for a moment.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from clients.models import RefusedField, Waba
from portal import database_clock
from portal.graph import FieldRefusal

SEVERAL = 3
REFUSED_BY_FEW_FOR = datetime.timedelta(hours=1)
ASKED_AGAIN_AFTER = datetime.timedelta(days=1)
FORGOTTEN_AFTER = datetime.timedelta(days=90)


def given_up() -> dict[str, frozenset[str]]:
    """The fields not to ask for now, by node type."""
    since = database_clock.now() - ASKED_AGAIN_AFTER
    rows = RefusedField.objects.filter(version=settings.GRAPH_API_VERSION, given_up_at__gt=since)
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if _is_refused_by_enough(row):  # more WABAs may have come since
            found[row.node_type].add(row.field)
    return {node_type: frozenset(fields) for node_type, fields in found.items()}


def unanswered(node_type: str = "") -> list[RefusedField]:
    """The fields (of one node type) that were given up and that no node has answered since."""
    rows = unanswered_rows()
    return list(rows.filter(node_type=node_type) if node_type else rows)


def unanswered_rows() -> QuerySet[RefusedField]:
    return RefusedField.objects.filter(version=settings.GRAPH_API_VERSION, given_up_at__isnull=False)


def note(refused: Collection[FieldRefusal], answered: Iterable[tuple[str, Collection[str]]]) -> None:
    """Note what some readings were refused, and which fields of which node type they were answered."""
    # As a rule nothing was ever refused, and one look tells.
    if refused or RefusedField.objects.filter(version=settings.GRAPH_API_VERSION).exists():
        _note(refused, answered)


@transaction.atomic
def _note(refused: Collection[FieldRefusal], answered: Iterable[tuple[str, Collection[str]]]) -> None:
    known = RefusedField.objects.select_for_update().filter(version=settings.GRAPH_API_VERSION)
    rows = {(row.node_type, row.field): row for row in known.order_by("pk")}
    now = database_clock.now()
    taken = {(node_type, field) for node_type, fields in answered for field in fields}
    by_field: dict[tuple[str, str], list[str]] = defaultdict(list)
    for refusal in sorted(refused):
        by_field[refusal.node_type, refusal.field].append(refusal.node_id)
    for key, row in rows.items():
        if key in taken and key not in by_field:
            _answered(row, now)
    for key, nodes in by_field.items():
        row = rows.get(key) or RefusedField(
            version=settings.GRAPH_API_VERSION, node_type=key[0], field=key[1], first_refused_at=now
        )
        _refused(row, nodes, now, answered_elsewhere=key in taken)


def prune() -> None:
    """Forget what was last refused long ago, by whatever version."""
    RefusedField.objects.filter(refused_at__lt=database_clock.now() - FORGOTTEN_AFTER).delete()


def _answered(row: RefusedField, now: datetime.datetime) -> None:
    is_lately_answered = row.answered_at is not None and row.answered_at >= now - ASKED_AGAIN_AFTER / 2
    if row.given_up_at is not None or row.nodes or not is_lately_answered:
        row.answered_at, row.nodes, row.given_up_at = now, [], None
        row.save(update_fields=["answered_at", "nodes", "given_up_at"])


def _refused(row: RefusedField, nodes: list[str], now: datetime.datetime, *, answered_elsewhere: bool) -> None:
    row.refused_at = now
    if answered_elsewhere:
        row.answered_at, row.nodes, row.given_up_at = now, [], None
    else:
        if not row.nodes:
            row.first_refused_at = now
        is_asked_again = row.given_up_at is not None and row.given_up_at <= now - ASKED_AGAIN_AFTER
        so_far = [] if is_asked_again and len(row.nodes) >= SEVERAL else row.nodes
        row.nodes = list(dict.fromkeys([*so_far, *nodes]))[:SEVERAL]
        is_of_some = row.answered_at is not None and row.answered_at > now - ASKED_AGAIN_AFTER
        if not is_of_some and _is_refused_by_enough(row):
            row.given_up_at = now
    row.save()


def _is_refused_by_enough(row: RefusedField) -> bool:
    """Whether the nodes that refused a field are several, or have been all there are for a while."""
    if len(row.nodes) >= SEVERAL:
        return True
    now = database_clock.now()
    others = Waba.objects.readable(now).filter(unshared_since=None, last_failure=None).exclude(waba_id__in=row.nodes)
    return row.first_refused_at <= now - REFUSED_BY_FEW_FOR and not others.exists()
