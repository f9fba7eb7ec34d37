"""``GET /oauth/access_token``: a code of the login dialog becomes a business token, the app's secret the app's token.

From Meta's pages on manual login flows, on access tokens and on Embedded Signup. Which of the two is wanted says
``grant_type``; no other one is known here. No token is needed: the app shows its id and secret.
"""

import hmac

from portal.sandbox.graph import errors
from portal.sandbox.graph.errors import GraphError
from portal.sandbox.graph.tokens import app_token
from portal.sandbox.http.messages import Request, Values
from portal.sandbox.world.world import World

PATH = ("oauth", "access_token")
_CODE, _APP = "authorization_code", "client_credentials"


def exchange(world: World, request: Request) -> Values:
    """The reply. Raises GraphError: 101 and 1 for an app that is not ours, 100 for anything wrong with the code.

    Of the code's errors, subcode 36007 is for one that is past its time, 36008 for a redirect that no dialog of
    JavaScript's has, 36009 for one that was exchanged before. A code of another app is no code at all.
    """
    if request.method != "GET":
        raise errors.missing(PATH[-1], request.method)
    given = request.parameters
    grant_type = given.get("grant_type", _CODE)
    if grant_type not in {_CODE, _APP}:
        raise errors.bad_parameter(f"Param grant_type must be one of {_CODE}, {_APP}")
    for name in ("client_id", "client_secret", *(["code"] if grant_type == _CODE else [])):
        if not given.get(name):
            raise errors.bad_parameter(f"Missing {name} parameter")
    if given["client_id"] != world.credentials.app_id:
        raise GraphError(101, "Error validating application. There is no application with this id")
    if not hmac.compare_digest(given["client_secret"].encode(), world.credentials.app_secret.encode()):
        raise GraphError(1, "Error validating client secret")
    if grant_type == _APP:
        return {"access_token": app_token(world), "token_type": "bearer"}
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
