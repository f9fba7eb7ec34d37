"""What a request names besides its address that is not there for its person: a choice of a form, a ticked row.

Forms and selections note it here; the audit log writes a line about a request that did.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_NOT_AMONG_THEM = {"invalid_choice", "invalid_pk_value"}
_named: ContextVar[set[str] | None] = ContextVar("unknown_rows", default=None)


@contextmanager
def noted() -> Iterator[set[str]]:
    """The fields that named such a row in here, in our own words for them."""
    names: set[str] = set()
    before = _named.set(names)
    try:
        yield names
    finally:
        _named.reset(before)


def note(field: str) -> None:
    """Note that `field` named a row that is not there, or not theirs."""
    if (names := _named.get()) is not None:
        names.add(field)


def is_noted() -> bool:
    """Whether somebody takes notes: a request is answered."""
    return _named.get() is not None


class _NotesOthers(forms.Field):
    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError as error:
            if any(one.code in _NOT_AMONG_THEM for one in error.error_list):
                note(str(self.label))
            raise


class RowChoiceField(_NotesOthers, forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at run time
    """One of the rows that its person may choose; any other is noted."""


class RowsChoiceField(_NotesOthers, forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # likewise
    """Some of the rows that their person may choose; any others are noted."""
