"""Words for states of clients, credentials, WABAs and runs: label, tone and icon in one table each. No logic."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do on the desk. The value is the name of the Django group that gives it."""

    ADMINISTRATOR = "Administrators", _("Administrator")
    TEAM_LEAD = "Team leads", _("Team lead")
    ACCOUNT_MANAGER = "Account managers", _("Account manager")
    VIEWER = "Viewers", _("Viewer")


class CredentialKind(models.TextChoices):
    """Meta's token kinds that the desk keeps."""

    SYSTEM_USER = "system_user", _("System user token")
    BUSINESS = "business", _("Business token of one client")


class CredentialState(models.TextChoices):
    """What we know of a token. Only an answer from Meta that says so makes one dead."""

    UNTRIED = "untried", _("Not used yet")
    WORKING = "working", _("Working")
    DEAD = "dead", _("Refused by Meta")


class WabaOrigin(models.TextChoices):
    """How the desk came to know a WABA."""

    CLIENT_EDGE = "client", _("Shared by a client")
    OWNED_EDGE = "owned", _("Owned by us")
    MANUAL = "manual", _("Connected by hand")
    SIGNUP = "signup", _("Signed up on the desk")


class RunScope(models.TextChoices):
    """What a sync run was asked to read."""

    EVERYTHING = "everything", _("Everything")
    DUE = "due", _("What was due")
    CLIENT = "client", _("One client")
    WABA = "waba", _("One WABA")
    SELECTION = "selection", _("A selection")


class RunTrigger(models.TextChoices):
    """Who or what started a sync run."""

    SCHEDULE = "schedule", _("Schedule")
    PERSON = "person", _("Person")
    COMMAND = "command", _("Command line")


class RunState(models.TextChoices):
    """Where a sync run stands."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")


class LinkState(models.TextChoices):
    """Whether a client's link opens its page."""

    OPEN = "open", _("Open")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class AttemptState(models.TextChoices):
    """How far one try at Embedded Signup came. LOST: Meta's dialog said it was done, and no code ever reached us."""

    SENT = "sent", _("Link sent")
    OPENED = "opened", _("Page opened")
    STARTED = "started", _("In Meta’s dialog")
    CANCELLED = "cancelled", _("Left Meta’s dialog")
    ERROR = "error", _("Error in Meta’s dialog")
    LOST = "lost", _("Done at Meta, never reached us")
    FAILED = "failed", _("Could not be completed")
    REFUSED = "refused", _("Not accepted")
    WITHOUT_NUMBER = "without_number", _("Finished without a number")
    FINISHED = "finished", _("Finished")
