"""What the admin log says of a row."""

from django.contrib.admin.models import LogEntry
from django.db.models import Model


def audited(row: Model) -> list[str]:
    """The sentences about `row`, the oldest first."""
    entries = LogEntry.objects.filter(content_type__model=row._meta.model_name, object_id=row.pk)
    return [entry.change_message for entry in entries.order_by("pk")]
