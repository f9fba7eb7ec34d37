"""Redis as the broker, where a connection to it was lost."""

import pytest
from redis.exceptions import ConnectionError  # noqa: A004 - redis's, which kombu knows as a lost connection

from portal.broker import Transport


def test_a_channel_that_was_closed_is_a_lost_connection_of_which_kombu_makes_a_new_one() -> None:
    channel = object.__new__(Transport.Channel)  # kombu's own beginning asks Redis
    channel.connection = None  # type: ignore[assignment] # as kombu leaves it

    with pytest.raises(ConnectionError):
        channel._connparams()

    assert ConnectionError in Transport.connection_errors
