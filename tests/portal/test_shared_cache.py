"""Who can write to Redis gets nothing run and nothing believed."""

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.cache import cache
from pytest_django import Settings

from clients.models import User
from phones.models import PhoneNumber
from portal.broker_settings import cache_settings
from tests import servers
from tests.conftest import SignIn

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(servers.redis_binary() is None, reason="Redis is not installed here"),
]


@pytest.fixture
def server(settings: Settings) -> Iterator[redis.Redis]:
    with servers.redis() as address:
        settings.CACHES = {"default": cache_settings(address, prefix="desk:")}
        yield redis.Redis.from_url(address)


class Planted:
    """Makes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_a_planted_value_is_neither_run_nor_believed_and_pages_go_on(
    server: redis.Redis,
    tmp_path: Path,
    team_lead: User,
    alices_number: PhoneNumber,
    sign_in: SignIn,
    settings: Settings,
) -> None:
    settings.TWO_PERSON_APPROVAL = ["deregister"]
    browser, ran = sign_in(team_lead), tmp_path / "ran"
    pages = ["/", "/phones/?q=bakery", "/changes/", "/views/counts/", "/events/"]
    before = [browser.get(page).status_code for page in pages]
    keys = server.keys()
    assert len(keys) >= 4

    signed = pickle.dumps(Planted(ran))
    for planted in (signed, b"\0" * 32 + signed, b"7", b"", server.get(keys[0]) or b""):
        for key in keys:
            server.set(key, planted)
        assert [browser.get(page).status_code for page in pages] == before
    assert not ran.exists()
    pickle.loads(signed)  # noqa: S301 - to see that it would have run
    assert ran.exists()


def test_what_the_desk_keeps_comes_back_and_only_under_its_own_key_and_secret(
    server: redis.Redis, settings: Settings
) -> None:
    cache.set_many({"a": {"x": (1, None)}, "b": "text"}, 60)
    assert cache.add("a", "other", 60) is False
    assert (cache.get("a"), cache.get_many(["a", "b", "c"])) == ({"x": (1, None)}, {"a": {"x": (1, None)}, "b": "text"})
    cache.set("count", 0, 60)
    assert (cache.incr("count"), cache.incr("count")) == (1, 2)

    server.set(cache.make_key("b"), server.get(cache.make_key("a")) or b"")
    assert cache.get("b", "nothing") == "nothing"
    settings.SECRET_KEY = settings.SECRET_KEY + "x"
    assert cache.get("a") is None
