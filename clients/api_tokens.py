"""Tokens of the HTTP API: making, revoking and opening them.

A token is shown once and stored as its SHA-256. Whoever brings it is its person, with what the token leaves of what
they may do: fewer acts (`TokenScope`), fewer clients. Nothing is remembered of it, so that a role that was taken or a
client that was given away counts with the next request.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from clients import audit, roles
from clients.audit.circumstances import circumstances
from clients.choices import Act, AuditKind, Role, TokenScope
from clients.models import ApiToken, ApiTokenClient, Client, User
from clients.models.people import PeopleQuerySet
from clients.people import managed_by
from clients.querysets import ApiTokenQuerySet
from clients.signing_in import second_factor
from portal.rows import row_or_none

LONGEST_DAYS = 366
# No more tokens than these of one person work at the same time.
MOST_OF_ONE = 50
_BEGINS = "ndk_"
_SHOWN = 8
_NOTED_EVERY = timedelta(minutes=1)
_READS = frozenset({Act.SEE_CLIENTS, Act.SEE_EVERY_CLIENT})
# Guards are never overridden through a token, and nobody's access is changed: that takes a person.
_WORKS = _READS | {Act.WORK_ON_CLIENTS, Act.RUN_THE_DESK, Act.MANAGE_THE_POOL}
_OF_SOME_CLIENTS = frozenset({Act.SEE_CLIENTS, Act.WORK_ON_CLIENTS})
_NAME = (RegexValidator(r"^[\w.@+-]+\Z", "Letters, digits and @ . + - _ only."), ProhibitNullCharactersValidator())


class NotIssuedError(Exception):
    """There is no token to be had like this; the text says why."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token a request brought: `person` is limited to what the token leaves of what they may do."""

    token: ApiToken
    person: User


@sensitive_variables("secret")
def issue(
    *,
    person: User,
    actor: User,
    name: str,
    scope: TokenScope,
    days: int,
    clients: Sequence[Client] = (),
    requests_a_minute: int = 0,
) -> tuple[ApiToken, str]:
    """A new token of `person`, and what is shown of it this once. Raises NotIssuedError."""
    if person.pk != actor.pk and not (person.is_service and roles.may(actor, Act.ADMINISTER)):
        raise NotIssuedError("A token is made by the person whose it is; for services, by administrators.")
    if roles.role_of(person) is None:
        raise NotIssuedError("Who has no role sees nothing, and neither would a token.")
    if scope != TokenScope.READ and not roles.may_change(person):
        raise NotIssuedError("Who changes nothing gets a token that reads.")
    if not 1 <= days <= LONGEST_DAYS:
        raise NotIssuedError(f"A token works for 1 to {LONGEST_DAYS} days.")
    usual = settings.API_REQUESTS_A_MINUTE
    if usual and requests_a_minute > usual and not roles.may(actor, Act.ADMINISTER):
        raise NotIssuedError(f"More than {usual:,} requests a minute are for administrators to give.")
    secret = f"{_BEGINS}{secrets.token_urlsafe(32)}"
    now = timezone.now()
    with transaction.atomic():
        # Of several who ask at once, each counts those of the others.
        User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        if ApiToken.objects.live().filter(person=person.pk).count() >= MOST_OF_ONE:
            raise NotIssuedError(f"{MOST_OF_ONE} tokens work already: revoke one that nothing uses.")
        token = ApiToken.objects.create(
            person_id=person.pk,
            name=name,
            prefix=secret[: len(_BEGINS) + _SHOWN],
            digest=_digest(secret),
            scope=scope,
            is_narrowed=bool(clients),
            requests_a_minute=requests_a_minute,
            created_at=now,
            created_by_id=actor.pk,
            expires_at=now + timedelta(days=days),
        )
        ApiTokenClient.objects.bulk_create(ApiTokenClient(token=token, client=client) for client in clients)
        facts = {
            "scope": scope.value,
            "until": f"{token.expires_at:%Y-%m-%d}",
            "clients": [str(one) for one in clients],
        }
        audit.entry(AuditKind.ACCESS, f"Made the API token {token}.", actor=actor, about=person, details=facts)
    return token, secret


@transaction.atomic
def revoke(token: ApiToken, *, actor: User | None) -> None:
    """End it: the next request with it is refused."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        audit.entry(AuditKind.ACCESS, f"Revoked the API token {token}.", actor=actor, about=token.person)


def revoke_with_the_person(*, instance: User, **_signal: object) -> None:
    """A receiver: who may not sign in any more has no tokens either, also when they are let in again later."""
    if not instance.is_active:
        for token in ApiToken.objects.filter(person=instance.pk, revoked_at=None):
            revoke(token, actor=circumstances().person)


def seen_by(user: User) -> ApiTokenQuerySet:
    """The tokens that `user` sees and may revoke: their own, and those of whom they manage."""
    theirs = Q(person=user.pk) | Q(person__in=managed_by(user).values("pk"))
    return ApiToken.objects.filter(theirs).select_related("person").prefetch_related("narrowed_to__client")


def services() -> QuerySet[User]:
    """The services that may have tokens."""
    return User.objects.filter(is_service=True, is_active=True).order_by("username")


@transaction.atomic
def make_service(*, name: str, role: Role, actor: User) -> User:
    """A login for another program, which can't sign in and has tokens only. Raises NotIssuedError, ValidationError."""
    if not roles.may(actor, Act.ADMINISTER):
        raise NotIssuedError("Services are for administrators to make.")
    for check in _NAME:
        check(name)
    if User.objects.filter(username__iexact=name).exists():
        raise NotIssuedError("Somebody has this name already.")
    service = User(username=name, is_service=True, let_in_by=actor)
    service.set_unusable_password()
    try:
        with transaction.atomic():
            service.save()
    except IntegrityError:  # somebody took it between our look and our insert
        raise NotIssuedError("Somebody has this name already.") from None
    service.groups.add(Group.objects.get(name=role.value))
    return service


@sensitive_variables("secret")
def opened(secret: str) -> Bearer | None:
    """Whose token this is, as they are now; None for one that is unknown, expired or revoked, or whose person left."""
    token = row_or_none(ApiToken.objects.live().filter(digest=_digest(secret)))
    if token is None:
        return None
    person = PeopleQuerySet(User).with_role().filter(pk=token.person_id, is_active=True).first()
    if person is None or _lacks_factor(person):
        return None
    narrowed = frozenset(token.narrowed_to.values_list("client", flat=True)) if token.is_narrowed else None
    acts = _READS if token.scope == TokenScope.READ else _WORKS
    limits = roles.TokenLimits(token.pk, str(token), acts, narrowed)
    if narrowed is not None:
        limits = replace(limits, acts=acts & _OF_SOME_CLIENTS)
    person.token_limits = limits  # type: ignore[attr-defined] # of this one object, which lives for one request
    _note_used(token, timezone.now())
    return Bearer(token, person)


def _lacks_factor(person: User) -> bool:
    """Whether their role needs a second factor that they don't have: on the desk they would get nowhere either."""
    return not person.is_service and second_factor.needs_one(person) and not second_factor.has_one(person)


def _note_used(token: ApiToken, now: datetime) -> None:
    """Once a minute, so that reading does not write each time."""
    if token.last_used_at is None or now - token.last_used_at >= _NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()
