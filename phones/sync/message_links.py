"""Reads the message links of a number for who asks for them, and keeps what Graph said last."""

import datetime

from django.db import transaction

from clients.access import PAGE_SECONDS, NoTokenError, graph_client, meter, token_now
from clients.models import SyncFailure, User
from clients.models.answers import NO_ERROR
from phones.choices import Source
from phones.models import MessageLinks, PhoneNumber
from phones.sync import waits
from portal import database_clock
from portal.graph import GraphError


def read_message_links(*, number: PhoneNumber, user: User | None = None) -> SyncFailure | None:
    """Read the links and store them; the failure (unsaved) when they could not be read, which the row keeps.

    A person's question is asked even while Meta wants us to wait, or refuses the token.
    """
    asked_at = database_clock.now()
    try:
        token = token_now(number.waba.credential, number.waba, at=asked_at, for_person=user is not None)
        found = graph_client().message_links(number.phone_number_id, token=token, meter=meter(PAGE_SECONDS))
    except GraphError as error:
        waits.begin(number.waba, error)
        return _note_failure(number, SyncFailure.of(error, at=asked_at), asked_at)
    except NoTokenError as error:
        return _note_failure(number, error.failure(at=asked_at), asked_at)
    waits.end_for_success(number.waba, asked_at=asked_at)
    links = [{"code": one.code, "message": one.message, "address": one.address} for one in found]
    with transaction.atomic():
        PhoneNumber.objects.select_for_update(of=("self",), no_key=True).get(pk=number.pk)
        row, _ = MessageLinks.objects.get_or_create(number=number)
        if database_clock.is_older(row.read_at, asked_at):
            source = Source.SYNC if user is None else Source.ACTION
            kept = {**NO_ERROR, "links": links, "read_at": asked_at, "read_by": source, "tried_at": asked_at}
            MessageLinks.objects.filter(pk=row.pk).update(**kept)
    return None


def _note_failure(number: PhoneNumber, failure: SyncFailure, tried_at: datetime.datetime) -> SyncFailure:
    """Keep why nothing came, unless the links were read since."""
    MessageLinks.objects.get_or_create(number=number)
    not_since = MessageLinks.objects.filter(database_clock.older("read_at", tried_at), number=number)
    not_since.update(**failure.error_columns, tried_at=tried_at)
    return failure
