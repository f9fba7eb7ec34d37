"""The tables of this app, one subject a module."""

from phones.models.actions import Action, Pin, PinReveal
from phones.models.heartbeat import Heartbeat
from phones.models.history import Change
from phones.models.numbers import Listing, PhoneNumber

__all__ = ["Action", "Change", "Heartbeat", "Listing", "PhoneNumber", "Pin", "PinReveal"]
