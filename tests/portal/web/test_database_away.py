"""While the database is away or read-only: 503 and a plain page, readiness says so, and the log stays short."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import OperationalError, connection

from clients.models import User
from portal import health, logs
from tests.conftest import SignIn

Fault = Callable[[], AbstractContextManager[None]]


@contextmanager
def away() -> Iterator[None]:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("connection to server at 10.0.0.7, port 5432 failed: Connection refused")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        yield


@contextmanager
def read_only() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only=ON")
        try:
            yield
        finally:
            cursor.execute("PRAGMA query_only=OFF")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite shows both without a server of its own")
@pytest.mark.parametrize("fault", [away, read_only])
def test_a_database_that_cannot_work_gives_a_plain_503_and_one_line(
    team_lead: User, sign_in: SignIn, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_faults", logs.SaidLately())
    monkeypatch.setattr(health, "_written_at", -1000.0)
    browser = sign_in(team_lead)
    browser.raise_request_exception = False
    lines: list[str] = []
    handler = logging.Handler()
    handler.addFilter(logs.FaultsOfTheDatabaseOnce())
    handler.emit = lambda record: lines.append(f"{record.getMessage()} {record.exc_info}")  # type: ignore[method-assign] # collects
    logging.getLogger("django.request").addHandler(handler)
    try:
        with fault():
            for _ in range(5):
                answer = browser.post("/syncs/start/", {"scope": "everything"})
                assert (answer.status_code, answer.get("Retry-After")) == (503, "30"), answer.content[:3000]
                assert "The desk can’t work at this moment" in answer.content.decode()
            ready = browser.get("/readyz")
    finally:
        logging.getLogger("django.request").removeHandler(handler)

    assert (ready.status_code, ready.json()["database"]) == (503, "failed")
    faults = [line for line in lines if "Service Unavailable: /syncs/start/" in line]
    assert len(faults) == 1
    assert faults[0].endswith(" None"), "no traceback"
    assert browser.get("/readyz").json()["database"] == "ok"
    assert browser.get("/").status_code == 200
