"""Deletes what the audit log need not hold any longer. The scheduler does it too, some thousand lines an hour."""

from typing import Any

from django.core.management.base import BaseCommand

from clients.audit import retention


class Command(BaseCommand):
    help = "Deletes lines of the audit log that are older than AUDIT_KEPT_DAYS, after a signed line that says so."

    def handle(self, **_: Any) -> None:
        total = 0
        while deleted := retention.prune():
            total += deleted
        self.stdout.write(f"deleted={total}")
