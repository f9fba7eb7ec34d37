"""Kinds and states of bulk runs and their items. Words and values, no logic."""

from django.db.models import TextChoices


class BulkKind(TextChoices):
    """What can be done for many numbers at once. What is also done for one has the value of its `ActionKind`."""

    REFRESH = "refresh", "Refresh"
    REQUEST_CODE = "request-code", "Request code"
    REGISTER = "register", "Register"
    SET_PIN = "pin", "Set PIN"
    PROFILE = "profile", "Edit profiles"
    SUBSCRIBE = "subscribe", "Switch events on"
    CODE_LINK = "code-link", "Code links"
    SIGNUP_LINK = "signup-link", "Signup links"
    LABEL = "label", "Label"


class BulkState(TextChoices):
    """How far a run is. A DRAFT is a dry run that nobody has confirmed."""

    DRAFT = "draft", "Dry run"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    CANCELLED = "cancelled", "Cancelled"
    FINISHED = "finished", "Finished"


class ItemState(TextChoices):
    """How far one item is. TAKEN: a worker has it in hand; UNKNOWN: Meta's answer was lost."""

    SKIPPED = "skipped", "Skipped"
    WAITING = "waiting", "Waiting"
    TAKEN = "taken", "Under way"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Answer lost"
    CANCELLED = "cancelled", "Not begun"
