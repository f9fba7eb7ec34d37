"""What a migration that stands for many is made of: all tables of an app at once, as the many would leave them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.db.migrations import RunPython
from django.db.migrations.operations.base import Operation


def operations_of(app: str, names: Sequence[str]) -> list[Operation]:
    """What these migrations of an app do to its models, in their order. The code that they run is left out."""
    many = (import_module(f"{app}.migrations.{name}").Migration for name in names)
    return [one for each in many for one in each.operations if not isinstance(one, RunPython)]


class MakeTables(Operation):
    """Do these operations on models as one: tables are made as the last of them leaves the models.

    Django renders every related model anew for each model that is made while models are rendered: here that is most
    of the time of `migrate` on an empty database. So they are rendered once, when all of them are known.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        state.__dict__.pop("apps", None)  # the rendered models, a cached property
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, _from_state: Any, to_state: Any) -> None:
        for model in self._models(app_label, schema_editor, to_state):
            schema_editor.create_model(model)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, _to_state: Any) -> None:
        for model in reversed(self._models(app_label, schema_editor, from_state)):
            schema_editor.delete_model(model)

    def describe(self) -> str:
        return "Make all tables"

    def _models(self, app_label: str, schema_editor: Any, state: Any) -> list[Any]:
        models = state.apps.get_app_config(app_label).get_models()
        return [model for model in models if self.allow_migrate_model(schema_editor.connection.alias, model)]
