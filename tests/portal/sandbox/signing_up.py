"""What the tests of signups share: going through the dialog by the control, and exchanging the code."""

from typing import Any

from tests.portal.sandbox.conftest import Caller


def sign_up(partner: Caller, **choices: object) -> Any:
    """Go through the dialog without a browser."""
    return partner.control("POST", "signups", choices)


def exchange(partner: Caller, code: object, /, **others: object) -> Any:
    """The answer to an exchange of this code, with parameters changed, or left out by None."""
    known = partner.known
    sent = {"client_id": known.app_id, "client_secret": known.app_secret, "code": code} | others
    given = {name: str(value) for name, value in sent.items() if value is not None}
    return partner.session.get(f"{partner.url}/v25.0/oauth/access_token", params=given, timeout=10)


def token_of(partner: Caller, ending: Any) -> str:
    """The business token that a signup granted."""
    answer = exchange(partner, ending["code"])
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def granted_token(partner: Caller, **choices: object) -> str:
    """The business token of a signup with these choices."""
    return token_of(partner, sign_up(partner, **choices))


def inspect(partner: Caller, token: str) -> Any:
    """What ``/debug_token`` says of a token."""
    app_token = f"{partner.known.app_id}|{partner.known.app_secret}"
    return partner.read("debug_token", token=app_token, input_token=token)["data"]
