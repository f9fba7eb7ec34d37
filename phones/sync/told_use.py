"""Keeps how much of Meta's quotas is used, as the usage headers last told: of each WABA's, and of the app's."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When

from clients import leases
from clients.models import Credential, Waba
from portal import database_clock
from portal.graph import Meter

# Figures above 100 occur; a column holds no more than this.
MOST = 999
# A quota is counted over an hour: what was told earlier says nothing of now.
HOUR = datetime.timedelta(hours=1)
# The row of a token is read by all workers, so what differs little is written now and then.
_APP_BETWEEN = datetime.timedelta(minutes=5)
_APP_DIFFERS = 5
# From here on the desk says on its first page that there is little left.
TIGHT_PERCENT = 75


def of_objects(meter: Meter) -> int | None:
    """The use of the quota that the calls of `meter` counted in; None where Meta told nothing."""
    return max(meter.usage.object_percent.values(), default=None)


def of_app(meter: Meter) -> int | None:
    """The same of the app's quota."""
    return meter.usage.app_percent if meter.usage.app_is_told else None


def columns(told: Mapping[int, int | None], *, at: datetime.datetime) -> dict[str, Any]:
    """The columns of an UPDATE of these WABAs (keys) that keep what was told of each, as far as something was."""
    by_percent: dict[int, list[int]] = defaultdict(list)
    for pk, percent in told.items():
        if percent is not None:
            by_percent[min(percent, MOST)].append(pk)
    if not by_percent:
        return {}
    percents = [When(pk__in=pks, then=Value(percent)) for percent, pks in by_percent.items()]
    every = [pk for pks in by_percent.values() for pk in pks]
    if len(percents) == 1 and len(every) == len(told):
        return {"used_percent": next(iter(by_percent)), "used_told_at": at}
    return {
        "used_percent": Case(*percents, default=F("used_percent"), output_field=models.PositiveSmallIntegerField()),
        "used_told_at": Case(
            When(pk__in=every, then=Value(at)), default=F("used_told_at"), output_field=models.DateTimeField()
        ),
    }


def note_app(told: Mapping[int, int | None], *, at: datetime.datetime) -> None:
    """Keep the use of the app's quota by the tokens (keys) that it was told with; None stands for nothing told."""
    for pk, percent in told.items():
        if percent is None:
            continue
        percent = min(percent, MOST)
        is_old = Q(app_told_at=None) | Q(app_told_at__lt=at - _APP_BETWEEN)
        differs = Q(app_used_percent__lte=percent - _APP_DIFFERS) | Q(app_used_percent__gte=percent + _APP_DIFFERS)
        with transaction.atomic():
            rows = leases.unlocked(Credential.objects.filter(is_old | differs, pk=pk))
            rows.update(app_used_percent=percent, app_told_at=at)


@dataclass(frozen=True, slots=True)
class Tight:
    """How much of the app's quota is used where it is much (else 0), and how many WABAs have used much of theirs."""

    app: int
    wabas: int

    def __str__(self) -> str:
        of_app = [f"{self.app} % of the app’s are used"] if self.app else []
        of_wabas = f"{self.wabas:,} WABA{' has' if self.wabas == 1 else 's have'} used most of theirs"
        return " and ".join([*of_app, of_wabas] if self.wabas else of_app)

    @classmethod
    def from_json(cls, said: Any) -> Tight | None:
        """What the tick has noted; None for what is nothing of the kind."""
        try:
            return cls(int(said["app"]), int(said["wabas"]))
        except (TypeError, KeyError, ValueError):
            return None


def tight() -> dict[str, int] | None:
    """What the tick notes for the first page, as JSON; None where there is enough left."""
    since = database_clock.now() - HOUR
    # Tokens share the app's quota: what was told last, with whichever of them, holds.
    told = Credential.objects.filter(app_told_at__gt=since).order_by("-app_told_at", "pk")
    app = told.values_list("app_used_percent", flat=True).first() or 0
    wabas = Waba.objects.filter(used_percent__gte=TIGHT_PERCENT, used_told_at__gt=since).count()
    app = app if app >= TIGHT_PERCENT else 0
    return {"app": app, "wabas": wabas} if app or wabas else None
