"""An operation for migrations that begin an app: all of its tables at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation


class MakeTables(Operation):
    """Do these operations, which make models and add to them, as one.

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
