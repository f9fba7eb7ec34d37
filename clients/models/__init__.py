"""The tables of this app, one subject a module."""

from clients.models.clients import Client, Portfolio
from clients.models.credentials import Credential
from clients.models.people import User
from clients.models.runs import SyncFailure, SyncRun
from clients.models.wabas import Waba

__all__ = ["Client", "Credential", "Portfolio", "SyncFailure", "SyncRun", "User", "Waba"]
