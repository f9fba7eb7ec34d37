"""What can need a second person, and what becomes of it. Words and values, no logic."""

from django.db.models import TextChoices


class ApprovalKind(TextChoices):
    """What TWO_PERSON_APPROVAL may name."""

    DEREGISTER = "deregister", "Deregister a number"
    BULK_REGISTER = "bulk-register", "Register many numbers"


class ApprovalState(TextChoices):
    """Of one that waits its time may be over: `Approval.is_open` says whether it can still be decided."""

    WAITING = "waiting", "Waits for a second person"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"
