"""Redis as the broker of messages that only wake somebody: what a worker has taken is gone from Redis at once.

The database is the queue, so no message is worth a second delivery. Kombu's own channel notes in Redis what was taken
and not acknowledged; where Redis restarts meanwhile, or is full and takes no notes, the worker ends with an error. Here
the notes are in the worker's memory, where they limit how much it takes.
"""

from typing import Any

from kombu.transport import redis, virtual
from redis.exceptions import ConnectionError  # noqa: A004 - redis's, which kombu knows as a lost connection


class _TakenForGood(virtual.QoS):
    restore_at_shutdown = False


class _Channel(redis.Channel):
    QoS = _TakenForGood  # type: ignore[assignment] # kombu itself puts a virtual.QoS here where it takes no notes

    def _restore(self, message: Any, leftmost: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's
        """Put nothing back: what the message was about is in the database."""

    def _connparams(self, asynchronous: bool = False) -> Any:  # noqa: FBT001, FBT002 - kombu's
        """Where to connect to. Raises ConnectionError when this channel is closed, so that kombu makes a new one.

        A sender may still hold the channel of a connection that was lost, and kombu's own would raise AttributeError.
        """
        if self.connection is None:
            raise ConnectionError("The channel to Redis was closed.")
        return super()._connparams(asynchronous)  # type: ignore[misc] # the stubs leave it out


class Transport(redis.Transport):
    """Stands for redis:// and rediss:// (portal/celery.py)."""

    Channel = _Channel
