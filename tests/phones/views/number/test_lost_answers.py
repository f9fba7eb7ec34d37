"""What a reading may and may not say of an action whose answer was lost; Meta is the practice server."""

from __future__ import annotations

from collections.abc import Callable

import time_machine
from django.test import Client as Browser
from django.utils import timezone

from phones.actions import lost_answers
from phones.actions.settle import settle_all
from phones.models import Action, PhoneNumber
from tests.phones.acting import TO_REGISTER, do
from tests.practice import Practice


def test_a_lost_registration_waits_for_a_reading_that_names_the_platform(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    practice.change(number.phone_number_id, "platform_type")
    practice.fault({"close": True}, path_contains="register", method="POST")
    do(browser, number, "register", source="generate")
    assert Action.objects.get().closed_at is None

    practice.change(number.phone_number_id, platform_type="CLOUD_API")
    with time_machine.travel(timezone.now() + 2 * lost_answers.ANSWER_LIMIT):
        settle_all()

    assert Action.objects.get().state == "succeeded"


def test_a_lost_code_of_a_number_that_was_verified_before_is_not_taken_for_confirmed(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    wants_code = {"error": {"message": "no", "code": 133006, "type": "OAuthException", "fbtrace_id": "T"}}
    practice.fault({"status": 400, "body": wants_code}, path_contains="register", method="POST")
    do(browser, number, "register", source="generate")
    practice.fault({"status": 200, "body": {"success": True}}, path_contains="request_code", method="POST")
    do(browser, number, "request-code", code_method="SMS", language="en_US")
    practice.fault({"close": True}, path_contains="verify", method="POST")
    do(browser, number, "verify-code", code="123456")

    with time_machine.travel(timezone.now() + 2 * lost_answers.ANSWER_LIMIT):
        settle_all()

    action = Action.objects.get(kind="verify-code")
    assert (action.state, action.closed_at is not None) == ("unknown", True)
