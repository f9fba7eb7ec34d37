"""PostgreSQL's index behind the search box. SQLite's is looked at in `tests/phones/numbers/test_search.py`."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.operations import TrigramExtension
from django.db import connection

from phones.listing import search_index
from phones.models import PhoneNumber
from tests.factories import make_number

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="this is PostgreSQL's"),
]


def indexes() -> Any:
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, "phones_phonenumber")


def install() -> None:
    with connection.schema_editor() as schema_editor:
        search_index.install(apps, schema_editor)


def test_migrations_build_it_over_three_letter_pieces() -> None:
    built = indexes()["phones_number_search"]

    assert (built["type"], built["columns"]) == ("gin", ["search_text"])


def test_it_is_built_anew_where_it_is_there_already() -> None:
    install()

    assert "phones_number_search" in indexes()


def test_without_the_right_to_add_the_extension_the_table_is_read_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_self: Any, _app: str, schema_editor: Any, *_states: Any) -> None:
        schema_editor.execute("CREATE EXTENSION an_extension_that_nobody_has")

    monkeypatch.setattr(TrigramExtension, "database_forwards", refused)
    install()

    assert "phones_number_search" not in indexes()
    number = make_number(verified_name="Taxi Sol")
    assert list(PhoneNumber.objects.filter(search_text__contains="taxi sol")) == [number]
