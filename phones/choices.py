"""Words for what Graph says of numbers and WABAs: label and tone of every known value, one table a field. No logic.

A value that is in no table is shown as itself in the neutral tone: Meta adds values, and an unknown one must never
turn green. Wording follows Meta's vocabulary; the raw value is always shown with it.
"""

from dataclasses import dataclass

from django.db.models import TextChoices


class Tone(TextChoices):
    """The five tones of the desk, and neutral. Each has an icon, so that colour never speaks alone."""

    OK = "ok"
    WAIT = "wait"
    ACT = "act"
    WARN = "warn"
    BAD = "bad"
    NONE = "none"


class Source(TextChoices):
    SYNC = "sync", "sync"
    WEBHOOK = "webhook", "event from Meta"
    ACTION = "action", "action"
    STAFF = "staff", "staff"


class ChangeKind(TextChoices):
    FIELD = "field", "Value changed"
    ADDED = "added", "First seen"
    LISTED = "listed", "Listed on a WABA"
    MISSING = "missing", "Missing from its WABA"
    BACK = "back", "Back on its WABA"
    GONE = "gone", "Gone from its WABA"
    MOVED = "moved", "Moved between WABAs"
    EVENT = "event", "Event from Meta"


class ActionKind(TextChoices):
    """What can be done at Meta. The value of what is done on a page of its own is the last part of its address."""

    REFRESH = "refresh", "Read from Meta"
    REQUEST_CODE = "request-code", "Request code"
    VERIFY_CODE = "verify-code", "Confirm code"
    REGISTER = "register", "Register"
    DEREGISTER = "deregister", "Deregister"
    SET_PIN = "pin", "Set PIN"
    DISPLAY_NAME = "display-name", "Request display name"
    PROFILE = "profile", "Edit business profile"
    USERNAME = "username", "Ask for username"
    DROP_USERNAME = "drop-username", "Give up username"
    CALLS = "calls", "Change call settings"
    STORAGE = "storage", "Change storage"
    IDENTITY_CHECK = "identity-check", "Switch identity check"
    AUTOMATION = "automation", "Change automation"
    OFFICIAL_ACCOUNT = "official-account", "Ask for official account"
    NUMBER_CALLBACK = "number-callback", "Set callback of the number"
    MESSAGE_LINK = "message-link", "Make message link"
    CHANGE_MESSAGE_LINK = "change-message-link", "Change message link"
    DROP_MESSAGE_LINK = "drop-message-link", "Delete message link"
    ADD_NUMBER = "add-number", "Add number"
    SUBSCRIBE = "subscribe", "Switch events on"
    UNSUBSCRIBE = "unsubscribe", "Switch events off"
    WABA_CALLBACK = "waba-callback", "Set callback of the WABA"
    SHARE_CREDIT_LINE = "credit-line", "Share the credit line"
    REVOKE_CREDIT_LINE = "revoke-credit-line", "Revoke the credit line"
    SET_CALLBACK = "callback", "Point events here"
    ADD_TO_POOL = "add-to-pool", "Add to the pool"
    SHARE = "share", "Share with a partner"
    UNSHARE = "unshare", "Stop sharing"
    DELETE = "delete", "Delete from the pool"


class ActionState(TextChoices):
    """How far an action is. UNKNOWN: Meta's answer was lost."""

    PENDING = "pending", "Written down"
    SENT = "sent", "Sent"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Answer lost"


class PinState(TextChoices):
    UNCONFIRMED = "unconfirmed", "Not confirmed"
    CONFIRMED = "confirmed", "The number’s PIN"
    REPLACED = "replaced", "Replaced by a newer one"
    REFUSED = "refused", "Refused by Meta"


class ClientDoor(TextChoices):
    """Through what the client acted where nobody of ours did (`Action.details["by"]`)."""

    SIGNUP = "signup", "the client’s signup"
    CODE_PAGE = "code-page", "the client on the code page"


class StepKind(TextChoices):
    """The steps from a finished signup to a registered number, in their order."""

    ACCESS = "access", "Access granted"
    ACCOUNT = "account", "Account read"
    SUBSCRIPTION = "subscription", "Events switched on"
    CREDIT_LINE = "credit_line", "Credit line shared"
    NUMBERS = "numbers", "Numbers listed"
    REGISTRATION = "registration", "Number registered"


class StepState(TextChoices):
    """How far one step is. UNKNOWN: Meta's answer was lost; CLIENT: it waits for something only the client can do."""

    WAITING = "waiting", "Not yet"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    NOT_NEEDED = "not_needed", "Not needed"
    CLIENT = "client", "Waiting for the client"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Could not tell"


class EventState(TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Applied"
    UNKNOWN = "unknown", "Not known to the desk"
    UNMATCHED = "unmatched", "No such WABA or number here"
    MALFORMED = "malformed", "Not in the form Meta documents"
    FAILED = "failed", "Failed"


@dataclass(frozen=True, slots=True)
class Status:
    """How one value of Graph's is shown: `label` in words, `tone`, and one sentence of `meaning` for the curious."""

    label: str
    tone: Tone
    meaning: str = ""


NOT_RETURNED = Status("not returned", Tone.NONE, "Meta’s answer did not contain this field.")
NOT_WORKED_OUT = Status("not worked out", Tone.NONE, "The desk works it out within some minutes.")

# Connection state. Values: Meta's reference, its OpenAPI file, and answers seen live.
STATUS = {
    "CONNECTED": Status("Connected", Tone.OK, "The state in which a registered number sends and receives."),
    "PENDING": Status("Not registered", Tone.ACT, "Added at Meta, not registered for use."),
    "FLAGGED": Status("Flagged", Tone.WARN, "Its quality is low. Meta watches it, and limits it if that stays so."),
    "RESTRICTED": Status("Restricted", Tone.WARN, "At its messaging limit: it may answer, not start, conversations."),
    "RATE_LIMITED": Status("Rate limited", Tone.WARN, "At its limit: it may answer, not start, conversations."),
    "DISCONNECTED": Status("Disconnected", Tone.BAD, "Not reachable: deregistered, or taken away from us."),
    "OFFLINE": Status("Offline", Tone.BAD, "Not reachable."),
    "UNLINKED": Status("Unlinked", Tone.BAD, "No longer linked to its account."),
    "BANNED": Status("Banned by Meta", Tone.BAD, "It can neither send nor receive. Only an appeal helps."),
    "MIGRATED": Status("Moved away", Tone.NONE, "It was migrated to another account."),
    "DELETED": Status("Removed", Tone.NONE, "It was deleted at Meta."),
    "UNVERIFIED": Status("Not verified", Tone.ACT, "Its ownership is not proven by a code."),
    "LINKED": Status("Linked", Tone.NONE, "Linked to its account. Meta does not say whether it can send."),
    "UNKNOWN": Status("Meta gave no state", Tone.NONE),
}

# Whether ownership was proven by a one-time code. Says nothing of a number that is registered already.
CODE_VERIFICATION_STATUS = {
    "VERIFIED": Status("Verified", Tone.OK, "Ownership was proven by a one-time code."),
    "NOT_VERIFIED": Status("Needs code", Tone.ACT, "No one-time code was confirmed yet."),
    "UNVERIFIED": Status("Needs code", Tone.ACT, "No one-time code was confirmed yet."),
    "EXPIRED": Status("Code lapsed", Tone.ACT, "An earlier verification has lapsed."),
}

NAME_STATUS = {
    "APPROVED": Status("Approved", Tone.OK, "Reviewed and approved by Meta."),
    "AVAILABLE_WITHOUT_REVIEW": Status("Usable, not reviewed", Tone.NONE, "Usable now; Meta has not reviewed it."),
    "PENDING_REVIEW": Status("In review", Tone.WAIT, "Meta is reviewing the display name."),
    "DEFERRED": Status("In review", Tone.WAIT, "Meta has put its decision off."),
    "DECLINED": Status("Rejected", Tone.BAD, "Meta has declined the display name."),
    "REJECTED": Status("Rejected", Tone.BAD, "Meta has declined the display name."),
    "EXPIRED": Status("Certificate lapsed", Tone.ACT, "It cannot be registered until the name is renewed."),
    "NONE": Status("No certificate", Tone.ACT, "The number cannot be registered without one."),
    "NON_EXISTS": Status("No review", Tone.NONE, "Meta has no review of the name, and does not document what follows."),
}

# The review of a requested change. NONE: no change was requested, so there is nothing to do.
NEW_NAME_STATUS = {
    "APPROVED": Status("Approved, not live", Tone.ACT, "Live once the number is registered again."),
    "AVAILABLE_WITHOUT_REVIEW": Status("Usable, not live", Tone.ACT, "Live once the number is registered again."),
    "PENDING_REVIEW": Status("In review", Tone.WAIT, "Meta is reviewing the requested name."),
    "DEFERRED": Status("In review", Tone.WAIT, "Meta has put its decision off."),
    "DECLINED": Status("Rejected", Tone.BAD, "Meta has declined the requested name."),
    "REJECTED": Status("Rejected", Tone.BAD, "Meta has declined the requested name."),
    "EXPIRED": Status("Lapsed", Tone.NONE, "The approval of the requested name has lapsed."),
    "NONE": Status("No change asked for", Tone.NONE),
    "NON_EXISTS": Status("No change asked for", Tone.NONE),
}

QUALITY_RATING = {
    "GREEN": Status("High", Tone.OK, "How recipients took the messages of the last days."),
    "YELLOW": Status("Medium", Tone.WARN, "Some recipients blocked or reported the number."),
    "RED": Status("Low", Tone.BAD, "Many recipients blocked or reported the number. Meta may limit it."),
    "UNKNOWN": Status("Not rated", Tone.NONE, "Too few messages for a rating."),
    "NA": Status("Not rated", Tone.NONE, "Too few messages for a rating."),
}

PLATFORM_TYPE = {
    "CLOUD_API": Status("Cloud API", Tone.OK, "Registered for Cloud API."),
    "ON_PREMISE": Status("On-premises", Tone.WARN, "Not on Cloud API. Meta has ended the on-premises API."),
    "NOT_APPLICABLE": Status("Not provisioned", Tone.ACT, "The number is registered on no platform."),
}

THROUGHPUT = {
    "STANDARD": Status("Standard", Tone.NONE, "Up to 80 messages a second."),
    "HIGH": Status("High", Tone.NONE, "Up to 1,000 messages a second."),
    "NOT_APPLICABLE": Status("None yet", Tone.NONE, "Meta gives a throughput to registered numbers."),
}

ACCOUNT_MODE = {
    "LIVE": Status("Live", Tone.NONE, "Out of Meta’s trial."),
    "SANDBOX": Status("Sandbox", Tone.NONE, "Still in Meta’s trial for unverified businesses."),
}

# New people that the whole portfolio may write to in 24 hours; Meta repeats the portfolio's limit on each number.
_SHARED = "People the business may start conversations with in 24 hours, shared by all numbers of its portfolio."
MESSAGING_LIMIT = {
    "TIER_50": Status("50 a day", Tone.NONE, _SHARED),
    "TIER_250": Status("250 a day", Tone.NONE, _SHARED),
    "TIER_1K": Status("1,000 a day", Tone.NONE, _SHARED),
    "TIER_2K": Status("2,000 a day", Tone.NONE, _SHARED),
    "TIER_10K": Status("10,000 a day", Tone.NONE, _SHARED),
    "TIER_100K": Status("100,000 a day", Tone.NONE, _SHARED),
    "TIER_UNLIMITED": Status("Unlimited", Tone.NONE, _SHARED),
    "UNTIERED": Status("No limit set", Tone.NONE, _SHARED),
    "TIER_NOT_SET": Status("No limit set", Tone.NONE, _SHARED),
}

# Where a number stands on its way to sending (`phones.numbers.lifecycle.Stage`).
STAGE = {
    "needs_code": Status("Needs code", Tone.ACT, "Its ownership is not proven by a one-time code yet."),
    "name_blocks": Status("Name blocks", Tone.ACT, "It can’t be registered with this display name."),
    "ready": Status("Ready to register", Tone.ACT, "Verified, and waiting to be registered."),
    "registering": Status("Registering", Tone.WAIT, "Sent to Meta; the outcome is not known yet."),
    "registered": Status("Registered", Tone.OK, "Connected, on Cloud API."),
    "restricted": Status("Restricted", Tone.WARN, "Meta holds it back."),
    "disconnected": Status("Disconnected", Tone.BAD, "Not reachable: deregistered, moved, or taken away from us."),
    "business_app": Status("On the Business app", Tone.NONE, "The client’s WhatsApp Business app manages it."),
    "window_closed": Status("Window closed", Tone.BAD, "The days to register it after signup have passed."),
    "not_visible": Status("Not visible", Tone.WARN, "No WABA that we can read shows it."),
    "unknown": Status("Not known", Tone.NONE, "Meta returned too little to say."),
}

# Whether it may send messages (`phones.numbers.rules.MaySend`).
MAY_SEND = {
    "yes": Status("May send", Tone.OK, "Connected, and on Cloud API."),
    "limited": Status("Limited", Tone.WARN, "It sends less than it could, or only answers."),
    "no": Status("Can’t send", Tone.NONE, "Only a number that is registered with Cloud API sends."),
    "unknown": Status("Can’t tell", Tone.NONE, "Meta returned too little to say, or does not show the number."),
}

# Whether it is registered with Cloud API (`phones.numbers.rules.reported_registered`).
REGISTERED = {
    "yes": Status("Registered", Tone.OK, "It is on Cloud API, whatever else may be the matter with it."),
    "no": Status("Not registered", Tone.NONE, "Not on Cloud API, or in a state in which no number is registered."),
    "unknown": Status("Can’t tell", Tone.NONE, "Meta did not say on which platform it is."),
}

# Field of PhoneNumber → its table.
STATUSES: dict[str, dict[str, Status]] = {
    "status": STATUS,
    "code_verification_status": CODE_VERIFICATION_STATUS,
    "name_status": NAME_STATUS,
    "new_name_status": NEW_NAME_STATUS,
    "quality_rating": QUALITY_RATING,
    "platform_type": PLATFORM_TYPE,
    "throughput": THROUGHPUT,
    "account_mode": ACCOUNT_MODE,
    "messaging_limit": MESSAGING_LIMIT,
    "stage": STAGE,
    "may_send": MAY_SEND,
}
# Those that the desk works out: Graph neither sends them nor leaves them out.
OWN_FIELDS = frozenset({"stage", "may_send"})

# Whether a number, a WABA, a business or our app lets messages be sent (`can_send_message` in Graph's `health_status`).
CAN_SEND_MESSAGE = {
    "AVAILABLE": Status("Can send", Tone.OK, "Nothing here keeps messages from being sent."),
    "LIMITED": Status("Limited", Tone.WARN, "Messages are sent, and less than could be."),
    "BLOCKED": Status("Blocked", Tone.BAD, "No message can be sent until this is settled."),
}
HEALTH_STATUSES = {"can_send_message": CAN_SEND_MESSAGE}
# Graph's `entity_type` → what a page calls it.
HEALTH_ENTITIES = {
    "PHONE_NUMBER": "Number",
    "WABA": "WABA",
    "BUSINESS": "Business",
    "APP": "Our app",
    "MESSAGE_TEMPLATE": "Message template",
}

# What Graph says of a WABA. Values: Meta's reference of the WhatsApp Business Account node, and answers seen live.
WABA_STATUS = {
    "ACTIVE": Status("Active", Tone.OK),
    "PENDING": Status("Pending", Tone.WAIT),
    "RESTRICTED": Status("Restricted", Tone.WARN, "Meta has taken some of its abilities away."),
    "DISABLED": Status("Disabled", Tone.BAD, "Meta has switched it off."),
}

ACCOUNT_REVIEW_STATUS = {
    "APPROVED": Status("Approved", Tone.OK, "Meta has reviewed the account."),
    "PENDING": Status("In review", Tone.WAIT, "Meta is reviewing the account."),
    "DEFERRED": Status("In review", Tone.WAIT, "Meta has put its decision off."),
    "REJECTED": Status("Rejected", Tone.BAD, "Meta has declined the account."),
    "RESTRICTED": Status("Restricted", Tone.WARN),
    "LIMIT_REACHED": Status("Limit reached", Tone.WARN),
}

# The client's own verification as a business, done in Meta's business settings.
BUSINESS_VERIFICATION_STATUS = {
    "verified": Status("Business verified", Tone.OK),
    "not_verified": Status("Business not verified", Tone.NONE, "The limits stay low until the client is verified."),
    "pending": Status("Verification in review", Tone.WAIT, "Meta is looking at the client’s papers."),
    "pending_submission": Status("Verification not sent in", Tone.ACT, "The client has begun and not finished."),
    "pending_need_more_info": Status("Meta wants more papers", Tone.ACT, "The client has to send more to Meta."),
    "failed": Status("Verification failed", Tone.BAD),
    "rejected": Status("Verification rejected", Tone.BAD),
    "revoked": Status("Verification revoked", Tone.BAD),
    "expired": Status("Verification expired", Tone.ACT),
    "ineligible": Status("Can’t be verified", Tone.NONE),
}

# Field of Waba → its table.
WABA_STATUSES: dict[str, dict[str, Status]] = {
    "status": WABA_STATUS,
    "account_review_status": ACCOUNT_REVIEW_STATUS,
    "business_verification_status": BUSINESS_VERIFICATION_STATUS,
    "messaging_limit": MESSAGING_LIMIT,
}

# Whose move it is, in words. Where it is nobody's, nothing is said.
WHOSE_MOVE = {"us": "Our move", "client": "The client’s move", "meta": "Meta’s move"}
MOVES = {**WHOSE_MOVE, "nobody": ""}

# Fields of Meta's events that carry conversations of the client's customers. They are not the desk's business, so what
# they say is never stored.
CONTENT_FIELDS = frozenset(
    {"messages", "message_echoes", "smb_message_echoes", "smb_app_state_sync", "history", "calls", "flows"}
)
# Of these fields only the names below are stored with their values, because whatever a client sets at Meta may come
# with them: the text of a greeting, the address and the secret of a webhook. Of all else the names and sizes.
KEPT_AS_THEY_CAME = {
    "account_settings_update": frozenset({"messaging_product", "timestamp", "type", "display_phone_number"}),
}
