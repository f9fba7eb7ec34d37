"""What an error of the database means: a row that somebody else holds, or a database that is away or takes nothing."""

from django.db import InterfaceError, InternalError, OperationalError

# SQLSTATE of PostgreSQL: lock_not_available, deadlock_detected, serialization_failure.
_LOCKED = frozenset({"55P03", "40P01", "40001"})
# SQLite says this of a statement that can't work, whenever it is tried.
_OF_OURS = ("no such", "near ", "too many", "unrecognized", "malformed", "wrong number")


def is_locked(error: BaseException) -> bool:
    """Whether somebody else held a row for longer than was waited. SQLite knows no rows that are locked."""
    return getattr(error.__cause__, "sqlstate", None) in _LOCKED


def is_away(error: BaseException | None) -> bool:
    """Whether the database could not be reached, was busy for too long, or takes nothing (read-only, full)."""
    if isinstance(error, InternalError):
        return "read-only" in str(error)
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return not str(error).startswith(_OF_OURS)


def in_short(error: BaseException) -> str:
    """The kind of error, and the first line of what the database said."""
    said = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {said}"[:300]
