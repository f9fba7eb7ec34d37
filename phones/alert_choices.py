"""Kinds and states of alerts, incidents and what is sent about them. Words and values, no logic."""

from django.db.models import TextChoices


class AlertKind(TextChoices):
    """What can't wait until the next morning."""

    BANNED = "banned", "Banned by Meta"
    DISCONNECTED = "disconnected", "Disconnected"
    BLOCKED = "blocked", "Blocked from sending"
    DEADLINE = "deadline", "Less than 24 hours left"
    TOKEN = "token", "Token refused by Meta"


class IncidentCause(TextChoices):
    """What many alerts within minutes have in common."""

    TOKEN = "token", "Token"
    WABA = "waba", "WABA"
    META = "meta", "Meta"


class DispatchKind(TextChoices):
    DIGEST = "digest", "Morning mail"
    ALERT = "alert", "Alert"
    APPROVAL = "approval", "Approval"
    TRIAL = "trial", "Trial"


class DispatchState(TextChoices):
    """How far a mail or a post is. UNKNOWN: handed over, and no answer came, so that it is not sent again."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Not sent"
    UNKNOWN = "unknown", "Perhaps sent"
    DROPPED = "dropped", "Not needed any more"
    PAGE = "page", "Only on the desk"


class DigestDays(TextChoices):
    DAILY = "daily", "Every day"
    WEEKDAYS = "weekdays", "Monday to Friday"
    NEVER = "never", "Never"


class MailScope(TextChoices):
    """Whose numbers a person's mails are about."""

    MINE = "mine", "Clients that I own or cover"
    ALL = "all", "Every client that I may see"


class ChannelScope(TextChoices):
    """Whose numbers the posts to a channel are about."""

    PEOPLE = "people", "Clients of chosen people"
    ALL = "all", "All clients"


class ChannelKind(TextChoices):
    WEBHOOK = "webhook", "Signed webhook"
    SLACK = "slack", "Slack-compatible address"
