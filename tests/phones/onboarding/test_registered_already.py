"""A number that is registered when its client signs up is asked for nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clients.models import SignupAttempt
from phones.choices import StepKind
from phones.models import CodeLink, Onboarding
from tests.phones.onboarding.signing_up import posts, step, work
from tests.practice import Practice

SignUp = Callable[..., Onboarding]


@pytest.mark.parametrize(
    ("status", "platform_type", "state"),
    [("FLAGGED", "CLOUD_API", "not_needed"), ("BANNED", "CLOUD_API", "not_needed"), ("CONNECTED", None, "failed")],
)
def test_no_code_is_asked_of_a_number_that_is_registered_or_may_be(
    status: str, platform_type: str | None, state: str, app: Practice, sign_up: SignUp
) -> None:
    onboarding = sign_up()
    number = SignupAttempt.objects.get().said_phone_number_id
    values = {"status": status, "platform_type": platform_type, "code_verification_status": "NOT_VERIFIED"}
    app.control("PATCH", f"numbers/{number}", {"set": values})

    onboarding = work(onboarding)

    assert step(onboarding, StepKind.REGISTRATION).state == state
    assert not CodeLink.objects.exists()
    assert not {"register", "request_code"} & set(posts(app))
