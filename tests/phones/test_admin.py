"""The administrators' back office for numbers and their history: for looking only."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.choices import Role
from clients.models import User
from phones.choices import ActionKind, ActionState
from phones.models import Action, Change, Health, Heartbeat, Listing, PhoneNumber, Pin, PinReveal
from tests.back_office import page
from tests.conftest import SignIn
from tests.factories import make_change, make_number, make_person

pytestmark = pytest.mark.django_db

OURS = [Action, Change, Health, Heartbeat, Listing, PhoneNumber, Pin, PinReveal]


@pytest.fixture
def make_rows(administrator: User) -> Callable[[], None]:
    """Makes one more row in every table of this app, each with rows of its own behind its foreign keys."""

    def make() -> None:
        number = make_number()
        person, now = make_person(f"p{number.pk}"), timezone.now()
        make_change(number, waba=number.waba, actor=person)
        Health.objects.create(number=number, can_send_message="BLOCKED", entities=[{"entity_type": "WABA"}])
        Health.objects.create(waba=number.waba, can_send_message="AVAILABLE")
        Heartbeat.objects.create(name=f"beat {number.pk}", at=now)
        Action.objects.create(
            number=number,
            waba=number.waba,
            kind=ActionKind.REGISTER,
            state=ActionState.FAILED,
            requested_by=person,
            created_at=now,
        )
        pin = Pin.objects.create(number=number, pin_sealed="sealed:ciphertext", created_at=now, created_by=person)
        PinReveal.objects.create(pin=pin, user=person, reason="Asked for", at=now)

    return make


@pytest.mark.parametrize("model", OURS)
def test_an_administrator_may_look_at_every_table_and_change_nothing(
    desk: Browser, make_rows: Callable[[], None], model: type[Any]
) -> None:
    make_rows()
    row = model.objects.first()

    assert desk.get(page(model, "changelist")).status_code == 200
    assert desk.get(page(model, "change", row.pk)).status_code == 200
    assert desk.get(page(model, "add")).status_code == 403
    assert desk.post(page(model, "change", row.pk), {}).status_code == 403
    assert desk.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    desk.post(page(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("role", [None, Role.TEAM_LEAD])
def test_a_staff_flag_alone_opens_nothing(role: Role | None, make_rows: Callable[[], None], sign_in: SignIn) -> None:
    make_rows()
    browser = sign_in(make_person("steve", role, is_staff=True))

    for model in OURS:
        first = model._default_manager.first()
        assert first is not None
        for address in (page(model, "changelist"), page(model, "change", first.pk)):
            assert browser.get(address).status_code == 403, address


@pytest.mark.parametrize("model", OURS)
def test_a_list_asks_the_database_no_more_for_more_rows(
    desk: Browser, make_rows: Callable[[], None], model: type[Any]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(page(model, "changelist")).status_code == 200
        return len(captured)

    make_rows()
    make_rows()
    for_few = queries()
    for _ in range(8):
        make_rows()

    assert queries() == for_few


@pytest.mark.parametrize("words", ["2700270027", "6315550199", "harbor"])
def test_a_number_is_found_by_its_id_its_digits_and_its_name(desk: Browser, words: str) -> None:
    make_number(phone_number_id="2700270027", display_phone_number="+1 631-555-0199", verified_name="Harbor")
    make_number(display_phone_number="+49 30 1234567", verified_name="Other")

    answer = desk.get(page(PhoneNumber, "changelist"), {"q": words})

    assert answer.context["cl"].result_count == 1


def test_a_number_shows_the_wabas_that_list_it(desk: Browser) -> None:
    number = make_number()

    assert number.waba.name in desk.get(page(PhoneNumber, "change", number.pk)).content.decode()


def test_no_page_shows_even_the_ciphertext_of_a_pin(desk: Browser, make_rows: Callable[[], None]) -> None:
    make_rows()
    pin = Pin.objects.get()

    for address in (page(Pin, "changelist"), page(Pin, "change", pin.pk)):
        content = desk.get(address).content.decode()
        assert "ciphertext" not in content
        assert str(pin.secret_uid) not in content
