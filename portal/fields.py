"""Model fields: for secrets, for what a search finds a name by, and for keys that count nothing.

What encryption means is in `portal.crypto`, what folding means in `portal.folding`.
"""

import os
import secrets
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

from django.apps import apps
from django.db import models

from portal import crypto
from portal.folding import fold

_2026 = 1_767_225_600_000  # in milliseconds since 1970


class SealedTextField(models.TextField):  # type: ignore[type-arg] # a plain text column; django-stubs' parameters add nothing
    """A column that holds ciphertext only: reading the attribute never gives the secret.

    The row is named by its `secret_uid` column (a UUID made with the object, so it exists before the first save).
    `seal_for` and `open_for` are the only two ways in and out, and `manage.py rotate_tokens` finds every secret of
    the portal by looking for this field.
    """

    description = "An encrypted secret"

    def context_for(self, row: models.Model) -> str:
        """What the ciphertext of this column is bound to in `row`."""
        uid = getattr(row, "secret_uid", None)
        if not isinstance(uid, uuid.UUID):
            raise TypeError(f"{type(row).__name__} needs a secret_uid UUIDField to hold secrets.")
        return f"{self.model._meta.label_lower}.{self.attname}:{uid}"

    def seal_for(self, row: models.Model, secret: str) -> None:
        """Put the encrypted `secret` on `row` (not saved); an empty secret clears the column."""
        setattr(row, self.attname, crypto.seal(secret, context=self.context_for(row)) if secret else "")

    def open_for(self, row: models.Model) -> str:
        """The secret of `row`, or an empty text when it has none. Raises crypto.SecretUnreadableError."""
        sealed = getattr(row, self.attname)
        return crypto.unseal(sealed, context=self.context_for(row)) if sealed else ""


def sealed_fields() -> Iterator[tuple[type[models.Model], SealedTextField]]:
    """Every column of the portal that holds secrets, with its model."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, SealedTextField):
                yield model, field


class FoldedNameField(models.CharField):  # type: ignore[type-arg] # a plain text column; django-stubs' parameters add nothing
    """The name of its row, folded: derived whenever the row is saved. A writer that goes past `save` calls `folded`.

    `db_default`: a process of the version before, which does not know the column, may go on inserting.
    """

    description = "A name, folded for searching"

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{"max_length": 512, "blank": True, "editable": False, "default": "", "db_default": "", **options}
        )

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002, FBT001 - Django's signature
        text = folded(getattr(model_instance, "name", None))
        setattr(model_instance, self.attname, text)
        return text


def folded(name: object) -> str:
    """What the column of a FoldedNameField holds for `name`."""
    return fold(str(name or ""))[:512]


class UncountedKeyField(models.BigAutoField):  # type: ignore[type-arg] # not generic at run time
    """A key that says when its row was made and not how many there are: people see the keys of their own rows.

    Of two rows of one process the later has the larger key. Rows from before have keys that the database counted.
    """

    _last: ClassVar[int] = 0
    _process: ClassVar[tuple[int, int]] = (0, 0)
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def get_pk_value_on_save(self, instance: models.Model) -> int:  # noqa: ARG002 - Django's signature
        """The milliseconds since 2026, of rows that are made at once one more each, and three digits of the process.

        So no process has to ask another, and two that make many rows at once hardly ever draw the same three digits.
        """
        with self._lock:
            if self._process[0] != os.getpid():
                UncountedKeyField._process = os.getpid(), secrets.randbelow(1_000)
            UncountedKeyField._last = max(time.time_ns() // 1_000_000 - _2026, self._last + 1)
            return self._last * 1_000 + self._process[1]
