"""Every resource with a row in it: what is told of it has the form that the description says."""

import pytest

from clients.models import User
from phones.api.resources import RESOURCES
from tests.access.world import ALICE, ids_of, make_things
from tests.factories import make_person
from tests.phones.api.asking import Program

pytestmark = pytest.mark.django_db


def test_each_resource_tells_of_its_rows_and_of_each_alone(team_lead: User) -> None:
    make_things(ALICE, "Alpha Bakery", owner=team_lead, cover=make_person("carol"), person=team_lead)
    program, ids = Program(team_lead), ids_of(ALICE)
    keys = {"numbers": "number", "wabas": "waba", "clients": "client", "signups": "attempt", "runs": "run"}
    for name, resource in RESOURCES.items():
        rows = program.get(name).json()["data"]
        if name in {*keys, "actions", "changes"}:
            assert rows, name
        for row in rows:
            assert list(row) == list(resource.names), name
            resource.row_model.model_validate(row, strict=True)
            if resource.lookup:
                assert program.get(f"{name}/{row[resource.key_column]}").json() == row, name
        if name in keys:
            assert ids[keys[name]] in {str(row[resource.key_column]) for row in rows}, name
