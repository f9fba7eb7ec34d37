"""One question to Meta at once, for a page that a person has open. Writes only what a reading of one number says."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from clients.models import SyncFailure, Waba
from phones.models import PhoneNumber


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What Meta's own `account_mode` filter answers for one WABA, laid beside the desk's.

    `admitted` is False when this app may not use the filter (it is a beta feature); `failure` is set (unsaved) when
    Meta could not be asked. `only_at_meta` holds (phone_number_id, display_phone_number) pairs.
    """

    account_mode: str
    asked_at: datetime.datetime
    admitted: bool = True
    failure: SyncFailure | None = None
    agree: list[PhoneNumber] = field(default_factory=list)
    only_at_meta: list[tuple[str, str]] = field(default_factory=list)
    only_here: list[PhoneNumber] = field(default_factory=list)


def ask_account_mode(*, waba: Waba, account_mode: str) -> LiveAnswer:
    """Run Meta's live filter on `waba` for `account_mode` ("LIVE" or "SANDBOX"). Never raises for what Meta says."""
    raise NotImplementedError


def refresh_number(*, number: PhoneNumber) -> SyncFailure | None:
    """Read the number's own node and store what it says; the failure (unsaved) when it could not be read."""
    raise NotImplementedError
