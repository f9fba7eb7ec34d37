"""Access tokens: which there are, which one a request presents, and what ``/debug_token`` says of one.

From Meta's pages on access tokens and secure requests (developers.facebook.com/docs/graph-api/guides/secure-requests).
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

from portal.sandbox.graph import errors
from portal.sandbox.http.messages import Request, Values
from portal.sandbox.world.credentials import foreign_app_id
from portal.sandbox.world.grants import Grant
from portal.sandbox.world.world import Waba, World, timestamp

STATES = ("valid", "expired", "revoked", "password_changed", "no_messaging", "no_management")
_DAY = 86_400
_SCOPES = ("business_management", "whatsapp_business_management", "whatsapp_business_messaging")
# Which permission a token lacks in some states.
_TAKEN = {"no_messaging": "whatsapp_business_messaging", "no_management": "whatsapp_business_management"}
APPLICATION = "Practice Portal"


@dataclass(frozen=True, slots=True)
class Token:
    """A token: ``name`` is ``system_user``, ``app``, ``waba:<WABA id>`` or ``signup:<number>``.

    ``wabas`` are those that a business token opens, granted last first; ``grant`` is the signup that it comes from.
    """

    name: str
    kind: Literal["system_user", "business", "app"]
    text: str
    wabas: tuple[Waba, ...] = ()
    grant: Grant | None = None


def presented(request: Request) -> tuple[str, bool]:
    """The token that came with a request, and whether it came as a parameter rather than in the header.

    The parameter counts where both came: pywa sets an app's callback with the app's token in the parameter and its own
    in the header of every call.
    """
    given = request.parameters.get("access_token", "")
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if not given and scheme.lower() in {"bearer", "oauth"} and text.strip():
        return text.strip(), False
    return given, True


def find(world: World, text: str) -> Token | None:
    """The token with this text, whatever its state."""
    known = world.credentials
    if text == known.system_user_token:
        return Token("system_user", "system_user", text)
    waba = world.business_tokens.get(text)
    if waba is not None:
        return Token(f"waba:{waba.id}", "business", text, (waba,))
    grant = world.grants.get(text)
    if grant is not None:
        return Token(grant.name, "business", text, tuple(world.wabas[waba_id] for waba_id in grant.waba_ids), grant)
    return Token("app", "app", text) if text == app_token(world) else None


def app_token(world: World) -> str:
    """The text of the app's own token."""
    return f"{world.credentials.app_id}|{world.credentials.app_secret}"


def named(world: World, name: str) -> Token | None:
    """The token of this name; ``<WABA id>`` is short for ``waba:<WABA id>``."""
    if name == "system_user":
        return find(world, world.credentials.system_user_token)
    granted = next((text for text, grant in world.grants.items() if grant.name == name), None)
    if granted is not None:
        return find(world, granted)
    waba = world.wabas.get(name.removeprefix("waba:"))
    return None if waba is None else find(world, world.token_of(waba))


def authenticate(world: World, request: Request, *, require_proof: bool) -> Token:
    """The token of a request. Raises GraphError: 104 without one, 190 when it is not good, 100 for a wrong proof."""
    text, _ = presented(request)
    if not text:
        raise errors.no_token()
    token = find(world, text)
    if token is None:
        raise errors.bad_token("Invalid OAuth access token - Cannot parse access token")
    trouble = _trouble(world, token)
    if trouble is not None:
        raise trouble
    if token.grant is not None and not token.grant.is_ours:
        raise errors.bad_token("Error validating access token: It was issued for another application")
    _check_proof(world, request, token, require_proof=require_proof)
    return token


def _trouble(world: World, token: Token) -> errors.GraphError | None:
    state = world.token_states.get(token.name, "valid")
    if state == "expired" or (token.grant is not None and 0 < token.grant.expires <= world.now()):
        ended = timestamp(_expiry(world, token))
        return errors.bad_token(f"Error validating access token: Session has expired on {ended}", 463)
    if state == "revoked":
        app_id = world.credentials.app_id
        return errors.bad_token(f"Error validating access token: The user has not authorized application {app_id}", 458)
    if state == "password_changed":
        text = "Error validating access token: The session was invalidated because the user changed the password"
        return errors.bad_token(text, 460)
    return None


def _check_proof(world: World, request: Request, token: Token, *, require_proof: bool) -> None:
    proof = request.parameters.get("appsecret_proof")
    if proof is None:
        if require_proof and token.kind != "app":
            raise errors.bad_proof("API calls from the server require an appsecret_proof argument")
        return
    expected = hmac.new(world.credentials.app_secret.encode(), token.text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(proof.encode(), expected.encode()):
        raise errors.bad_proof("Invalid appsecret_proof provided in the API argument")


def debug_token(world: World, asking: Token, parameters: dict[str, str]) -> Values:
    """The reply of ``GET /debug_token``. Raises GraphError 100 for a wrong kind of asking token or no input."""
    if asking.kind == "business":
        text = "You must provide an app access token, or a token of an owner or developer of the app"
        raise errors.bad_parameter(text)
    text = parameters.get("input_token", "")
    if not text:
        raise errors.bad_parameter("The parameter input_token is required")
    token = find(world, text)
    if token is None:
        error = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
        return {"data": {"error": error, "is_valid": False, "scopes": []}}
    return {"data": _facts(world, token)}


def _facts(world: World, token: Token) -> Values:
    facts: Values = {"app_id": world.credentials.app_id, "application": APPLICATION}
    if token.grant is not None and not token.grant.is_ours:
        facts = {"app_id": foreign_app_id(world.seed), "application": "Somebody Else’s Portal"}
    if token.kind == "app":
        return facts | {"type": "APP", "is_valid": True, "scopes": []}
    trouble = _trouble(world, token)
    if trouble is not None:
        facts["error"] = {"code": trouble.code, "message": trouble.message, "subcode": trouble.subcode}
    facts |= {
        "type": "SYSTEM_USER",
        "is_valid": trouble is None,
        "issued_at": _issued(world, token),
        "expires_at": _expiry(world, token),
        "data_access_expires_at": 0,
    }
    return facts | _grants(world, token)


def _issued(world: World, token: Token) -> int:
    if token.grant is not None:
        return int(token.grant.issued)
    return token.wabas[0].created if token.wabas else int(world.started) - 30 * _DAY


def _expiry(world: World, token: Token) -> int:
    """Business tokens last 60 days or for ever, as the login configuration says; here every other one ends."""
    if world.token_states.get(token.name) == "expired":
        return int(world.started)
    if token.grant is not None:
        return int(token.grant.expires)
    if not token.wabas or int(token.wabas[0].id) % 2:
        return 0
    return int(world.started) + 60 * _DAY


def _grants(world: World, token: Token) -> Values:
    taken = _TAKEN.get(world.token_states.get(token.name, "valid"))
    scopes = [scope for scope in (_SCOPES if token.kind == "system_user" else _SCOPES[1:]) if scope != taken]
    user_id = world.credentials.system_user_id if token.kind == "system_user" else f"62{token.wabas[0].owner.id[2:]}"
    targets: Values = {"target_ids": [waba.id for waba in token.wabas]} if _lists_targets(token) else {}
    return {"scopes": scopes, "granular_scopes": [{"scope": each} | targets for each in scopes], "user_id": user_id}


def _lists_targets(token: Token) -> bool:
    return token.grant.lists_targets if token.grant is not None else bool(token.wabas)
