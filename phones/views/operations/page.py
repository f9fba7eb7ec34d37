"""The page of operations: the same figures as `/metrics`, and what to do where one is wrong."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clients import roles
from clients.explanations import explain
from phones import figures
from phones.figures.figure import Figure
from phones.figures.judgement import troubles
from phones.numbers.words import describe
from phones.pictures.daily import QUALITY, STAGE
from phones.views.request import DeskRequest
from portal.web.templatetags.desk import span

TITLES = {
    "heartbeat_age_seconds": "Scheduled work, last done",
    "clock_off_seconds": "Clock furthest off",
    "wabas": "WABAs",
    "wabas_due": "Readings due",
    "longest_overdue_seconds": "Longest overdue",
    "oldest_reading_seconds": "Oldest reading",
    "longest_wait_seconds": "Longest wait that Meta asked for",
    "tokens": "Tokens",
    "tokens_waiting": "Tokens that wait",
    "failed_readings_last_hour": "Failed readings, last hour",
    "events_last_hour": "Events of Meta, last hour",
    "events_unclear_last_hour": "Events not understood, last hour",
    "events_waiting": "Events waiting",
    "longest_waiting_event_seconds": "Longest waiting event",
    "event_lag_seconds": "From arrival until applied",
    "open_work": "Not finished",
    "numbers_by_stage": "Numbers by stage",
    "numbers_by_quality": "Numbers by quality",
}


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure: what it is called here, its values in words, and under which name `/metrics` has it."""

    figure: Figure
    values: list[tuple[str, str]]

    @property
    def title(self) -> str:
        return TITLES[self.figure.name]

    @property
    def metric(self) -> str:
        return f"numberdesk_{self.figure.name}"


@require_safe
@never_cache
def operations(request: DeskRequest) -> HttpResponse:
    if not roles.runs_the_desk(request.user):
        raise PermissionDenied
    found = figures.read()
    context = {
        "troubles": troubles(
            found, tick_seconds=settings.SYNC_TICK_SECONDS, interval_minutes=settings.SYNC_INTERVAL_MINUTES
        ),
        "rows": [FigureRow(figure, _values(figure)) for figure in found],
        "read_at": timezone.now(),
        "has_metrics": bool(settings.METRICS_TOKEN),
    }
    return render(request, "operations/page.html", context)


def _values(figure: Figure) -> list[tuple[str, str]]:
    """Each value in words with what it is of; empty where there is none, or numbers were not counted today."""
    is_time, is_counted = figure.name.endswith("_seconds"), not figure.name.startswith("numbers_by")
    found = [
        (" ".join(_label(name, value) for name, value in labels), _lasting(number) if is_time else f"{number:,.0f}")
        for labels, number in sorted(figure.values.items(), key=lambda pair: -pair[1])
    ]
    return found if found or is_time or not is_counted else [("", "0")]


def _label(name: str, value: str) -> str:
    if name in {STAGE, QUALITY}:
        return describe(name, None if value == "none" else value).label
    return explain(value).title if name == "kind" else value.replace("_", " ")


def _lasting(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else span(timedelta(seconds=seconds))
