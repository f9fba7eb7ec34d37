"""A migration that rebuilds a table on SQLite leaves triggers as they were: its own, and those that name it."""

from __future__ import annotations

from pathlib import Path

from django.db import connection, models
from pytest_django import DjangoDbBlocker

from clients.models import Client, Waba
from tests.migrated import DATABASE, connected_to

TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"


def triggers() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        return list(cursor.execute(TRIGGERS))


def test_a_table_that_gets_a_column_with_a_default_keeps_its_triggers_and_those_that_name_it(
    migrated_state: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    size = models.IntegerField(db_default=1)
    size.set_attributes_from_name("size")
    with django_db_blocker.unblock(), connected_to(migrated_state / DATABASE):
        client = Client.objects.create(name="Before")
        Waba.objects.create(waba_id="1", name="Before", client=client)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TRIGGER of_this_test AFTER INSERT ON clients_waba"
                " BEGIN UPDATE clients_waba SET name = strftime('%s') || '%%' WHERE FALSE; END"
            )
        before = triggers()
        with connection.schema_editor() as editor:
            editor.add_field(Waba, size)
        after = triggers()
        with connection.cursor() as cursor:
            found = cursor.execute("SELECT waba_id, size FROM clients_waba").fetchall()

    assert {"phones_client_of_new", "phones_client_of_waba"} <= {name for name, _ in before}
    assert after == before
    assert found == [("1", 1)]
