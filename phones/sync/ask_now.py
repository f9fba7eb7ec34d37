"""One question to Meta at once, for a page that a person has open. Writes only what a reading of one number says."""

import datetime
from dataclasses import dataclass, field

from django.db import transaction

from clients import refused_fields
from clients.access import PAGE_SECONDS, NoTokenError, graph_client, meter, token_now
from clients.models import SyncFailure, User, Waba
from phones.models import PhoneNumber
from phones.sync import waits, write_numbers
from portal import database_clock
from portal.graph import BadRequest, GraphError, PermissionMissing


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

    @property
    def differs(self) -> bool:
        """Whether Meta lists other numbers than the desk."""
        return bool(self.only_here or self.only_at_meta)


def ask_account_mode(*, waba: Waba, account_mode: str) -> LiveAnswer:
    """Run Meta's live filter on `waba` for `account_mode` ("LIVE" or "SANDBOX"). Never raises for what Meta says.

    Source: "Filter phone numbers by account mode" on Meta's page about client phone numbers.
    """
    asked_at = database_clock.now()
    try:
        token = token_now(waba.credential, waba, at=asked_at, for_person=True)
        listing = graph_client().phone_numbers(
            waba.waba_id, token=token, meter=meter(PAGE_SECONDS), account_mode=account_mode
        )
    except (BadRequest, PermissionMissing) as error:
        # Meta has no code of its own for "not in the beta": an app that may list but not filter is refused here.
        admitted = not _lists_without_filter(waba, token)
        return LiveAnswer(account_mode, asked_at, admitted, SyncFailure.of(error, at=asked_at))
    except GraphError as error:
        waits.begin(waba, error)
        return LiveAnswer(account_mode, asked_at, failure=SyncFailure.of(error, at=asked_at))
    except NoTokenError as error:
        return LiveAnswer(account_mode, asked_at, failure=error.failure(at=asked_at))
    on_waba = PhoneNumber.objects.on(Waba.objects.filter(pk=waba.pk))
    here = {number.phone_number_id: number for number in on_waba.filter(account_mode=account_mode)}
    there = {one.phone_number_id: str(one.values.get("display_phone_number", "")) for one in listing.numbers}
    return LiveAnswer(
        account_mode,
        asked_at,
        agree=[number for pk, number in here.items() if pk in there],
        only_at_meta=[(pk, shown) for pk, shown in there.items() if pk not in here],
        only_here=[number for pk, number in here.items() if pk not in there],
    )


def refresh_number(*, number: PhoneNumber, user: User | None = None) -> SyncFailure | None:
    """Read the number's own node and store what it says; the failure (unsaved) when it could not be read.

    A person's question is asked even while Meta wants us to wait or refuses the token: it finds out whether that holds.
    The second way to a number's OTP status on Meta's page about client phone numbers.
    """
    asked_at = database_clock.now()
    try:
        token = token_now(number.waba.credential, number.waba, at=asked_at, for_person=user is not None)
        asked = meter(PAGE_SECONDS)
        reading = graph_client().phone_number(number.phone_number_id, token=token, meter=asked)
    except GraphError as error:
        waits.begin(number.waba, error)
        return SyncFailure.of(error, at=asked_at)
    except NoTokenError as error:
        return error.failure(at=asked_at)
    waits.end_for_success(number.waba, asked_at=asked_at)
    with transaction.atomic():
        fresh = PhoneNumber.objects.select_for_update(no_key=True).get(pk=number.pk)
        write_numbers.store_one(fresh, reading, asked_at=asked_at, actor=user)
        refused_fields.note(asked.refused, [("phone_number", reading.requested)])
    return None


def _lists_without_filter(waba: Waba, token: str) -> bool:
    try:
        graph_client().phone_numbers(waba.waba_id, token=token, meter=meter(PAGE_SECONDS))
    except GraphError:
        return False
    return True
