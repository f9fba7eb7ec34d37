"""The book that other tests have put back is the one that a first reading brings."""

import datetime
from typing import Any

import pytest
from django.db import models

from clients.models import Client, Credential, Portfolio, SyncRun, Waba
from phones.models import Change, Heartbeat, Listing, PhoneNumber
from tests import practice as practices
from tests.practice import Practice, practice_server

pytestmark = pytest.mark.django_db
# In an order in which they can be deleted.
MODELS: tuple[type[models.Model], ...] = (Change, Listing, PhoneNumber, Waba, Credential, Portfolio, Client)


def stored(practice: Practice) -> dict[str, list[dict[str, Any]]]:
    """All rows: Graph's moments as distances from the world's beginning, the desk's own and its secrets left out."""
    began = datetime.datetime.fromtimestamp(int(practice._world.started), datetime.UTC)
    return {
        model.__name__: [
            {
                name: value - began if isinstance(value, datetime.datetime) else value
                for name, value in row.items()
                if name not in {"secret_uid", "token_sealed"} and not getattr(value, "microsecond", 0)
            }
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in MODELS
    }


def test_a_book_that_is_put_back_is_what_a_first_reading_stores_and_what_the_next_finds(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practices, "_kept", {})
    with practice_server(settings, wabas=4, numbers=24) as practice:
        practice.already_read()
        read = stored(practice)
    for model in MODELS:
        model._default_manager.all().delete()
    SyncRun.objects.all().delete()
    Heartbeat.objects.all().delete()

    with practice_server(settings, wabas=4, numbers=24) as practice:
        practice.already_read()
        assert practice.calls() == [], "nothing was read"
        put_back = stored(practice)
        run = practice.sync()

    assert put_back == read
    assert (run.failed, run.added, run.changed, run.unchanged) == (0, 0, 0, 24)
