"""New migrations leave a running desk in peace: each keeps the rules for tables of a million rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from tests.migration_rules import broken_by

# The last of each app from before the rules, when nobody ran a desk with large tables.
BEFORE_THE_RULES = {"clients": "0026_uncounted_clients", "phones": "0032_count_numbers"}

INDEX = models.Index(fields=["at"], name="some_index")


def migration(*operations: Operation, **more: Any) -> migrations.Migration:
    made: migrations.Migration = type("Migration", (migrations.Migration,), {"operations": list(operations), **more})(
        "0099_new", "phones"
    )
    return made


def nothing(_apps: object, _schema_editor: object) -> None:
    pass


def test_every_new_migration_keeps_the_rules() -> None:
    loader = MigrationLoader(None)
    known = loader.disk_migrations.items()
    new = {key: one for key, one in known if key[1] > BEFORE_THE_RULES.get(key[0], "9") and not one.replaces}
    found = {key: broken_by(one, loader.project_state(key, at_end=False)) for key, one in new.items()}
    assert {key: said for key, said in found.items() if said} == {}


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (migration(migrations.RemoveField("client", "name")), "one release later"),
        (migration(migrations.RenameField("client", "name", "title")), "one release later"),
        (migration(migrations.DeleteModel("Label")), "one release later"),
        (migration(migrations.AddField("client", "size", models.IntegerField(default=1))), "db_default"),
        (migration(migrations.AddIndex("change", INDEX)), "AddIndexConcurrently"),
        (migration(migrations.AddIndex("numberage", INDEX)), "AddIndexConcurrently"),
        (
            migration(migrations.AddField("event", "size", models.IntegerField(null=True, db_index=True))),
            "Concurrently",
        ),
        (migration(migrations.AlterField("listing", "number", models.TextField(null=True))), "read whole"),
        (migration(migrations.RunSQL("VACUUM FULL")), "what SQL locks"),
        (
            migration(
                migrations.AddField("phonenumber", "size", models.IntegerField(null=True)),
                migrations.RunPython(nothing),
            ),
            "runs code",
        ),
        (
            migration(migrations.AddField("change", "size", models.IntegerField(null=True)), atomic=False),
            "without a limit",
        ),
        (
            migration(migrations.SeparateDatabaseAndState([migrations.AddIndex("change", INDEX)])),
            "AddIndexConcurrently",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_migration_that_would_stop_the_desk_is_refused_in_words(made: migrations.Migration, said: str) -> None:
    assert said in " ".join(broken_by(made))
    made.holds_nobody_up = "It says why."  # type: ignore[attr-defined] # a migration says so in its class
    assert broken_by(made) == []


def test_a_migration_that_only_adds_is_taken() -> None:
    adds = migration(
        migrations.AddField("phonenumber", "size", models.IntegerField(null=True)),
        migrations.AddField("client", "size", models.IntegerField(db_default=1)),
        migrations.CreateModel("Size", [("id", models.BigAutoField(primary_key=True))]),
    )
    makes_and_fills = migration(
        migrations.CreateModel("NumberAge", [("id", models.BigAutoField(primary_key=True))]),
        migrations.RunPython(nothing),
    )
    fills_and_indexes = migration(migrations.RunPython(nothing), AddIndexConcurrently("change", INDEX), atomic=False)
    assert broken_by(adds) == broken_by(makes_and_fills) == broken_by(fills_and_indexes) == []


@pytest.mark.parametrize(
    ("was", "becomes", "is_refused"),
    [
        (models.IntegerField(null=True), models.IntegerField(), True),
        (models.IntegerField(db_default=1), models.IntegerField(), True),
        (models.IntegerField(null=True), models.IntegerField(db_default=1), False),
        (models.IntegerField(), models.IntegerField(help_text="Said otherwise."), False),
    ],
)
def test_a_column_that_the_code_of_before_leaves_out_may_not_come_to_be_needed(
    was: models.Field[Any, Any], becomes: models.Field[Any, Any], *, is_refused: bool
) -> None:
    before = ProjectState()
    before.add_model(ModelState("phones", "Label", [("id", models.BigAutoField(primary_key=True)), ("size", was)]))
    said = broken_by(migration(migrations.AlterField("label", "size", becomes)), before)
    assert ("INSERT would fail" in " ".join(said)) is is_refused
