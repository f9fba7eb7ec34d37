"""The cache on a Redis that is away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from pytest_django import Settings

from clients import links
from clients.models import Client, User
from portal.broker_settings import cache_settings
from portal.shared_cache import SharedCache


@pytest.fixture
def no_redis(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody listens where Redis should be."""
    monkeypatch.setattr(SharedCache, "_away_until", 0.0)
    settings.CACHES = {"default": cache_settings("redis://127.0.0.1:9/0", prefix="test:")}
    yield
    assert cache.get("anything", "nothing") == "nothing"


@pytest.mark.usefixtures("no_redis")
def test_pages_of_people_and_of_clients_go_on_while_redis_is_away_and_the_log_says_so_once(
    desk: Browser, administrator: User, alices_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    link = links.make_status_link(client=alices_client, actor=administrator)

    for address in ("/", "/phones/?q=alpha", f"/signup/status/{links.token_of(link)}/"):
        assert desk.get(address).status_code == 200, address

    assert caplog.text.count("The cache can’t be reached") == 1
