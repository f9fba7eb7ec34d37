"""Words for states of clients, credentials, WABAs and runs: label, tone and icon in one table each. No logic."""

from django.db import models


class Role(models.TextChoices):
    """What a person may do on the desk, the strongest first. The value is the name of the group that gives it."""

    ADMINISTRATOR = "Administrators", "Administrator"
    TEAM_LEAD = "Team leads", "Team lead"
    ACCOUNT_MANAGER = "Account managers", "Account manager"
    AUDITOR = "Auditors", "Auditor"
    VIEWER = "Viewers", "Viewer"


class Act(models.TextChoices):
    """What roles are for, each with the name of its permission. `clients.roles.ALLOWED` says which role may do it."""

    SEE_CLIENTS = "see_clients", "See the clients that they own or cover"
    SEE_EVERY_CLIENT = "see_every_client", "See every client, events, channels and tokens"
    WORK_ON_CLIENTS = "work_on_clients", "Act for the clients that they see"
    ASSIGN_CLIENTS = "assign_clients", "Give clients to people, hand books over"
    CLAIM_SIGNUPS = "claim_signups", "Claim lost signups for clients"
    RUN_THE_DESK = "run_the_desk", "Read everything anew, keep channels, labels, events, shared views"
    MANAGE_THE_POOL = "manage_the_pool", "Add, share and delete numbers of the pool"
    OVERRIDE_GUARDS = "override_guards", "Override the desk’s own guards, with a reason"
    REVEAL_PINS = "reveal_pins", "Look at PINs, with a reason"
    MANAGE_PEOPLE = "manage_people", "Manage account managers and viewers"
    READ_AUDIT_LOG = "read_audit_log", "Read the audit log"
    ADMINISTER = "administer", "Use the admin, manage everybody"


class CoverState(models.TextChoices):
    """What the cover of a client is today. Only one that is on now lets the cover see the client."""

    NOW = "now", "Now"
    LATER = "later", "Later"
    ENDED = "ended", "Ended"


class LabelColour(models.TextChoices):
    """The colours that a label can have: `words.css` has a pair for each that can be read in both themes."""

    GREY = "grey", "Grey"
    RED = "red", "Red"
    AMBER = "amber", "Amber"
    GREEN = "green", "Green"
    TEAL = "teal", "Teal"
    BLUE = "blue", "Blue"
    VIOLET = "violet", "Violet"
    PINK = "pink", "Pink"


class CredentialKind(models.TextChoices):
    SYSTEM_USER = "system_user", "System user token"
    BUSINESS = "business", "Business token of one client"


class CredentialState(models.TextChoices):
    """What we know of a token. Only an answer from Meta that says so makes one dead."""

    UNTRIED = "untried", "Not used yet"
    WORKING = "working", "Working"
    DEAD = "dead", "Refused by Meta"


class WabaOrigin(models.TextChoices):
    CLIENT_EDGE = "client", "Shared by a client"
    OWNED_EDGE = "owned", "Owned by us"
    MANUAL = "manual", "Connected by hand"
    SIGNUP = "signup", "Signed up on the desk"


class RunScope(models.TextChoices):
    EVERYTHING = "everything", "Everything"
    DUE = "due", "What was due"
    CLIENT = "client", "One client"
    WABA = "waba", "One WABA"
    SELECTION = "selection", "A selection"


class RunTrigger(models.TextChoices):
    SCHEDULE = "schedule", "Schedule"
    PERSON = "person", "Person"
    COMMAND = "command", "Command line"


class RunState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"


class LinkState(models.TextChoices):
    OPEN = "open", "Open"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


class AttemptState(models.TextChoices):
    """How far one try at Embedded Signup came. LOST: Meta's dialog said it was done, and no code ever reached us."""

    SENT = "sent", "Link sent"
    OPENED = "opened", "Page opened"
    STARTED = "started", "In Meta’s dialog"
    CANCELLED = "cancelled", "Left Meta’s dialog"
    ERROR = "error", "Error in Meta’s dialog"
    LOST = "lost", "Done at Meta, never reached us"
    FAILED = "failed", "Could not be completed"
    REFUSED = "refused", "Not accepted"
    WITHOUT_NUMBER = "without_number", "Finished without a number"
    FINISHED = "finished", "Finished"


class TokenScope(models.TextChoices):
    """What a token of the HTTP API may do at most; never more than the person or service whose it is."""

    READ = "read", "Read"
    WORK = "work", "Read and act"
    WORK_ALL = "work_all", "Read and act, also deregister, set PINs and callbacks"


class AskedFor(models.TextChoices):
    """What a password or a code was asked for. DEREGISTER: until signing in again took its place."""

    SIGN_IN = "sign_in", "Signing in"
    SIGN_IN_CODE = "sign_in_code", "Signing in: the code"
    AGAIN = "again", "Confirming who it is"
    AGAIN_CODE = "again_code", "Confirming who it is: the code"
    NEW_PASSWORD = "new_password", "Changing the password"
    NEW_AUTHENTICATOR = "new_authenticator", "Adding an authenticator app"
    RESET = "reset", "Asking for a new password"
    DEREGISTER = "deregister", "Deregistering a number"


class PasswordOutcome(models.TextChoices):
    RIGHT = "right", "Right"
    WRONG = "wrong", "Wrong"
    REFUSED = "refused", "Not looked at"


class AuditKind(models.TextChoices):
    """What a line of the audit log is about."""

    SIGN_IN = "sign_in", "Sign-in"
    REFUSAL = "refusal", "Refused"
    EXPORT = "export", "Export"
    REVEAL = "reveal", "Secret shown"
    ACTION = "action", "Action at Meta"
    ACCESS = "access", "Access"
    LINK = "link", "Client’s link"
    CHANGE = "change", "Change"
    LOG = "log", "This log"


class AuditOutcome(models.TextChoices):
    """What came of it. BEGUN: what it came to stands where the line points to."""

    DONE = "done", "Done"
    BEGUN = "begun", "Begun"
    FAILED = "failed", "Failed"
    REFUSED = "refused", "Refused"


class AccountMailKind(models.TextChoices):
    """What a mail about a person's own login is for. Those after the first two say that something was changed."""

    RESET = "reset", "A link to choose a new password"
    INVITATION = "invitation", "A link to choose the first password"
    PASSWORD_CHANGED = "password_changed", "The password was changed"
    FACTOR_ADDED = "factor_added", "A second factor was added"
    FACTOR_REMOVED = "factor_removed", "A second factor was removed"
    RECOVERY_CODES = "recovery_codes", "New recovery codes were made"


class AccountMailState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Not sent"
