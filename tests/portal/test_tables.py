"""The migrations that stand for many: they come to the same, and databases that have some of the many go on."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter
from pytest_django import DjangoDbBlocker

from tests.migrated import DATABASE, connected_to

LeftToDo = Callable[..., list[str]]
STANDING_FOR_MANY = [
    "clients.0001_squashed_0026_uncounted_clients",
    "phones.0001_squashed_0032_count_numbers",
]
# Those that came after them: a database that lacks some of the many lacks these, too.
SINCE = [
    "clients.0027_wabas_with_numbers",
    "clients.0028_wabas_by_finding",
    "clients.0029_api_tokens",
    "clients.0030_external_ids",
    "clients.0031_told_use",
    "clients.0032_scope_of_callbacks",
    "clients.0033_said_ids",
]


@pytest.fixture
def left_to_do(migrated_state: Path, django_db_blocker: DjangoDbBlocker) -> LeftToDo:
    """A function: the migrations that a whole database would still run if it had none of the given ones."""
    path = migrated_state / DATABASE

    def left_to_do(*without: str) -> list[str]:
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            for name in without:
                database.execute("DELETE FROM django_migrations WHERE app || '.' || name GLOB ?", [name])
        with django_db_blocker.unblock(), connected_to(path):
            executor = MigrationExecutor(connection)
            executor.loader.check_consistent_history(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]

    return left_to_do


def models(loader: MigrationLoader) -> dict[tuple[str, str], object]:
    return {key: told(model) for key, model in loader.project_state().models.items()}


def told(model: ModelState) -> object:
    """All that a migration says of a model, in an order of our own: the many came to theirs by accident."""
    fields = {name: MigrationWriter.serialize(field)[0] for name, field in model.fields.items()}
    options = {name: value for name, value in model.options.items() if name not in {"indexes", "constraints"}}
    parts = [*model.options.get("indexes", []), *model.options.get("constraints", [])]
    return fields, options, {part.name: part.deconstruct() for part in parts}, model.bases, dict(model.managers).keys()


def test_they_come_to_the_models_of_the_many() -> None:
    assert models(MigrationLoader(None)) == models(MigrationLoader(None, replace_migrations=False))


def test_a_database_that_ran_all_of_the_many_has_nothing_to_do(left_to_do: LeftToDo) -> None:
    assert left_to_do(*STANDING_FOR_MANY) == []


def test_a_database_that_ran_some_of_the_many_runs_the_others(left_to_do: LeftToDo) -> None:
    without = [
        *STANDING_FOR_MANY,
        *SINCE,
        "clients.0026_uncounted_clients",
        "phones.003[1-9]_*",
        "phones.004?_*",
        "phones.005?_*",
    ]
    assert left_to_do(*without)[: len(SINCE) + 3] == [
        "clients.0026_uncounted_clients",
        *SINCE,
        "phones.0031_kept_counts",
        "phones.0032_count_numbers",
    ]


def test_a_database_that_lacks_the_last_of_clients_alone_runs_just_that(left_to_do: LeftToDo) -> None:
    """No migration of phones needs the last of clients, so the one that stands for them must not either."""
    lacking = ["clients.0026_uncounted_clients", *SINCE]
    assert left_to_do(*STANDING_FOR_MANY, *lacking) == lacking


def test_an_empty_database_runs_none_of_the_many(left_to_do: LeftToDo) -> None:
    ours = [name for name in left_to_do("*") if name.startswith(("clients.", "phones.")) and name not in SINCE]
    assert ours[:2] == STANDING_FOR_MANY
    assert not any(name.startswith(("clients.0002", "phones.0002")) for name in ours)


def test_they_can_be_taken_back(migrated_state: Path, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), connected_to(migrated_state / DATABASE):
        MigrationExecutor(connection).migrate([("phones", None)])
        tables = connection.introspection.table_names()
    assert not [table for table in tables if table.startswith("phones_")]
    assert "clients_waba" in tables
