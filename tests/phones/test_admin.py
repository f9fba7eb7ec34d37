"""The administrators' back office for numbers and their history: for looking only."""

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from phones.models import PhoneNumber
from tests.back_office import page
from tests.factories import make_number

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("words", ["2700270027", "6315550199", "harbor"])
def test_a_number_is_found_by_its_id_its_digits_and_its_name(desk: Browser, words: str) -> None:
    make_number(phone_number_id="2700270027", display_phone_number="+1 631-555-0199", verified_name="Harbor")
    make_number(display_phone_number="+49 30 1234567", verified_name="Other")

    answer = desk.get(page(PhoneNumber, "changelist"), {"q": words})

    assert answer.context["cl"].result_count == 1


def test_a_list_takes_as_many_statements_however_many_numbers_it_has(desk: Browser) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get(page(PhoneNumber, "changelist"))
        return len(captured)

    make_number()
    statements()
    few = statements()
    for _ in range(3):
        make_number()

    assert statements() == few


def test_a_number_shows_the_wabas_that_list_it(desk: Browser) -> None:
    number = make_number()

    assert number.waba.name in desk.get(page(PhoneNumber, "change", number.pk)).content.decode()
