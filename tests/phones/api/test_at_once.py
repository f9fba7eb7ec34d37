"""Two requests at the same moment with one Idempotency-Key."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from clients.choices import Role, TokenScope
from phones.choices import ActionKind
from phones.models import Action, PhoneNumber, Pin
from tests.factories import make_person
from tests.phones.acting import TO_REGISTER, posts
from tests.phones.api.asking import Program
from tests.practice import Practice

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows"),
    pytest.mark.django_db(transaction=True),
]


@pytest.mark.parametrize(
    ("bodies", "statuses"),
    [(({}, {}), {(200, 200), (200, 202)}), (({}, {"data_localization_region": "DE"}), {(200, 422)})],
    ids=["the same", "another"],
)
def test_of_two_requests_with_one_key_one_is_sent(
    practice: Practice,
    prepare: Callable[..., PhoneNumber],
    bodies: tuple[dict[str, str], ...],
    statuses: set[tuple[int, int]],
) -> None:
    number, lead = prepare(TO_REGISTER), make_person("tess", Role.TEAM_LEAD)
    program, together, answers = Program(lead, TokenScope.WORK), threading.Barrier(2), list[Any]()

    def ask(body: dict[str, str]) -> None:
        together.wait(10)
        answers.append(program.post(f"numbers/{number.phone_number_id}/register", body, key="order-17"))
        connections.close_all()

    asking = [threading.Thread(target=ask, args=[body]) for body in bodies]
    for each in asking:
        each.start()
    for each in asking:
        each.join()

    assert tuple(sorted(answer.status_code for answer in answers)) in statuses
    action = Action.objects.get(kind=ActionKind.REGISTER)
    assert {answer.json()["id"] for answer in answers if answer.status_code < 300} == {action.pk}
    assert posts(practice, number) == ["register"]
    assert Pin.objects.count() == 1
