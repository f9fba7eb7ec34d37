"""The lists through the API: what they tell, to whom, page by page."""

import csv
import io
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from clients.choices import AuditKind, TokenScope
from clients.models import AuditEntry, Client, User, Waba
from phones.api.resources import RESOURCES
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_number
from tests.phones.api.asking import Program, kind_of

pytestmark = pytest.mark.django_db


def test_a_number_is_told_as_its_file_has_it(
    account_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    file = sign_in(account_manager).get("/phones/export.csv?bom=0").getvalue().decode()
    (line,) = csv.DictReader(io.StringIO(file))

    (number,) = Program(account_manager).get("numbers").json()["data"]

    assert list(number) == list(line)
    spelled = {True: "true", False: "false", None: ""}
    assert {name: spelled.get(value, value) for name, value in number.items()} == line
    assert Program(account_manager).get(f"numbers/{alices_number.phone_number_id}").json() == number
    assert kind_of(Program(account_manager).get(f"numbers/{foreign_number.phone_number_id}")) == (404, "not-found")


def test_pages_follow_each_other_to_the_end_and_back(account_manager: User, alices_waba: Waba) -> None:
    numbers = [make_number(alices_waba, verified_name=f"Shop {at}") for at in range(5)]
    program, path, found = (
        Program(account_manager),
        "/api/v1/numbers?sort=phone_number_id&per_page=2&status=CONNECTED",
        [],
    )
    while path:
        page = program.browser.get(path).json()
        found += [row["phone_number_id"] for row in page["data"]]
        path, before = page["next"], page["previous"]

    assert found == sorted(number.phone_number_id for number in numbers)
    assert urlsplit(before).path == "/api/v1/numbers"
    assert [row["phone_number_id"] for row in program.browser.get(before).json()["data"]] == found[2:4]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("colour=RED", "query.colour"),
        ("page=nonsense", "query.page"),
        ("sort=colour", "query.sort"),
        ("per_page=0", "query.per_page"),
        ("per_page=201", "query.per_page"),
    ],
)
def test_a_query_that_means_nothing_is_refused_where_a_page_would_pass_over_it(
    account_manager: User, query: str, where: str
) -> None:
    answer = Program(account_manager).get(f"numbers?{query}")

    assert kind_of(answer) == (422, "invalid")
    assert [error["where"] for error in answer.json()["errors"]] == [where]


def test_a_value_that_nothing_has_gives_an_empty_list_and_a_note(
    account_manager: User, alices_number: PhoneNumber
) -> None:
    found = Program(account_manager).get("numbers?queue=none").json()

    assert found["data"] == []
    assert found["notes"][0].startswith("There is no queue “none”")


def test_every_list_and_each_row_of_it_is_there_within_few_statements(
    account_manager: User, alices_number: PhoneNumber
) -> None:
    program = Program(account_manager)
    for name, resource in RESOURCES.items():
        with CaptureQueriesContext(connection) as asked:
            answer = program.get(name)
        assert answer.status_code == 200, (name, answer.content)
        assert len(asked) <= 14, (name, [one["sql"] for one in asked])
        for row in answer.json()["data"]:
            assert list(row) == list(resource.names)
            if resource.lookup:
                assert program.get(f"{name}/{row[resource.key_column]}").json() == row, name


def test_an_answer_that_has_not_changed_is_not_sent_again(account_manager: User, alices_number: PhoneNumber) -> None:
    program = Program(account_manager)
    first = program.get("numbers")
    again = program.get("numbers", **{"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    PhoneNumber.objects.update(verified_name="Another")

    changed = program.get("numbers", **{"if-none-match": first["ETag"]})

    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert {"no-store", "private"} <= set(changed["Cache-Control"].split(", "))


def test_a_precondition_that_fails_is_a_problem_too(account_manager: User) -> None:
    assert kind_of(Program(account_manager).get("pool", **{"if-match": '"another"'})) == (412, "changed")


def test_a_request_that_is_too_large_is_the_programs_fault(account_manager: User, settings: Settings) -> None:
    program = Program(account_manager, TokenScope.WORK)

    assert kind_of(program.get(f"numbers?{'&'.join(['q=1'] * 1_001)}")) == (400, "unusable")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    assert kind_of(program.post("runs", {"scope": "everything", "id": "1" * 2_000})) == (400, "unusable")


def test_nobody_comes_in_without_a_token_a_session_does_not_count(account_manager: User, sign_in: SignIn) -> None:
    for browser in (Browser(), sign_in(account_manager), Browser(headers={"authorization": "Bearer ndk_wrong"})):
        answer = browser.get("/api/v1/numbers")
        assert kind_of(answer) == (401, "unauthorized")
        assert answer["WWW-Authenticate"] == "Bearer"
    assert kind_of(Browser().get("/api/v1/nothing/here")) == (404, "not-found")
    assert kind_of(Program(account_manager).browser.delete("/api/v1/numbers")) == (405, "method")


def test_a_token_asks_as_often_as_it_may_and_then_waits(account_manager: User, settings: Settings) -> None:
    settings.API_REQUESTS_A_MINUTE = 2
    usual, own = Program(account_manager), Program(account_manager, requests_a_minute=1)

    assert [usual.get("pool").status_code for _ in range(3)] == [200, 200, 429]
    assert [own.get("pool").status_code for _ in range(2)] == [200, 429]
    refused = usual.get("pool")
    assert kind_of(refused) == (429, "too-many")
    assert 0 < int(refused["Retry-After"]) <= 60


def test_that_a_program_reads_a_list_is_in_the_audit_log_once_an_hour(
    account_manager: User, alices_number: PhoneNumber
) -> None:
    program = Program(account_manager)
    for path in ("numbers", "numbers?q=1", f"numbers/{alices_number.phone_number_id}", "clients"):
        program.get(path)
    program.get("numbers/1")

    lines = AuditEntry.objects.filter(actor_id=account_manager.pk).exclude(kind=AuditKind.ACCESS).order_by("pk")
    assert [line.what for line in lines] == [
        "Reads “numbers” through the API.",
        "Reads “clients” through the API.",
        "Asked for what is not there, or not theirs: GET /api/v1/numbers/1",
    ]
    assert {line.details["through"] for line in lines} == {str(program.token)}


def test_a_token_of_some_clients_sees_these_alone(
    team_lead: User, alices_client: Client, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    whole, some = Program(team_lead), Program(team_lead, TokenScope.READ, alices_client)
    both = {alices_number.phone_number_id, foreign_number.phone_number_id}
    assert set(whole.told("numbers", "phone_number_id")) == both

    assert some.told("numbers", "phone_number_id") == [alices_number.phone_number_id]
    assert some.told("clients", "id") == [alices_client.pk]
    assert kind_of(some.get(f"clients/{foreign_number.waba.client_id}")) == (404, "not-found")
    alices_client.client_labels.all().delete()
    Waba.objects.filter(client=alices_client).update(client=foreign_number.waba.client)
    alices_client.delete()
    assert some.told("numbers", "phone_number_id") == []
