"""The tables of this app, one subject a module."""

from phones.models.heartbeat import Heartbeat
from phones.models.history import Change
from phones.models.numbers import Listing, PhoneNumber

__all__ = ["Change", "Heartbeat", "Listing", "PhoneNumber"]
