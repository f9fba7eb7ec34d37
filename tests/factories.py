"""Makers of rows for tests. Each gives a saved row with sensible values; name only what the test is about.

No assertions and no fixtures here: who is who stands in `conftest.py`.
"""

import datetime
import functools
import itertools
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from clients.choices import AttemptState, CredentialKind, CredentialState, Role, WabaOrigin
from clients.links import LIFETIME, give_token
from clients.models import Client, Credential, Portfolio, SignupAttempt, SignupLink, User, Waba
from phones.choices import ChangeKind, Source
from phones.models import Change, Listing, NumberAge, PhoneNumber
from phones.numbers.search import digits_of, search_text_of

PASSWORD = "correct-horse-battery"
# Long enough for a hint of four characters, and of the form that Meta's tokens have.
TOKEN = "EAAtesttoken0123456789abcdefWXYZ"

_count = itertools.count(1)


def make_person(username: str, role: Role | None = None, **values: Any) -> User:
    """A person with `role`; their password is PASSWORD. Written without signals: the audit log says nothing of it."""
    person = User(username=username, email=f"{username}@example.com", password=_hashed_password(), **values)
    User.objects.bulk_create([person])
    if role is not None:
        # A test on real transactions empties every table behind it, the groups of the first migration too.
        group, _ = Group.objects.get_or_create(name=role.value)
        User.groups.through._default_manager.bulk_create([User.groups.through(user=person, group=group)])
    return person


@functools.cache
def _hashed_password() -> str:
    return make_password(PASSWORD)


def make_client(name: str | None = None, *, owner: User | None = None, cover: User | None = None) -> Client:
    """A client, unassigned unless `owner` or `cover` is given."""
    return Client.objects.create(name=name or f"Client {next(_count)}", owner=owner, cover=cover)


def make_portfolio(client: Client, business_id: str | None = None, *, name: str = "") -> Portfolio:
    """A business portfolio of `client`."""
    return Portfolio.objects.create(
        business_id=business_id or str(4_000_000_000 + next(_count)), name=name or client.name, client=client
    )


def make_credential(
    token: str = TOKEN, *, kind: CredentialKind = CredentialKind.SYSTEM_USER, **values: Any
) -> Credential:
    """A credential that holds `token` and works."""
    values.setdefault("label", f"Token {next(_count)}")
    values.setdefault("state", CredentialState.WORKING)
    credential = Credential(kind=kind, **values)
    credential.store_token(token)
    credential.save()
    return credential


def make_waba(client: Client | None = None, *, waba_id: str | None = None, **values: Any) -> Waba:
    """A WABA of `client` (a new one by default) with a working credential, unless `credential` is given."""
    number = next(_count)
    if "credential" not in values:
        values["credential"] = make_credential()
    values.setdefault("name", f"WABA {number}")
    values.setdefault("origin", WabaOrigin.CLIENT_EDGE)
    return Waba.objects.create(
        client=client or make_client(), waba_id=waba_id or str(1_000_000_000_000 + number), **values
    )


def make_number(
    waba: Waba | None = None, *, phone_number_id: str | None = None, listed: bool = True, **values: Any
) -> PhoneNumber:
    """A number on `waba` (a new one by default), with its listing there unless `listed` is false.

    Facts come as Graph sends them for a healthy number; pass None for one that Graph did not return.
    """
    waba = waba or make_waba()
    number = next(_count)
    now = timezone.now()
    facts: dict[str, Any] = {
        "display_phone_number": f"+1 631-555-{number % 10_000:04d}",
        "verified_name": f"Business {number}",
        "code_verification_status": "VERIFIED",
        "quality_rating": "GREEN",
        "platform_type": "CLOUD_API",
        "throughput": "STANDARD",
        "status": "CONNECTED",
        "name_status": "APPROVED",
        "account_mode": "LIVE",
        "messaging_limit": "TIER_1K",
        "is_official_business_account": False,
        "is_pin_enabled": True,
        "last_onboarded_time": now - datetime.timedelta(days=30),
        "first_seen_at": now,
    }
    facts.update(values)
    age = {name: facts.pop(name) for name in ("synced_at", "synced_by", "oldest_fact_at") if name in facts}
    facts.setdefault("digits", digits_of(facts["display_phone_number"]))
    row = PhoneNumber(phone_number_id=phone_number_id or str(2_000_000_000_000 + number), waba=waba, **facts)
    row.search_text = row.search_text or search_text_of(
        phone_number_id=row.phone_number_id,
        digits=row.digits,
        verified_name=row.verified_name,
        new_display_name=row.new_display_name,
        former_names=row.former_names,
    )
    row.save()
    set_age(row, **{"synced_at": now, **age})
    if listed:
        make_listing(row, waba)
    return row


def set_age(number: PhoneNumber, **values: Any) -> None:
    """Write these columns of its row of ages."""
    NumberAge.objects.filter(pk=number.pk).update(**values)
    number.age = NumberAge.objects.get(pk=number.pk)


def make_listing(number: PhoneNumber, waba: Waba, **values: Any) -> Listing:
    """One more WABA that lists `number`."""
    values.setdefault("first_seen_at", number.first_seen_at)
    return Listing.objects.create(number=number, waba=waba, **values)


def make_change(number: PhoneNumber | None = None, **values: Any) -> Change:
    """A line of history of `number` (a new one by default): the quality went from GREEN to YELLOW just now."""
    facts: dict[str, Any] = {
        "kind": ChangeKind.FIELD,
        "field": "quality_rating",
        "old": "GREEN",
        "new": "YELLOW",
        "source": Source.SYNC,
        "at": timezone.now(),
    }
    if number is None and "waba" not in values:
        number = make_number()
    return Change.objects.create(number=number, **{**facts, **values})


def make_signup_link(client: Client | None = None, **values: Any) -> SignupLink:
    """An open signup link of `client` (a new one by default), without an attempt."""
    now = timezone.now()
    link = SignupLink(client=client or make_client(), **{"created_at": now, "expires_at": now + LIFETIME, **values})
    give_token(link)
    link.save()
    return link


def make_attempt(link: SignupLink | None = None, **values: Any) -> SignupAttempt:
    """A signup on `link` (a new one by default), in Meta's dialog since just now."""
    now = timezone.now()
    facts: dict[str, Any] = {
        "state": AttemptState.STARTED,
        "created_at": now,
        "opened_at": now,
        "started_at": now,
        **values,
    }
    return SignupAttempt.objects.create(link=link or make_signup_link(), **facts)
