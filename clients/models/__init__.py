"""The tables of this app, one subject a module."""

from clients.models.api_tokens import ApiToken, ApiTokenClient
from clients.models.audit import AuditEntry, AuditSeal
from clients.models.clients import Client, Portfolio
from clients.models.credentials import Credential
from clients.models.labels import ClientLabel, Label
from clients.models.links import SignupAttempt, SignupLink, StatusLink
from clients.models.passwords import PasswordAttempt
from clients.models.people import User
from clients.models.refused_fields import RefusedField
from clients.models.runs import SyncFailure, SyncRun
from clients.models.saved_views import ListPreference, SavedView
from clients.models.signing_in import AccountMail, FactorSecret
from clients.models.wabas import Waba
from clients.models.watches import ClientWatch

__all__ = [
    "AccountMail",
    "ApiToken",
    "ApiTokenClient",
    "AuditEntry",
    "AuditSeal",
    "Client",
    "ClientLabel",
    "ClientWatch",
    "Credential",
    "FactorSecret",
    "Label",
    "ListPreference",
    "PasswordAttempt",
    "Portfolio",
    "RefusedField",
    "SavedView",
    "SignupAttempt",
    "SignupLink",
    "StatusLink",
    "SyncFailure",
    "SyncRun",
    "User",
    "Waba",
]
