"""How Celery and the cache speak to Redis, and what workers are held to. Knows no settings; settings import it."""

from typing import Any


def celery_settings(*, has_redis: bool, prefix: str) -> dict[str, Any]:
    """The settings of Celery that nobody changes, by name. `prefix` keeps several portals on one Redis apart."""
    return {
        "CELERY_BROKER_TRANSPORT_OPTIONS": _on_redis(prefix) if has_redis else {"polling_interval": 0.05},
        "CELERY_BROKER_POOL_LIMIT": 10,
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BROKER_CONNECTION_MAX_RETRIES": None,
        "CELERY_TASK_PUBLISH_RETRY_POLICY": {
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.2,
            "interval_max": 0.2,
        },
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_TIME_LIMIT": 300,
        "CELERY_TASK_SOFT_TIME_LIMIT": 240,
        "CELERY_TASK_DEFAULT_QUEUE": "numberdesk",
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_WORKER_MAX_TASKS_PER_CHILD": 500,
        "CELERY_WORKER_MAX_MEMORY_PER_CHILD": 400_000,  # KiB
        "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT": 30,
        # Nothing is acknowledged late, so nothing is cancelled; without it Celery warns.
        "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": True,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_TIMEZONE": "UTC",
        "CELERY_BEAT_SCHEDULER": "portal.beat:Clock",
    }


def cache_settings(redis_url: str, *, prefix: str) -> dict[str, Any]:
    """The cache that processes share; without Redis each has its own."""
    if not redis_url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {
        "BACKEND": "portal.shared_cache.SharedCache",
        "LOCATION": redis_url,
        "KEY_PREFIX": prefix + "cache",
        "OPTIONS": {
            "socket_timeout": 2,
            "socket_connect_timeout": 2,
            "pool_class": "redis.connection.BlockingConnectionPool",
            "max_connections": 40,
            "timeout": 2,
        },
    }


def _on_redis(prefix: str) -> dict[str, Any]:
    return {
        # Without the time-outs a silently dead connection leaves a worker deaf for ever (measured).
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "global_keyprefix": prefix,
    }
