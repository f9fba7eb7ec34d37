"""Words for what Graph says of a number: label, tone and icon of every known value, one table a field. No logic.

A value that is in no table is shown as itself in the neutral tone: Meta adds values, and an unknown one must never
turn green. Wording follows Meta's vocabulary; the raw value is always shown with it.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tone(models.TextChoices):
    """The five tones of the desk, and neutral. Each has an icon, so that colour never speaks alone."""

    OK = "ok"
    WAIT = "wait"
    ACT = "act"
    WARN = "warn"
    BAD = "bad"
    NONE = "none"


class Source(models.TextChoices):
    """Where a value or a change came from."""

    SYNC = "sync", _("sync")
    WEBHOOK = "webhook", _("event from Meta")
    ACTION = "action", _("action")
    STAFF = "staff", _("staff")


class ChangeKind(models.TextChoices):
    """What a line of history tells."""

    FIELD = "field", _("Value changed")
    ADDED = "added", _("First seen")
    LISTED = "listed", _("Listed on a WABA")
    MISSING = "missing", _("Missing from its WABA")
    BACK = "back", _("Back on its WABA")
    GONE = "gone", _("Gone from its WABA")
    MOVED = "moved", _("Moved between WABAs")


@dataclass(frozen=True, slots=True)
class Status:
    """How one value of Graph's is shown: `label` in words, `tone`, and one sentence of `meaning` for the curious."""

    label: str
    tone: Tone
    meaning: str = ""
