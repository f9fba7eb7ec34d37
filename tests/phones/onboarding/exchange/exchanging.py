"""A code, what Meta answers to it, and a finish that is refused. No fixtures here."""

from collections.abc import Callable
from typing import Any

import pytest

from clients.choices import CredentialKind
from clients.models import Credential, SignupAttempt
from phones.models import Onboarding
from phones.onboarding import exchange
from tests.practice import Practice
from tests.scripted_graph import Answer, answer, graph_error, hang_up, reset, silence, truncated

BROWSER = "browser-a"
EXCHANGE, DEBUG = "/v25.0/oauth/access_token", "/v25.0/debug_token"
APP_ID, APP_SECRET = "400000000000001", "0123456789abcdef0123456789abcdef"
CODE = "AQCodeCodeCodeCodeCodeCode0123456789"
TOKEN = "EAAbusinesstoken0123456789abcdefghijklmn"
GRANTED = answer({"access_token": TOKEN, "token_type": "bearer"})


def signed_up(meta: Practice, **choices: str) -> dict[str, Any]:
    """A client goes through Meta's dialog: what it hands over."""
    ending: dict[str, Any] = meta.control("POST", "signups", choices)
    return ending


def facts(**values: object) -> Answer:
    """What debug_token answers for TOKEN."""
    return answer({"data": {"app_id": APP_ID, "type": "SYSTEM_USER", "is_valid": True, "expires_at": 0, **values}})


def refused(attempt: SignupAttempt, code: str = CODE) -> str:
    """Finish, and be refused: the kind. Nothing but the attempt's row has changed."""
    before = SignupAttempt.objects.count()
    with pytest.raises(exchange.SignupRefusedError) as refusal:
        exchange.finish(attempt=attempt, code=code)
    assert refusal.value.sentence.endswith(".")
    assert not Credential.objects.filter(kind=CredentialKind.BUSINESS).exists()
    assert (Onboarding.objects.count(), SignupAttempt.objects.count()) == (0, before)
    attempt.refresh_from_db()
    return refusal.value.kind


LOST: dict[str, Callable[[], Answer]] = {
    "a server error": lambda: answer({}, status=500),
    "a transient error": lambda: graph_error(2, status=500),
    "a closed connection": hang_up,
    "a broken connection": reset,
    "half an answer": lambda: truncated(b'{"access_token": "EAAhalf', promised=200),
    "silence": lambda: silence(20),
    "no token in it": lambda: answer({"token_type": "bearer"}),
    "something else": lambda: answer([]),
}
