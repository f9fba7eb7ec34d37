"""Signups that ended at Meta and never reached us: which WABA came of one, and giving it to the client by hand.

What a browser said about a signup only decides what is offered. A team lead or an administrator decides what is true,
and no WABA of a client that somebody looks after is offered to anyone.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from clients import audit, ownership, roles
from clients.choices import Act, AttemptState, CredentialState, WabaOrigin
from clients.models import SignupAttempt, User, Waba
from clients.querysets import SignupAttemptQuerySet, nobodys
from phones import waking
from phones.models import Onboarding
from phones.onboarding.run import open_onboarding
from portal import database_clock

# A dialog takes minutes and discovery comes every hour: what turned up later came of something else.
FOUND_WITHIN = timedelta(days=3)
_BROKEN_OFF = (AttemptState.STARTED, AttemptState.CANCELLED, AttemptState.ERROR)
_CLAIMABLE = (*_BROKEN_OFF, AttemptState.LOST, AttemptState.FAILED, AttemptState.REFUSED)


class ClaimRefusedError(Exception):
    """Nothing was claimed; the text says why."""


def may_claim(user: User) -> bool:
    """Whether `user` may claim what came of a signup: it moves WABAs between clients."""
    return roles.may(user, Act.CLAIM_SIGNUPS)


def left_to_staff() -> SignupAttemptQuerySet:
    """Attempts of all clients that a person has to look at: narrow them by `visible_to`.

    Refused ones; and those that were lost, failed, or broke off at Meta shortly before discovery found a WABA that may
    be theirs, unless a later attempt on the same link brought a token.
    """
    return _left_to_staff(timezone.localdate()).all()


@lru_cache(maxsize=1)
def _left_to_staff(_today: date) -> SignupAttemptQuerySet:
    """Put together once a day, by which covers begin and end: pages ask for it, and it takes milliseconds."""
    found = _nobodys().filter(
        origin=WabaOrigin.CLIENT_EDGE,
        created_at__gte=OuterRef("started_at"),
        created_at__lte=OuterRef("started_at") + FOUND_WITHIN,
    )
    dealt_with = Onboarding.objects.filter(waba=OuterRef("pk"), dismissed_at=None)
    broken_off = Q(state=AttemptState.STARTED, credential=None) & Exists(found.exclude(Exists(dealt_with)))
    later = SignupAttempt.objects.filter(link=OuterRef("link"), pk__gt=OuterRef("pk"), credential__isnull=False)
    unfinished = Q(state__in=[AttemptState.LOST, AttemptState.FAILED]) | broken_off
    return SignupAttempt.objects.filter(Q(state=AttemptState.REFUSED) | (unfinished & ~Exists(later)), handled_at=None)


def candidates(attempt: SignupAttempt) -> list[Waba]:
    """WABAs that may have come of `attempt`, the likeliest first; only for who `may_claim`.

    First what its browser named, then what discovery has found since. All belong to the link's client or to one that
    nobody looks after, are still shared with us, and had no onboarding since.
    """
    since = _began(attempt)
    named = Q(waba_id=attempt.said_waba_id) | Q(owner_business_id=attempt.said_business_id)
    found = Q(origin=WabaOrigin.CLIENT_EDGE, created_at__gte=since, created_at__lte=since + FOUND_WITHIN)
    eligible = _nobodys() | Waba.objects.filter(client=attempt.link.client_id, unshared_since=None)
    onboarded = Onboarding.objects.filter(waba=OuterRef("pk"), created_at__gte=since, dismissed_at=None)
    offered = eligible.filter(named | found).exclude(Exists(onboarded)).select_related("client", "credential")

    def likeliest(waba: Waba) -> tuple[bool, bool, int]:
        is_named = waba.waba_id == attempt.said_waba_id
        return not is_named, waba.owner_business_id != attempt.said_business_id, -waba.pk

    return sorted(offered, key=likeliest)


@transaction.atomic
def claim(*, attempt: SignupAttempt, waba: Waba, actor: User) -> Onboarding:
    """Give `waba` to the client of the attempt's link, with its portfolio, and open its onboarding.

    The onboarding acts with the token that the WABA is read with. Raises ClaimRefusedError.
    """
    if not may_claim(actor):
        raise ClaimRefusedError("Only team leads and administrators may claim a WABA for a client.")
    row = SignupAttempt.objects.select_for_update(of=("self",)).select_related("link__client").get(pk=attempt.pk)
    current = Waba.objects.select_for_update(of=("self",)).select_related("client").get(pk=waba.pk)
    if row.handled_at is not None or row.credential_id is not None or row.state not in _CLAIMABLE:
        raise ClaimRefusedError("This signup has been dealt with already. Look again.")
    if row.state == AttemptState.STARTED and row.state_used_at is not None:
        raise ClaimRefusedError("The code of this signup has just come. Look again in a few minutes.")
    if current not in candidates(row):
        raise ClaimRefusedError("This WABA can no longer be claimed for this signup. Look again.")
    if current.credential is None:
        raise ClaimRefusedError("The desk has no token for this WABA: see the WABA’s page.")
    client = row.link.client
    ownership.hand_over(current, to=client, actor=actor)
    onboarding = open_onboarding(
        client=client,
        attempt=row,
        credential=current.credential,
        waba=current,
        access_known=current.credential.state == CredentialState.WORKING,
    )
    now = database_clock.now()
    # Used up, so that a code that comes after all does not begin a second onboarding.
    SignupAttempt.objects.filter(pk=row.pk).update(
        state=AttemptState.LOST,
        state_used_at=Coalesce("state_used_at", now),
        ended_at=Coalesce("ended_at", now),
        handled_at=now,
        handled_by=actor,
    )
    audit.record(row, f"Claimed WABA {current.waba_id} for {client}.", actor)
    attempt.refresh_from_db()
    waking.wake_onboarding()
    return onboarding


@transaction.atomic
def set_aside(*, attempt: SignupAttempt, actor: User) -> None:
    """Staff has dealt with what was left to them. One that was dealt with before stays as it is."""
    now = database_clock.now()
    if SignupAttempt.objects.filter(pk=attempt.pk, handled_at=None).update(handled_at=now, handled_by=actor):
        audit.record(attempt, "Set aside.", actor)
    attempt.refresh_from_db()


def _began(attempt: SignupAttempt) -> datetime:
    return attempt.started_at or attempt.opened_at or attempt.created_at


def _nobodys() -> QuerySet[Waba]:
    """WABAs of clients that nobody looks after; those that are not shared with us any more are left out."""
    return Waba.objects.filter(nobodys("client"), unshared_since=None)
