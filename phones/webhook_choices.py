"""States of what webhooks post."""

from django.db.models import TextChoices


class DeliveryState(TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Taken"
    DEAD = "dead", "Given up"
    DROPPED = "dropped", "Not theirs any more"
