"""The cache in Redis, which may be away, and which believes nothing but what the desk itself has signed for that key.

Django keeps Python's pickles there, so that whoever could write to Redis could run code in the desk's processes. What
is not signed, signed for another key, or can't be read by this release is as good as not there. Whatever it keeps can
be worked out anew.
"""

import hmac
import pickle
import time
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, ClassVar, TypeVar

import redis
import structlog
from django.conf import settings
from django.core.cache.backends.redis import RedisCache, RedisCacheClient, RedisSerializer

log = structlog.get_logger(__name__)

# For so long it is left alone after it could not be reached: each try may last until its time-out.
LEFT_ALONE_SECONDS = 5.0
_SIGNATURE = sha256().digest_size

Result = TypeVar("Result")


class SignedClient(RedisCacheClient):
    """Writes and reads whole values signed. A plain int is a counter: it is counted up, and never read as a value."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        # What comes to be written is bytes already, or a counter.
        super().__init__(servers, serializer=_AsItIs(), **options)

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return super().add(key, _written(key, value), timeout)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        super().set(key, _written(key, value), timeout)

    def set_many(self, data: Mapping[Any, Any], timeout: Any) -> None:
        super().set_many({key: _written(key, value) for key, value in data.items()}, timeout)

    def get(self, key: Any, default: Any) -> Any:
        kept: Any = self.get_client(key).get(key)
        return _read(key, kept, default)

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        keys, missing = list(keys), object()
        kept: Any = self.get_client(None).mget(keys)
        read = {key: _read(key, each, missing) for key, each in zip(keys, kept, strict=True)}
        return {key: value for key, value in read.items() if value is not missing}


class SharedCache(RedisCache):
    """Redis as a cache. While it can't be reached nothing is kept and nothing is known, and pages go on without it."""

    # Of the process: each of its threads has a cache object of its own.
    _away_until: ClassVar[float] = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = SignedClient

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._asked(super().get, key, default, version, otherwise=default)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return self._asked(super().get_many, *args, otherwise={}, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._asked(super().set, *args, otherwise=None, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._asked(super().set_many, *args, otherwise=[], **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        # As if it was not there before: what is done once in a while is done once too often.
        return self._asked(super().add, *args, otherwise=True, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> int:
        return self._asked(super().incr, *args, otherwise=1, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._asked(super().delete, *args, otherwise=False, **kwargs)

    def _asked(self, ask: Callable[..., Result], *args: Any, otherwise: Result, **kwargs: Any) -> Result:
        """What Redis says to this; `otherwise` while it is away."""
        own = type(self)
        if time.monotonic() < own._away_until:
            return otherwise
        try:
            return ask(*args, **kwargs)
        except redis.RedisError as error:
            own._away_until = time.monotonic() + LEFT_ALONE_SECONDS
            log.warning("The cache can’t be reached; pages go on without it.", error=type(error).__name__)
            return otherwise


class _AsItIs(RedisSerializer):
    def dumps(self, obj: Any) -> Any:
        return obj


def _written(key: str, value: Any) -> bytes | int:
    if type(value) is int:
        return value
    text = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return _signature(key, text) + text


def _read(key: str, kept: bytes | None, default: Any) -> Any:
    """The value that was kept under this key, or `default`."""
    if kept is None:
        return default
    signature, text = kept[:_SIGNATURE], kept[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(key, text)):
        log.warning("A value in the cache that the desk has not signed was left alone.")
        return default
    try:
        return pickle.loads(text)  # noqa: S301 - our own, as the signature shows
    except Exception:  # noqa: BLE001 - of an earlier release, whose classes are gone
        return default


def _signature(key: str, text: bytes) -> bytes:
    secret = f"portal.shared_cache|{settings.SECRET_KEY}".encode()
    return hmac.digest(secret, len(key).to_bytes(4, "big") + key.encode() + text, "sha256")
