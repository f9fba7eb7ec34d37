"""One question to Meta at once, for a page."""

from typing import Any

import pytest

from clients.models import User, Waba
from phones.models import Change, PhoneNumber
from phones.sync import ask_now as live
from tests.practice import Practice

pytestmark = pytest.mark.django_db


def test_metas_filter_and_the_desk_agree_after_a_sync(whole_practice: Practice) -> None:
    whole_practice.sync()
    for waba in Waba.objects.filter(last_failure=None):
        answer = live.ask_account_mode(waba=waba, account_mode="SANDBOX")
        if answer.admitted:
            assert (answer.failure, answer.only_at_meta, answer.only_here) == (None, [], [])


def test_a_number_that_changed_its_mode_since_shows_as_a_difference(practice: Practice) -> None:
    practice.already_read()
    listed = practice.wabas()[0]
    one, two = listed["phone_number_ids"][:2]
    practice.change(one, account_mode="SANDBOX")
    practice.sync()
    practice.change(one, account_mode="LIVE")
    practice.change(two, account_mode="SANDBOX")
    answer = live.ask_account_mode(waba=Waba.objects.get(waba_id=listed["id"]), account_mode="SANDBOX")
    assert [number.phone_number_id for number in answer.only_here] == [one]
    assert [pk for pk, _shown in answer.only_at_meta] == [two]


def test_an_app_that_is_not_admitted_to_the_filter_is_told_from_a_failure(whole_practice: Practice) -> None:
    whole_practice.sync()
    strict = next(waba["id"] for waba in whole_practice.wabas() if not waba["admits_account_mode_filter"])
    answer = live.ask_account_mode(waba=Waba.objects.get(waba_id=strict), account_mode="LIVE")
    assert not answer.admitted


def test_meta_being_down_is_a_failure_and_not_an_answer(practice: Practice) -> None:
    practice.already_read()
    waba = Waba.objects.all()[0]
    practice.fault({"status": 400, "graph_error": {"code": 190, "message": "no"}}, path_contains="phone_numbers")
    answer = live.ask_account_mode(waba=waba, account_mode="LIVE")
    assert answer.admitted
    assert answer.failure is not None
    assert answer.failure.kind == "token_dead"


def test_a_refresh_reads_the_number_itself_and_says_who_asked(practice: Practice, account_manager: User) -> None:
    practice.already_read()
    number = PhoneNumber.objects.all()[0]
    practice.change(number.phone_number_id, code_verification_status="EXPIRED", quality_rating="YELLOW")
    practice.control("POST", "log/clear")
    assert live.refresh_number(number=number, user=account_manager) is None
    number.refresh_from_db()
    assert (number.code_verification_status, number.synced_by) == ("EXPIRED", "action")
    assert [call["path"].endswith(number.phone_number_id) for call in practice.calls()] == [True]
    assert {change.actor for change in Change.objects.filter(number=number, field="quality_rating")} == {
        account_manager
    }


def test_a_refresh_that_fails_changes_nothing(practice: Practice, settings: Any) -> None:
    practice.already_read()
    number = PhoneNumber.objects.all()[0]
    before = PhoneNumber.objects.filter(pk=number.pk).values().get()
    practice.fault(
        {"status": 400, "graph_error": {"code": 100, "error_subcode": 33, "message": "gone"}},
        path_contains=number.phone_number_id,
    )
    failure = live.refresh_number(number=number)
    assert failure is not None
    assert failure.kind == "not_visible"
    assert PhoneNumber.objects.filter(pk=number.pk).values().get() == before
