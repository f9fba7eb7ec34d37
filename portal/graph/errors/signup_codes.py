"""Why Meta gave no token for the code of an Embedded Signup, as types.

Only `exchange_code` raises these. After any of them the signup has to be gone through again: a code lives 30 seconds
and works once.
Sources: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation, and
answers published by others for what Meta's page leaves out.
"""
# ruff: noqa: N818 - each name says what happened; an ending in Error would add nothing to it

from portal.graph.errors import GraphError


class CodeExpired(GraphError):
    """The code came too late (100/36007)."""

    kind = "signup_code_expired"


class CodeUsed(GraphError):
    """The code was exchanged before (100/36009): by someone else, or by a call of ours whose answer was lost."""

    kind = "signup_code_used"


class CodeNotForUs(GraphError):
    """The code was not made for this app.

    It was asked for with a redirect address (100/36008), or our app id (101) or app secret (1, in words that name it)
    is not the right one.
    """

    kind = "signup_code_foreign"
