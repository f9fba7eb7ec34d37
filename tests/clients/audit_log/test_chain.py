"""The chain over the audit log: whoever changes, deletes or slips in a line past the guard is found out."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from pytest_django import Settings

from clients import audit
from clients.audit import chain, guard, retention
from clients.choices import AuditKind
from clients.models import AuditEntry, AuditSeal, User

pytestmark = pytest.mark.django_db


def write(count: int, *, days_ago: int = 0) -> list[AuditEntry]:
    found = [
        AuditEntry(at=timezone.now() - timedelta(days=days_ago), kind="change", outcome="done", what=f"Line {each}.")
        for each in range(count)
    ]
    return list(AuditEntry.objects.bulk_create(found))


def statement(sql: str, *values: str | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@contextmanager
def unguarded() -> Iterator[None]:
    """As somebody works who owns the database."""
    for each in guard.removed(connection.vendor):
        statement(each)
    yield
    for each in guard.made(connection.vendor):
        statement(each)


def verified(**options: str) -> str:
    out = StringIO()
    call_command("verify_audit_log", stdout=out, **options)
    return out.getvalue()


def trouble(**options: str) -> str:
    with pytest.raises(CommandError) as raised:
        verified(**options)
    return str(raised.value)


def test_the_command_finds_a_changed_a_deleted_and_a_slipped_in_line_and_a_forged_seal() -> None:
    first, second, third, *_ = write(5)
    assert chain.seal() == 5
    assert "Every line is as it was sealed." in verified()

    with unguarded():
        statement("UPDATE clients_auditentry SET what = %s WHERE id = %s", "Another.", second.pk)
    assert f"Line {second.pk} of" in trouble()
    with unguarded():
        statement("UPDATE clients_auditentry SET what = %s WHERE id = %s", second.what, second.pk)
        statement("DELETE FROM clients_auditentry WHERE id = %s", third.pk)
    assert f"Line {third.pk} was deleted." in trouble()
    with unguarded():
        statement("UPDATE clients_auditseal SET signature = %s", "f" * 64)
    assert "not signed" in trouble()
    write(1, days_ago=1)
    assert "1 lines are older than an hour and not sealed" in trouble()
    for each in guard.removed(connection.vendor):
        statement(each)
    assert "triggers" in trouble()
    assert first.pk


def test_lines_that_are_cut_off_at_the_end_are_missed_by_a_hash_that_was_noted() -> None:
    write(3)
    chain.seal()
    write(2)
    chain.seal()
    head = chain.verify().head
    assert "Every line" in verified(head=head)

    with unguarded():
        for seal in AuditSeal.objects.filter(position__gt=3):
            statement("DELETE FROM clients_auditentry WHERE id = %s", seal.entry_id)
        statement("DELETE FROM clients_auditseal WHERE position > 3")
    assert "Every line" in verified()
    assert "lines were cut off at its end" in trouble(head=head)


def test_a_line_whose_transaction_ends_late_is_sealed_behind_others() -> None:
    lines = write(3)
    late = lines[0]
    with unguarded():
        statement("DELETE FROM clients_auditentry WHERE id = %s", late.pk)
    chain.seal()
    late._state.adding = True
    late.save(force_insert=True)

    assert chain.seal() == 1
    assert AuditSeal.objects.get(position=3).entry_id == late.pk
    assert chain.verify().problems == []


def test_old_lines_go_after_a_signed_line_that_says_so_and_the_chain_is_checked_from_there(
    settings: Settings, administrator: User
) -> None:
    chain.seal()
    assert retention.prune() == 0, "nothing is old"
    with unguarded():
        statement("DELETE FROM clients_auditseal")
        statement("DELETE FROM clients_auditentry")
    write(4, days_ago=settings.AUDIT_KEPT_DAYS + 3)
    kept = write(2)

    out = StringIO()
    call_command("prune_audit_log", stdout=out)

    assert out.getvalue().strip() == "deleted=4"
    anchor = AuditEntry.objects.get(kind=AuditKind.LOG)
    assert anchor.what == "4 lines older than 400 days were deleted, up to position 4."
    assert list(AuditEntry.objects.order_by("pk")) == [*kept, anchor]
    assert AuditSeal.objects.order_by("position").first().position == 5  # type: ignore[union-attr] # just made
    assert "Every line" in verified()

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-that-is-long-enough", [settings.SECRET_KEY]
    assert "Every line" in verified()
    retention.prune()
    settings.SECRET_KEY_FALLBACKS = []
    assert "Every line" in verified()

    # Anybody may write such a line into the database, but not sign it.
    facts = {"deleted_through": 5, "hash": "0" * 64, "signature": ""}
    audit.entry(AuditKind.LOG, "Nothing to see.", actor=administrator, details=facts)
    chain.seal()
    assert "is not signed with this desk’s SECRET_KEY" in trouble()


@pytest.mark.django_db(transaction=True)
def test_lines_written_while_two_seal_are_each_sealed_once() -> None:
    def work(what: Callable[[], object]) -> None:
        for _ in range(5):
            what()
        connections.close_all()

    jobs: list[Callable[[], object]] = [lambda: write(3), lambda: write(3), chain.seal, chain.seal]
    threads = [threading.Thread(target=work, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain.seal()

    assert AuditSeal.objects.count() == AuditEntry.objects.count() == 30
    assert chain.verify().problems == []
