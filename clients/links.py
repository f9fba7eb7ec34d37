"""The links that a client opens without a login: making them, finding them by their secret, closing them.

The secret is a part of the link's address and is stored twice: as a digest, to find the row, and sealed, to show the
address again to who may see it. Callers have checked that the actor may. What happens behind a link is not known here.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import TypeVar

from django.contrib.admin.models import ADDITION
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from clients import audit
from clients.audit.circumstances import circumstances
from clients.choices import AttemptState, AuditKind, LinkState
from clients.models import Client, SignupAttempt, SignupLink, StatusLink, User
from clients.models.links import Link
from portal.fields import SealedTextField
from portal.rows import row_or_none

LIFETIME = timedelta(days=30)
_ONE_LINE_IN = 24 * 3600  # seconds

LinkRow = TypeVar("LinkRow", bound=Link)


class LinkClosedError(Exception):
    """The link no longer opens its page; `state` says whether it has expired or was revoked."""

    def __init__(self, state: LinkState) -> None:
        super().__init__(
            _("This link is no longer in use.") if state == LinkState.REVOKED else _("This link has expired.")
        )
        self.state = state


class DisplayNameTooLongError(Exception):
    """The display name does not fit; the text says how long it may be."""


@sensitive_variables()
def give_token(row: Link) -> None:
    """A new secret for `row`, which is not saved yet: 256 random bits as 43 letters, digits, `-` and `_`."""
    token = secrets.token_urlsafe(32)
    row.token_digest = digest_of(token)
    _sealed(row).seal_for(row, token)


def token_of(row: Link) -> str:
    """The secret of the link's address, for who may see it. Raises portal.crypto.SecretUnreadableError."""
    return _sealed(row).open_for(row)


@sensitive_variables()
def find(model: type[LinkRow], token: str) -> LinkRow | None:
    """The link of that secret, open or not; None for any other text."""
    return row_or_none(model._default_manager.filter(token_digest=digest_of(token)))


def insist_open(row: Link) -> None:
    if row.state != LinkState.OPEN:
        raise LinkClosedError(row.state)


@transaction.atomic
def make_signup_link(
    *, client: Client, actor: User, display_name: str = "", language: str | None = None, lifetime: timedelta = LIFETIME
) -> SignupLink:
    """A link to Embedded Signup for `client`, with its first attempt: sent. Raises DisplayNameTooLongError.

    `language` is a code of `settings.LANGUAGES`; empty: the page is shown as the browser asks; None: the client's.
    """
    link = SignupLink(client=client, display_name=_display_name(display_name), language=_language(client, language))
    _make(link, actor, lifetime)
    SignupAttempt.objects.create(link=link, state=AttemptState.SENT, created_at=link.created_at)
    return link


@transaction.atomic
def make_status_link(
    *, client: Client, actor: User, language: str | None = None, lifetime: timedelta = LIFETIME
) -> StatusLink:
    link = StatusLink(client=client, language=_language(client, language))
    _make(link, actor, lifetime)
    return link


@transaction.atomic
def revoke(*, link: Link, actor: User) -> None:
    """Close the link from now on. One that was revoked before stays as it is."""
    now = timezone.now()
    if type(link)._default_manager.filter(pk=link.pk, revoked_at=None).update(revoked_at=now):
        link.revoked_at = now
        audit.record(link, "Revoked.", actor, kind=AuditKind.LINK)


@transaction.atomic
def revoke_many(rows: QuerySet[SignupLink], *, actor: User) -> int:
    """Close those of `rows` that are not closed yet; gives how many."""
    found = list(rows.select_for_update(of=("self",)).filter(revoked_at=None))
    SignupLink.objects.filter(pk__in=[link.pk for link in found]).update(revoked_at=timezone.now())
    audit.record_many(found, "Revoked.", actor, kind=AuditKind.LINK)
    return len(found)


def note_opened(link: Link) -> None:
    """Write down that a browser shows the page of `link`: for the audit once a day and address."""
    where = circumstances()
    if cache.add(f"opened:{link._meta.label_lower}:{link.pk}:{where.address}", 1, _ONE_LINE_IN):
        audit.entry(AuditKind.LINK, "Opened.", actor=where.person, about=link)
    link.opened_at = timezone.now()
    type(link)._default_manager.filter(pk=link.pk).update(opened_at=link.opened_at)


@sensitive_variables()
def digest_of(secret: str) -> str:
    """What is stored of a secret that is only compared: SHA-256, in hexadecimal digits."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _make(link: Link, actor: User, lifetime: timedelta) -> None:
    link.created_by, link.created_at = actor, timezone.now()
    link.expires_at = link.created_at + lifetime
    give_token(link)
    link.save()
    audit.record(link, "Made.", actor, flag=ADDITION, kind=AuditKind.LINK)


def _display_name(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    longest = SignupLink._meta.get_field("display_name").max_length
    if longest is not None and len(name) > longest:
        raise DisplayNameTooLongError(f"A display name has {longest} characters at most.")
    return name


def _sealed(row: Link) -> SealedTextField:
    return row._meta.get_field("token_sealed")


def _language(client: Client, wanted: str | None) -> str:
    return client.language if wanted is None else wanted
