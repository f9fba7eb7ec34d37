"""Requests that a machine thinks up from the API's own description: none fails, and every answer is described there.

`make test` sends a few, `make fuzz` 2,000 (FUZZ_REQUESTS). Half of them keep to the description; the others break it.
Actions go to a practice Graph server, and half of the ids are those of what is there.
"""

import itertools
import logging
import math
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from clients.choices import Role, TokenScope
from clients.models import SignupAttempt, SyncRun, Waba
from phones.api.schema import schema
from phones.models import Action, PhoneNumber
from portal.wsgi import application
from tests.factories import make_attempt, make_client, make_person, make_signup_link
from tests.phones.api.asking import Program
from tests.practice import Practice

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "50"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Each refusal is a line of the log."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.timeout(1800)
def test_no_request_fails_and_every_answer_is_described(practice: Practice) -> None:
    lead = make_person("tess", Role.TEAM_LEAD)
    practice.already_read()
    for waba in practice.wabas()[:2]:
        practice.sync(waba["id"])
    make_attempt(make_signup_link(make_client("Harbor Bakery", owner=lead)))
    known, told = ids_by_name(), Counter[int]()
    headers = {"Authorization": f"Bearer {Program(lead, TokenScope.WORK_ALL).secret}"}
    api = schemathesis.openapi.from_dict(schema())
    api.app = application
    operations = [found.ok() for found in api.get_all_operations() if isinstance(found, Ok)]
    modes = list(schemathesis.GenerationMode)
    each = math.ceil(REQUESTS / len(operations) / len(modes))

    # Of what has few variants it sends fewer than it may.
    turns = itertools.cycle(itertools.product(operations, modes))
    for turn, (operation, mode) in enumerate(turns):
        if turn >= len(operations) * len(modes) and told.total() >= REQUESTS:
            break
        send(operation, mode, each, known=known, headers=headers, told=told)

    print(dict(told))  # noqa: T201 - of `make fuzz`, with -s
    assert {200, 404, 422} <= told.keys()


def send(
    operation: Any, mode: Any, count: int, *, known: dict[str, list[str]], headers: dict[str, str], told: Counter[int]
) -> None:
    """So many requests of one operation, each of which is checked."""
    ids = known.get(operation.path.split("/")[3], [])
    choice = strategies.none() | strategies.sampled_from(ids) if ids else strategies.none()

    @hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=REQUESTS < 1_000,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode), key=choice)
    def one(case: Any, key: str | None) -> None:
        if key is not None and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = key
        answer = case.call(headers=headers)
        told[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    one()


def ids_by_name() -> dict[str, list[str]]:
    """What addresses may name, by the resource."""

    def some(rows: Any, column: str = "pk") -> list[str]:
        return [str(value) for value in rows.values_list(column, flat=True)[:5]]

    return {
        "numbers": some(PhoneNumber.objects.all(), "phone_number_id"),
        "wabas": some(Waba.objects.all(), "waba_id"),
        "clients": some(Waba.objects.all(), "client"),
        "signups": some(SignupAttempt.objects.all()),
        "runs": some(SyncRun.objects.all()),
        "actions": some(Action.objects.all()),
    }
