"""Offering a pool number to one client: it is reserved for that client's signup link, and for no other meanwhile.

Nothing of this is known at Meta, where a number of the pool is free until somebody's signup takes it.
"""

import datetime
import re

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from clients import audit, links
from clients.choices import LinkState
from clients.models import Client, SignupLink, User
from phones.choices import ActionKind
from phones.models import Action, PreverifiedNumber
from phones.numbers.conditions import IS_VERIFIED
from phones.pool import clocks
from phones.querysets import PreverifiedNumberQuerySet
from portal import database_clock

log = structlog.get_logger(__name__)

_TAKEN = "This number can’t be offered: it is offered to a client already, or no longer verified. Choose another one."
# As it stands in the record: the link's key is for who sees the link.
_RESERVED = "Reserved for signup link {}."
_RESERVED_FOR = re.compile(_RESERVED.format("([0-9]{1,18})").replace(".", r"\."))


class NotAvailableError(Exception):
    """The number is not to be had for this link; the text says why and may be shown."""


def available() -> PreverifiedNumberQuerySet:
    """The numbers that a signup link may offer now: verified, in the pool, free, and not about to be deleted."""
    being_deleted = Action.objects.filter(preverified_number=OuterRef("pk"), kind=ActionKind.DELETE, closed_at=None)
    verified = PreverifiedNumber.objects.in_pool().filter(_holds(database_clock.now()), ~Exists(being_deleted))
    return verified.filter(reserved_for=None)


def offered_by(link: SignupLink) -> PreverifiedNumber | None:
    """The number that `link` offers; None without one, and when its verification has lapsed meanwhile.

    Only the partner could type the code that the client would then be asked for.
    """
    offered = PreverifiedNumber.objects.in_pool().filter(reserved_for=link)
    return offered.filter(_holds(database_clock.now())).first()


def reserve(*, number: PreverifiedNumber, link: SignupLink) -> None:
    """Reserve `number` for `link`. Of any number of callers at once one gets it; the others, NotAvailableError."""
    if link.state != LinkState.OPEN:
        raise NotAvailableError("This signup link is closed: make a new one.")
    try:
        with transaction.atomic():
            # Judged under the lock, by a statement of its own: what others have committed by then counts.
            PreverifiedNumber.objects.select_for_update().filter(pk=number.pk).first()
            if not available().filter(pk=number.pk).exists():
                raise NotAvailableError(_TAKEN)
            PreverifiedNumber.objects.filter(pk=number.pk, reserved_for=None).update(
                reserved_for=link, reserved_at=database_clock.now()
            )
    except IntegrityError:
        raise NotAvailableError("This signup link offers a number already.") from None
    number.refresh_from_db()
    audit.record(number, _RESERVED.format(link.pk), link.created_by)


@transaction.atomic
def make_link(
    *,
    client: Client,
    actor: User,
    number: PreverifiedNumber | None = None,
    display_name: str = "",
    language: str | None = None,
    lifetime: datetime.timedelta = links.LIFETIME,
) -> SignupLink:
    """A signup link for `client` that offers `number`, if one is given.

    Raises NotAvailableError, and makes no link, when the number is not to be had; and links.DisplayNameTooLongError.
    """
    link = links.make_signup_link(
        client=client, actor=actor, display_name=display_name, language=language, lifetime=lifetime
    )
    if number is not None:
        reserve(number=number, link=link)
    return link


def link_in(sentence: str) -> int | None:
    """The key of the link that this sentence of the record says a number was reserved for; None in any other."""
    found = _RESERVED_FOR.fullmatch(sentence)
    return int(found[1]) if found else None


@transaction.atomic
def release(*, number: PreverifiedNumber, actor: User) -> None:
    """Free `number` from the link it is reserved for. One that is free stays as it is."""
    reserved = PreverifiedNumber.objects.filter(pk=number.pk).exclude(reserved_for=None)
    if reserved.update(reserved_for=None, reserved_at=None):
        audit.record(number, "Freed from its signup link.", actor)
    number.refresh_from_db()


def release_closed() -> int:
    """Free the numbers whose links have expired or were revoked; how many."""
    closed = SignupLink.objects.exclude(pk__in=SignupLink.objects.open().values("pk"))
    freed = PreverifiedNumber.objects.in_pool().filter(reserved_for__in=closed.values("pk"))
    count = freed.update(reserved_for=None, reserved_at=None)
    if count:
        log.info("Numbers of the pool were freed from closed signup links.", numbers=count)
    return count


def _holds(now: datetime.datetime) -> Q:
    """The condition `clocks.is_verified`, in SQL."""
    until = Q(verification_expiry_time__gt=now) | Q(
        Q(code_verification_time=None) | Q(code_verification_time__gt=now - clocks.VALIDITY),
        verification_expiry_time=None,
    )
    return until & IS_VERIFIED
