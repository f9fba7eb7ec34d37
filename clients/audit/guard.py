"""Triggers that keep the audit log append-only in the database, for the migration that makes them and for its reverse.

They refuse every UPDATE. They refuse a DELETE unless a line of the log says that lines up to a later position were
deleted (`deleted_through`): so nothing goes without a line about it, and `clients.audit.retention` needs no other way
than everybody has. What says so without the desk's signature is found by `verify_audit_log`.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

ENTRIES, SEALS = "clients_auditentry", "clients_auditseal"
_REACHED = f"(SELECT MAX(deleted_through) FROM {ENTRIES})"  # noqa: S608 - our own names
# Of the row that would go: whether a line says that it may.
_MAY_GO = {
    ENTRIES: f"EXISTS (SELECT 1 FROM {SEALS} s WHERE s.entry_id = OLD.id AND s.position <= {_REACHED})",  # noqa: S608 - our own names
    SEALS: f"OLD.position <= {_REACHED}",
}
_IN_SQLITE = "sqlite_master WHERE type = 'trigger' AND name"
_REFUSAL = "Lines of the audit log are neither changed nor deleted."


def made(vendor: str) -> Iterator[str]:
    """The statements that make the triggers on "sqlite" or "postgresql"."""
    return _on_postgresql() if vendor == "postgresql" else _on_sqlite()


def is_whole(connection: BaseDatabaseWrapper) -> bool:
    """Whether all of them are there."""
    catalogue = "pg_trigger WHERE tgenabled <> 'D' AND tgname" if connection.vendor == "postgresql" else _IN_SQLITE
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {catalogue} LIKE 'clients_audit%'")  # noqa: S608 - nothing from outside
        return bool(cursor.fetchone()[0] == 2 * len(_MAY_GO))


def removed(vendor: str) -> Iterator[str]:
    """The statements that remove them again."""
    for table in (ENTRIES, SEALS):
        if vendor == "postgresql":
            yield f"DROP TRIGGER IF EXISTS {table}_rows ON {table}"
            yield f"DROP TRIGGER IF EXISTS {table}_whole ON {table}"
            yield f"DROP FUNCTION IF EXISTS {table}_guard()"
        else:
            yield f"DROP TRIGGER IF EXISTS {table}_update"
            yield f"DROP TRIGGER IF EXISTS {table}_delete"


def _on_sqlite() -> Iterator[str]:
    for table, may_go in _MAY_GO.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        yield f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} {refuse}"
        yield f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} WHEN COALESCE(NOT ({may_go}), 1) {refuse}"


def _on_postgresql() -> Iterator[str]:
    for table, may_go in _MAY_GO.items():
        yield (
            f"CREATE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' THEN IF COALESCE({may_go}, false) THEN RETURN OLD; END IF; END IF; "
            f"RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        yield (
            f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_guard()"
        )
        yield (
            f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard()"
        )
