"""Words for what Graph says of a WABA, in the manner of `phones.choices`. No logic.

Values: Meta's reference of the WhatsApp Business Account node and answers seen live.
"""

from phones.choices import MESSAGING_LIMIT, Status, Tone

STATUS = {
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
STATUSES: dict[str, dict[str, Status]] = {
    "status": STATUS,
    "account_review_status": ACCOUNT_REVIEW_STATUS,
    "business_verification_status": BUSINESS_VERIFICATION_STATUS,
    "messaging_limit": MESSAGING_LIMIT,
}
