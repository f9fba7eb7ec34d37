"""The cache that processes share, which may be away: whatever it keeps can be worked out anew."""

import time
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import redis
import structlog
from django.core.cache.backends.redis import RedisCache

# For so long it is left alone after it could not be reached: each try may last until its time-out.
LEFT_ALONE_SECONDS = 5.0

Result = TypeVar("Result")
log = structlog.get_logger(__name__)


class CacheThatMayBeAway(RedisCache):
    """Redis as a cache. While it can't be reached nothing is kept and nothing is known, and pages go on without it."""

    # Of the process: each of its threads has a cache object of its own.
    _away_until: ClassVar[float] = 0.0

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
