"""What a failed reading means, in words for an account manager. Pure: no rows, no Graph.

`kind` is the stable name of an error type (`portal.graph.errors`) or one of the desk's own kinds at the end of the
table. The codes and subcodes are Meta's:
https://developers.facebook.com/docs/graph-api/guides/error-handling and
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
Meta's own text is shown beside these words, never in their place.
"""

from dataclasses import dataclass
from typing import Literal

# Failures that concern every call of our app, until an administrator changes a setting.
OF_THE_SETTINGS = frozenset({"app_refused", "app_secret_wrong", "address_not_allowed"})

WhoActs = Literal["us", "client", "Meta", "nobody"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A failure in words.

    `title` says what happened, `cause` why, `what_to_do` is an instruction to whoever acts. `retries_itself` is true
    where waiting is enough: the desk tries again and nobody needs to do anything first.
    """

    title: str
    cause: str
    who_acts: WhoActs
    what_to_do: str
    retries_itself: bool = False

    @property
    def tone(self) -> str:
        return "warn" if self.retries_itself else "bad"

    @property
    def whose_move(self) -> str:
        return {"us": "Our move", "client": "The client’s move", "Meta": "Meta’s move", "nobody": "Nobody’s move"}[
            self.who_acts
        ]


def explain(
    kind: str, code: int | None = None, subcode: int | None = None, http_status: int | None = None
) -> Explanation:
    """The words for a failure. A kind that is not known gets honest general ones."""
    if kind == "token_dead" and subcode in _DEAD_TOKENS:
        return _DEAD_TOKENS[subcode]
    if kind == "throttled" and code in _NARROW_LIMITS:
        return _NARROW_LIMITS[code]
    if kind == "account_state" and code in _ACCOUNT_STATES:
        return _ACCOUNT_STATES[code]
    if kind == "bad_answer" and http_status is not None and http_status >= 500:
        return _KINDS["transient"]
    return _KINDS.get(kind, _UNKNOWN)


def _dead_token(title: str, cause: str) -> Explanation:
    return Explanation(
        title=title,
        cause=cause,
        who_acts="us",
        what_to_do="An administrator makes a new token in Meta’s business settings and stores it here. Until then "
        "nothing that uses this token can be read; everything else goes on.",
    )


# 458 … 492: what Meta's authentication guide says of code 190.
_DEAD_TOKENS = {
    458: _dead_token("The app was removed", "Whoever issued the token has removed our app from their account."),
    459: _dead_token(
        "The token’s user must pass a check at Meta",
        "Meta has locked the login behind this token until its user confirms who they are at facebook.com.",
    ),
    460: _dead_token("The password behind the token was changed", "A changed password ends all older tokens."),
    463: _dead_token("The token has expired", "The token had an end date, and it has passed."),
    464: _dead_token("The token’s user is not confirmed", "The login behind this token was never confirmed at Meta."),
    467: _dead_token("The token was revoked", "Somebody ended this token, or Meta did."),
    492: _dead_token("The session behind the token has ended", "The login this token came from is no longer valid."),
}

_WABA_BUDGET = Explanation(
    title="Too many calls for this WABA",
    cause="Meta allows a number of calls an hour for each WABA, and this hour’s are used up. Other tools that read "
    "the same WABA with our app count too.",
    who_acts="nobody",
    what_to_do="Wait. The desk pauses this WABA for as long as Meta asks and then goes on.",
    retries_itself=True,
)
_NUMBER_BUDGET = Explanation(
    title="Too many calls for this number",
    cause="Meta limits how often one number may be asked or changed, and the limit is reached.",
    who_acts="nobody",
    what_to_do="Wait. The desk leaves this number alone for as long as Meta asks and then goes on.",
    retries_itself=True,
)
# Either of 80007 and 80008 is seen for the same limit. All other throttling codes count for the whole app.
_NARROW_LIMITS = {
    80007: _WABA_BUDGET,
    80008: _WABA_BUDGET,
    **dict.fromkeys((130429, 131048, 131056, 133016), _NUMBER_BUDGET),
}

_ACCOUNT_STATES = {
    131031: Explanation(
        title="Meta has locked this account",
        cause="The account was locked, most often for breaking a policy or for data that could not be confirmed.",
        who_acts="client",
        what_to_do="The client opens Business Support Home at Meta, reads the reason there and asks for a review.",
    ),
    368: Explanation(
        title="Meta has blocked this account for a while",
        cause="The account was found to break Meta’s policies and may not do this for now.",
        who_acts="client",
        what_to_do="The client reads the reason in Business Support Home at Meta and asks for a review there.",
    ),
    131042: Explanation(
        title="Meta can’t take payment for this account",
        cause="There is no usable payment method, or the credit line is not shared with this WABA.",
        who_acts="client",
        what_to_do="The client sets a payment method in WhatsApp Manager, or we share our credit line with this WABA.",
    ),
}

_UNKNOWN = Explanation(
    title="Meta answered with an error we don’t know",
    cause="The answer is none of the errors that the desk has words for. Meta’s own text says more.",
    who_acts="us",
    what_to_do="If the next reading fails too, an administrator takes Meta’s text and the trace id to Meta’s support.",
)

_KINDS = {
    "callback_refused": Explanation(
        title="The address did not answer Meta’s handshake",
        cause="Meta asks an address for its consent before it sends anything there, and got no answer or a wrong one. "
        "Often the verify token is not the one that the receiver knows.",
        who_acts="us",
        what_to_do="Check the address and the verify token with whoever runs the receiver, then try again.",
    ),
    "token_dead": _dead_token(
        "Meta refuses the token", "The token is expired, revoked or not a token of our app any more."
    ),
    "app_secret_wrong": Explanation(
        title="Meta refuses our app secret",
        cause="Every call is signed with META_APP_SECRET, and it is not the secret of the app that the token belongs "
        "to, or it is not set and the app wants it.",
        who_acts="us",
        what_to_do="An administrator copies the app secret from Meta’s app dashboard, under App settings → Basic, into "
        "META_APP_SECRET and restarts the desk. Until then nothing can be read or done.",
    ),
    "address_not_allowed": Explanation(
        title="Meta takes no calls from this server’s address",
        cause="The app at Meta has a list of the addresses that may call for it, and the address this server is seen "
        "under is not on it.",
        who_acts="us",
        what_to_do="An administrator adds the server’s public address in Meta’s app dashboard, under App settings → "
        "Advanced → Server IP allowlist, or sets HTTPS_PROXY to a proxy whose address is on it.",
    ),
    "app_refused": Explanation(
        title="Meta refuses our app",
        cause="Meta takes no calls of our app, whatever is asked.",
        who_acts="us",
        what_to_do="An administrator looks into Meta’s app dashboard and compares it with the META_ settings.",
    ),
    "permission_missing": Explanation(
        title="Our token may not read it",
        cause="Meta knows the token, but it lacks the permission or the task: the client took it back, or it was "
        "never given.",
        who_acts="client",
        what_to_do="Ask the client to share the WABA with us again in Meta’s business settings, with full control. If "
        "many clients show this at once, an administrator checks the permissions of our own token.",
    ),
    "not_visible": Explanation(
        title="Meta does not show it to us",
        cause="It was deleted, is no longer shared with us, or this token was never given it: Meta answers all three "
        "the same way. Nothing is removed from the desk because of it.",
        who_acts="us",
        what_to_do="Ask the client whether it still exists and is shared with us. If not, have it shared again.",
    ),
    "throttled": Explanation(
        title="Too many calls from our app",
        cause="Meta limits how many calls our whole app may make, and the limit is reached.",
        who_acts="nobody",
        what_to_do="Wait. The desk pauses for as long as Meta asks and then goes on.",
        retries_itself=True,
    ),
    "transient": Explanation(
        title="Meta had a hiccup",
        cause="Meta’s servers could not answer this time. It says nothing about the WABA or the token.",
        who_acts="nobody",
        what_to_do="Wait. The desk tries again by itself.",
        retries_itself=True,
    ),
    "too_much_data": Explanation(
        title="Meta found the question too large",
        cause="Meta asks for smaller pages, and refused even a page of one.",
        who_acts="nobody",
        what_to_do="Wait. The desk tries again by itself. If it stays, an administrator takes it to Meta’s support.",
        retries_itself=True,
    ),
    "unreachable": Explanation(
        title="Meta could not be reached",
        cause="No answer came over the network. It says nothing about the WABA or the token.",
        who_acts="nobody",
        what_to_do="Wait. The desk tries again by itself. If every WABA shows this, an administrator looks at the "
        "server’s network.",
        retries_itself=True,
    ),
    "deadline_exceeded": Explanation(
        title="Meta took too long",
        cause="The answer did not arrive in full in the time a reading may take.",
        who_acts="nobody",
        what_to_do="Wait. The desk tries again by itself.",
        retries_itself=True,
    ),
    "bad_answer": Explanation(
        title="The answer was not Meta’s usual one",
        cause="Something answered, but not in the form Meta’s Graph API does: an outage page, or a proxy on the way.",
        who_acts="nobody",
        what_to_do="Wait. The desk tries again by itself. If it stays, an administrator looks at the network between "
        "here and Meta.",
        retries_itself=True,
    ),
    "bad_request": Explanation(
        title="Meta did not accept our question",
        cause="The desk asked in a way that Meta no longer takes. It says nothing about the WABA or its numbers.",
        who_acts="us",
        what_to_do="An administrator passes Meta’s text and the trace id to whoever maintains the desk.",
    ),
    "account_state": Explanation(
        title="Meta holds this account back",
        cause="The account is locked, blocked for policy reasons, or can’t be charged.",
        who_acts="client",
        what_to_do="The client looks into Business Support Home at Meta, where the reason and the way out are shown.",
    ),
    "unknown": _UNKNOWN,
    # The desk's own.
    "emptied": Explanation(
        title="Meta suddenly lists nothing",
        cause="The list came whole and empty, and it was not empty before. Nothing is removed from the desk because "
        "of it until it has been empty for 24 hours.",
        who_acts="us",
        what_to_do="Look in WhatsApp Manager whether it is so. The desk reads it again soon and shows what comes then.",
    ),
    "worker_lost": Explanation(
        title="The reading broke off on our side",
        cause="The worker that was reading stopped before it was done: a restart or a crash. Nothing was changed.",
        who_acts="nobody",
        what_to_do="Wait. Another worker takes over by itself.",
        retries_itself=True,
    ),
    "restored": Explanation(
        title="Restored from a backup",
        cause="The database was put back to an earlier moment. What was done at Meta since then is not known here.",
        who_acts="us",
        what_to_do="Look in WhatsApp Manager whether it was done since. Then try again.",
    ),
    "no_token": Explanation(
        title="No token to read it with",
        cause="No access token is stored for this WABA, so Meta can’t be asked.",
        who_acts="us",
        what_to_do="An administrator stores a token for it, or the client signs up again.",
    ),
    "secret_unreadable": Explanation(
        title="Our stored token can’t be decrypted",
        cause="The token was encrypted with a key that this server no longer has.",
        who_acts="us",
        what_to_do="An administrator puts the old key back into TOKEN_ENCRYPTION_KEYS, or stores the token again.",
    ),
    "no_business": Explanation(
        title="We don’t know which business to list",
        cause="WABAs are found through our business portfolio, and its id is not set.",
        who_acts="us",
        what_to_do="An administrator sets META_BUSINESS_ID, or the business id of the token.",
    ),
    "internal": Explanation(
        title="Something broke on our side",
        cause="The desk itself made a mistake while reading. Nothing was changed, and Meta has nothing to do with it.",
        who_acts="us",
        what_to_do="An administrator looks into the log at that time. The desk also tries again by itself.",
    ),
}
_KINDS["unknown_field"] = _KINDS["bad_cursor"] = _KINDS["bad_request"]
_KINDS["paging_loop"] = _KINDS["too_many_pages"] = Explanation(
    title="Meta’s listing did not end",
    cause="The pages of the listing went round in circles or never stopped, so it can’t be trusted; nothing was "
    "changed.",
    who_acts="nobody",
    what_to_do="Wait. The desk tries again by itself. If it stays, an administrator takes it to Meta’s support.",
    retries_itself=True,
)
