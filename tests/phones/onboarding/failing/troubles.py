"""How Meta fails, and where each step calls it. No fixtures here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from phones.choices import StepKind
from phones.models import Onboarding
from tests.phones.onboarding.signing_up import ALL_DONE

SignUp = Callable[..., Onboarding]
Answer = dict[str, Any]

SERVER_ERROR: Answer = {"status": 500, "body": {"error": {"message": "An unknown error occurred", "code": 1}}}
GATEWAY: Answer = {"status": 502, "body": "<html>Bad gateway</html>"}
LOST: Answer = {"lose_reply": True}
CUT_OFF: Answer = {"close": True}
DEAD_TOKEN: Answer = {"graph_error": {"code": 190, "error_subcode": 460, "message": "The session is invalid"}}
THROTTLED: Answer = {"graph_error": {"code": 80008, "message": "Too many calls to this account"}}
REFUSED: Answer = {"graph_error": {"code": 200, "message": "You do not have the necessary permissions"}}

PASSING = {"server error": SERVER_ERROR, "gateway": GATEWAY, "cut off": CUT_OFF, "throttled": THROTTLED}
FINAL = {"dead token": (DEAD_TOKEN, "token_dead"), "refused": (REFUSED, "permission_missing")}

EVERYTHING = {**ALL_DONE, "credit_line": "done"}

# Where each step's own call goes.
WRITES = {
    StepKind.SUBSCRIPTION: "/subscribed_apps",
    StepKind.CREDIT_LINE: "/whatsapp_credit_sharing_and_attach",
    StepKind.REGISTRATION: "/register",
}


def paths_of(onboarding: Onboarding) -> dict[StepKind, str]:
    """The end of the address that only this step's reading asks."""
    attempt = onboarding.attempt
    assert attempt is not None
    return {
        StepKind.ACCOUNT: f"v25.0/{attempt.said_waba_id}",
        StepKind.NUMBERS: f"{attempt.said_waba_id}/phone_numbers",
    }
