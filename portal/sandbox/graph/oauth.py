"""``GET /oauth/access_token``: a code from the login dialog turns into the customer's business token.

From Meta's pages on manual login flows and on Embedded Signup. Nothing but the code is exchanged here, and no token is
wanted: the app shows its id and secret.
"""

import hmac

from portal.sandbox.graph import errors
from portal.sandbox.graph.errors import GraphError
from portal.sandbox.http.messages import Request, Values
from portal.sandbox.world.world import World

PATH = ("oauth", "access_token")


def exchange(world: World, request: Request) -> Values:
    """The reply. Raises GraphError: 101 and 1 for an app that is not ours, 100 for anything wrong with the code.

    Of the code's errors, subcode 36007 is for one that is past its time, 36008 for a redirect that no dialog of
    JavaScript's has, 36009 for one that was exchanged before. A code of another app is no code at all.
    """
    if request.method != "GET":
        raise errors.missing(PATH[-1], request.method)
    given = request.parameters
    for name in ("client_id", "client_secret", "code"):
        if not given.get(name):
            raise errors.bad_parameter(f"Missing {name} parameter")
    if given["client_id"] != world.credentials.app_id:
        raise GraphError(101, "Error validating application. There is no application with this id")
    if not hmac.compare_digest(given["client_secret"].encode(), world.credentials.app_secret.encode()):
        raise GraphError(1, "Error validating client secret")
    if "redirect_uri" in given:
        raise _bad_code("The redirect_uri is not the one that the login dialog was opened with", 36008)
    return _redeem(world, given["code"])


def _redeem(world: World, text: str) -> Values:
    """Use a code up."""
    code = world.login_codes.get(text)
    if code is None:
        raise _bad_code("Invalid verification code format")
    if code.used:
        raise _bad_code("This authorization code has been used", 36009)
    if world.now() >= code.ends:
        raise _bad_code("This authorization code has expired", 36007)
    code.used = True
    found: Values = {"access_token": code.token, "token_type": "bearer"}
    expires = world.grants[code.token].expires
    return found | {"expires_in": int(expires - world.now())} if expires else found


def _bad_code(text: str, subcode: int | None = None) -> GraphError:
    return GraphError(100, text, subcode=subcode)
