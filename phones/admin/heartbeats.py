"""Proof that scheduled work runs: for looking only."""

from django.contrib import admin

from clients.admin.access import ReadOnly
from phones.models import Heartbeat


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    """When scheduled work last ran to its end."""

    list_display = ("name", "at")
