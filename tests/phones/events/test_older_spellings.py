"""Events that spell a number as its country did before, or as WhatsApp still does."""

import pytest
from django.test import Client as Browser

from phones.choices import EventState
from phones.models import Event, EventFact
from tests.factories import make_number, make_waba
from tests.phones.events.sending import change
from tests.phones.events.test_processing import NAME, WABA_ID, receive
from tests.phones.reading import text_of

SPELLINGS = [
    ("+52 55 1234 5678", "5215512345678"),
    ("+52 1 55 1234 5678", "525512345678"),
    ("+55 11 98765-4321", "551187654321"),
    ("+55 11 8765-4321", "5511987654321"),
    ("+54 9 11 2345-6789", "541123456789"),
    ("+54 11 2345-6789", "5491123456789"),
    ("+225 07 12 34 56 78", "22512345678"),
    ("+225 12 34 56 78", "2250712345678"),
]


@pytest.mark.parametrize(("shown", "digits"), SPELLINGS)
def test_an_event_in_another_spelling_reaches_the_only_such_number_and_keeps_its_reason(
    desk: Browser, shown: str, digits: str
) -> None:
    number = make_number(make_waba(waba_id=WABA_ID), display_phone_number=shown)
    receive(change("phone_number_name_update", NAME | {"display_phone_number": digits}))

    assert EventFact.objects.get().number == number
    assert "its format is not accepted" in text_of(desk.get(f"/phones/{number.phone_number_id}/"))


def test_where_both_spellings_are_numbers_of_the_waba_the_one_that_was_named_is_meant(db: None) -> None:
    waba = make_waba(waba_id=WABA_ID)
    newer, _ = (make_number(waba, display_phone_number=shown) for shown in ("+52 5512345678", "+52 1 5512345678"))
    receive(change("phone_number_name_update", NAME | {"display_phone_number": "525512345678"}))
    assert EventFact.objects.get().number == newer


def test_where_several_numbers_may_be_meant_none_is_taken_for_it(db: None) -> None:
    waba = make_waba(waba_id=WABA_ID)
    for prefix in ("05", "07"):
        make_number(waba, display_phone_number=f"+225 {prefix} 12 34 56 78")
    receive(change("phone_number_name_update", NAME | {"display_phone_number": "22512345678"}))

    assert not EventFact.objects.exists()
    assert Event.objects.get().state == EventState.WAITING


def test_another_spelling_never_reaches_a_number_of_another_waba(db: None) -> None:
    make_waba(waba_id=WABA_ID)
    make_number(make_waba(), display_phone_number="+52 5512345678")
    receive(change("phone_number_name_update", NAME | {"display_phone_number": "5215512345678"}))
    assert not EventFact.objects.exists()
