"""A credit line, and a client of Graph that soon gives up."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.practice import Practice


@pytest.fixture(autouse=True)
def _credit_line(app: Practice, settings: Settings) -> None:
    settings.META_EXTENDED_CREDIT_ID = app.credentials.extended_credit_id


@pytest.fixture(autouse=True)
def _quick(app: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of little patience in place of the process's own."""
    for module in (
        "phones.onboarding.steps",
        "phones.onboarding.accounts",
        "clients.access",
        "phones.events.subscriptions",
        "phones.sync.ask_now",
    ):
        monkeypatch.setattr(f"{module}.graph_client", lambda: app.client)
