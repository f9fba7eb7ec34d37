"""The migrations that bring every action into one table: what was there before is there after, and can go back."""

from __future__ import annotations

import datetime
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from pytest_django import DjangoDbBlocker

from tests.migrated import connected_to

NOW = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
BEFORE, AFTER = "0005_subscribe_action", "0008_one_table_of_actions"
MARK = "2026-11-20T12:00:00+00:00"


@pytest.fixture(scope="module")
def as_it_was(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Path:
    """An empty SQLite database with the tables of before."""
    path = tmp_path_factory.mktemp("before") / "db.sqlite3"
    with django_db_blocker.unblock(), connected_to(path):
        migrate(BEFORE)
    return path


@pytest.fixture
def before(as_it_was: Path, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[..., Any]]:
    """The models of the tables as they were, in a database of this test's own."""
    path = Path(shutil.copy(as_it_was, tmp_path))
    with django_db_blocker.unblock(), connected_to(path):
        yield models_at(BEFORE)


def migrate(name: str) -> Callable[..., Any]:
    """Bring the tables of `phones` to this migration; the models as they are then.

    On an empty database Django knows the one migration that stands for all of these, and none of them.
    """
    executor = MigrationExecutor(connection)
    executor.loader.replace_migrations = False  # type: ignore[attr-defined] # the stubs misspell it
    executor.loader.build_graph()
    executor.migrate([("phones", name)])
    return models_at(name)


def models_at(name: str) -> Callable[..., Any]:
    loader = MigrationLoader(connection, replace_migrations=False)
    found: Callable[..., Any] = loader.project_state([("phones", name)]).apps.get_model
    return found


def pool_action(model: Callable[..., Any], **values: Any) -> Any:
    facts = {"key": uuid.uuid4(), "kind": "delete", "state": "succeeded", "created_at": NOW, "closed_at": NOW}
    return model("phones", "PoolAction").objects.create(**{**facts, **values})


def pool_number(model: Callable[..., Any], digits: str) -> Any:
    return model("phones", "PreverifiedNumber").objects.create(
        preverified_id=digits, digits=digits, first_seen_at=NOW, synced_at=NOW
    )


def a_waba(model: Callable[..., Any]) -> Any:
    client = model("clients", "Client").objects.create(name="Harbor Bakery")
    return model("clients", "Waba").objects.create(waba_id="1001", name="Bakery", client=client, origin="client")


def a_step(model: Callable[..., Any], waba: Any, **values: Any) -> Any:
    onboarding = model("phones", "Onboarding").objects.create(client=waba.client, waba=waba, created_at=NOW)
    return model("phones", "OnboardingStep").objects.create(onboarding=onboarding, **values)


def test_actions_on_the_pool_come_over_whole_and_go_back_whole(before: Callable[..., Any]) -> None:
    number = pool_number(before, "15550100001")
    refused = {"state": "failed", "error_kind": "bad_request", "code": 100, "subcode": 7, "fbtrace_id": "Abc"}
    pool_action(before, kind="add", details={"phone_number": "15550100002"}, state="unknown", closed_at=None)
    pool_action(before, kind="share", number=number, details={"business_id": "77"}, **refused)
    pool_action(before, kind="request-code", number=number, sent_at=NOW, settled_by_reading=True)
    rows = list(before("phones", "PoolAction").objects.order_by("pk").values())

    action = migrate(AFTER)("phones", "Action").objects.order_by("pk")

    assert list(action.values_list("kind", flat=True)) == ["add-to-pool", "share", "request-code"]
    assert list(action.values_list("preverified_number", flat=True)) == [None, number.pk, number.pk]
    assert set(action.values_list("number", "waba")) == {(None, None)}
    for row, carried in zip(rows, action.values(), strict=True):
        same = row.keys() - {"id", "kind", "number_id"}
        assert {name: row[name] for name in same} == {name: carried[name] for name in same}

    back = migrate(BEFORE)("phones", "PoolAction").objects.order_by("pk")
    assert [{**row, "id": 0} for row in back.values()] == [{**row, "id": 0} for row in rows]
    assert not before("phones", "Action").objects.exists()


def test_actions_on_numbers_and_wabas_stay_as_they_are(before: Callable[..., Any]) -> None:
    waba = a_waba(before)
    before("phones", "Action").objects.create(waba=waba, kind="add-number", created_at=NOW, key=uuid.uuid4())
    columns = list(before("phones", "Action").objects.values())

    after = migrate(AFTER)("phones", "Action").objects.values()

    assert list(after) == [{**columns[0], "preverified_number_id": None}]


def test_what_an_onboarding_may_have_sent_becomes_an_action_that_is_followed(before: Callable[..., Any]) -> None:
    waba = a_waba(before)
    lost = {"state": "unknown", "error_kind": "unreachable", "details": {"sent_at": MARK, "retried_by": 1}}
    a_step(before, waba, kind="subscription", **lost)
    a_step(before, waba, kind="credit_line", **lost)
    a_step(before, waba, kind="access", state="done", details={"waba_ids": ["1001"]})

    model = migrate(AFTER)

    subscribed, shared = model("phones", "Action").objects.order_by("pk")
    assert (subscribed.kind, subscribed.state, subscribed.closed_at) == ("subscribe", "unknown", None)
    assert (shared.kind, shared.state, shared.closed_at is None) == ("credit-line", "unknown", False)
    assert {one.sent_at for one in (subscribed, shared)} == {NOW}
    steps = model("phones", "OnboardingStep").objects.order_by("pk")
    assert list(steps.values_list("action", flat=True)) == [subscribed.pk, shared.pk, None]
    assert list(steps.values_list("details", flat=True)) == [
        {"retried_by": 1},
        {"retried_by": 1},
        {"waba_ids": ["1001"]},
    ]

    back = migrate(BEFORE)("phones", "OnboardingStep").objects.order_by("pk")
    assert [one.details.get("sent_at") for one in back] == [MARK, MARK, None]


def test_of_two_open_actions_of_one_kind_on_a_waba_the_latest_stays_open(before: Callable[..., Any]) -> None:
    waba = a_waba(before)
    for _ in range(2):
        values = {"kind": "subscribe", "state": "unknown", "created_at": NOW, "key": uuid.uuid4()}
        before("phones", "Action").objects.create(waba=waba, **values)

    rows = migrate(AFTER)("phones", "Action").objects.order_by("pk")

    assert [(one.state, one.closed_at is None) for one in rows] == [("unknown", False), ("unknown", True)]
