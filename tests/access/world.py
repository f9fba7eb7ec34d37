"""People with things of their own, and one thing of each kind around a client, under ids that are known beforehand.

Foreign things can then be asked for before they are there: the answer may not change when they are made.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client as Browser
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from clients.choices import AttemptState, Role
from clients.links import give_token
from clients.models import (
    ApiToken,
    Client,
    Label,
    SavedView,
    SignupAttempt,
    SignupLink,
    StatusLink,
    SyncFailure,
    SyncRun,
    User,
    Waba,
)
from phones.alert_choices import ChannelKind
from phones.approval_choices import ApprovalKind
from phones.bulk_choices import BulkKind
from phones.choices import ActionKind, ActionState, PinState, StepKind, StepState
from phones.models import (
    Action,
    Approval,
    BulkRun,
    Channel,
    CodeLink,
    MessageLinks,
    Note,
    Offboarding,
    Onboarding,
    PhoneNumber,
    Pin,
    PreverifiedNumber,
    Webhook,
)
from phones.offboarding_choices import LeavingStep
from portal.fields import sealed_fields
from tests.factories import make_change, make_number, make_person, make_portfolio, make_waba
from tests.fresh_sign_in import browser_of

ALICE, VERA, OTTO, NOWHERE = 710_000_000, 720_000_000, 730_000_000, 740_000_000
"""Where the ids of everybody's things begin; long, so that they occur nowhere else. At `NOWHERE` nothing is made."""


@dataclass
class World:
    """Who asks for what: everybody's browser, and what stands in addresses of whose things."""

    people: dict[str, User]
    browsers: dict[str, Browser]


def ids_of(at: int) -> dict[str, str]:
    """What stands in the addresses of the things that `make_things` makes at `at`."""
    keys = (
        *("client", "run", "action", "signup_link", "status_link", "code_link", "attempt", "onboarding"),
        *("note", "approval", "bulk", "session", "passkey", "pool", "channel", "person"),
        *("number_key", "waba_key", "change", "step", "api_token", "webhook", "case", "leaving_step"),
    )
    found = {key: str(at + place) for place, key in enumerate(keys, start=1)}
    return found | {
        "number": f"{at + 50}001",
        "waba": f"{at + 60}001",
        "portfolio": f"{at + 70}001",
        "view": f"view-{at}",
        "link_code": f"L{at}",
        "mail": str(UUID(int=at)),
    }


def make_people() -> dict[str, User]:
    """One of each kind. Dora could sign in once, and her session is still there."""
    found = [
        make_person("vera", Role.VIEWER),
        make_person("alice", Role.ACCOUNT_MANAGER),
        make_person("carol", Role.ACCOUNT_MANAGER),
        make_person("otto", Role.ACCOUNT_MANAGER),
        make_person("tess", Role.TEAM_LEAD),
        make_person("iris", Role.AUDITOR),
        make_person("ada", Role.ADMINISTRATOR, is_staff=True),
        make_person("root", is_staff=True, is_superuser=True),
        make_person("steve", is_staff=True),
        make_person("sam", pk=int(ids_of(ALICE)["person"])),
        make_person("dora", Role.ADMINISTRATOR, is_staff=True),
    ]
    return {person.username: person for person in found}


def make_world() -> World:
    """Alice has a client, and so has Vera; what Otto has is made by the tests. Everybody has a passkey."""
    people = make_people()
    browsers = {"nobody": Browser(), **{name: browser_of(person) for name, person in people.items()}}
    User.objects.filter(username="dora").update(is_active=False)
    make_things(ALICE, "Alpha Bakery", owner=people["alice"], cover=people["carol"], person=people["alice"])
    make_things(VERA, "Delta Optics", owner=people["alice"], cover=people["vera"], person=people["vera"])
    for name in people.keys() - {"alice", "vera"}:
        _make_passkey(people[name])
    _make_of_desk(ids_of(ALICE))
    return World(people, browsers)


def make_things(at: int, name: str, *, owner: User, cover: User | None, person: User) -> None:
    """One of everything around a client, and what `person` has for themselves."""
    ids, now = ids_of(at), timezone.now()
    client = Client.objects.create(pk=ids["client"], name=name, owner=owner, cover=cover)
    portfolio = make_portfolio(client, ids["portfolio"], name=f"{name} Holding")
    waba = make_waba(
        client, pk=ids["waba_key"], waba_id=ids["waba"], name=f"{name} WABA", owner_business_id=portfolio.business_id
    )
    number = make_number(
        waba,
        pk=ids["number_key"],
        phone_number_id=ids["number"],
        verified_name=f"{name} Shop",
        display_phone_number=f"+49 {at}",
    )
    run = SyncRun.objects.create(pk=ids["run"], scope="client", trigger="person", client=client, requested_by=owner)
    failure = SyncFailure.objects.create(run=run, waba=waba, kind="token_dead", at=now)
    Waba.objects.filter(pk=waba.pk).update(last_failure=failure)
    make_change(number, pk=ids["change"], run=run, actor=owner)
    make_change(waba=waba, run=run)
    pin = Pin(number=number, state=PinState.CONFIRMED, created_at=now)
    for _model, secret in (found for found in sealed_fields() if found[0] is Pin):
        secret.seal_for(pin, "123456")
    pin.save()
    Action.objects.create(
        pk=ids["action"],
        number=number,
        waba=waba,
        kind=ActionKind.REGISTER,
        state=ActionState.SUCCEEDED,
        created_at=now,
        closed_at=now,
    )
    _make_of_book(ids, client, number, owner)
    _make_signup(at, client, number, owner)
    _make_of_person(at, person, number)


def _make_of_book(ids: dict[str, str], client: Client, number: PhoneNumber, owner: User) -> None:
    """Notes on the number and on the client, one of which mentions its author; a label and a watch on both."""
    now = timezone.now()
    notes = {"client": client, "author": owner, "text": f"Secret of {client}", "created_at": now}
    Note.objects.create(pk=ids["note"], number=number, **notes).mentions.create(person=owner)
    Note.objects.create(**notes)
    label = Label.objects.get_or_create(name="VIP")[0]
    client.client_labels.create(label=label)
    number.number_labels.create(label=label, client=client)
    client.watches.create(person=owner)
    number.watches.create(person=owner)
    client.daily_counts.create(day=now.date(), field="stage", value="ready", numbers=7)
    client.counts.create(since=now.date(), field="stage", value="ready", numbers=7)
    asked = {"requested_by": owner, "requested_at": now, "expires_at": now + timedelta(hours=1)}
    Approval.objects.create(pk=ids["approval"], kind=ApprovalKind.DEREGISTER, number=number, **asked)
    links = [{"code": ids["link_code"], "message": f"Hello {client}", "address": f"https://wa.me/message/{number.pk}"}]
    MessageLinks.objects.create(number=number, links=links, read_at=now)
    case = Offboarding.objects.create(
        pk=ids["case"], client=client, number=number, reason=f"Secret of {client}", begun_at=now, begun_by=owner
    )
    case.steps.create(pk=ids["leaving_step"], kind=LeavingStep.PIN, number=number, waba=number.waba)


def _make_signup(at: int, client: Client, number: PhoneNumber, owner: User) -> None:
    """A signup that is left to staff, with a link of each kind and an onboarding."""
    ids, now = ids_of(at), timezone.now()
    columns = {"created_by": owner, "created_at": now, "expires_at": now + timedelta(days=30)}
    for link in (
        SignupLink(pk=ids["signup_link"], client=client, **columns),
        StatusLink(pk=ids["status_link"], client=client, **columns),
        CodeLink(pk=ids["code_link"], number=number, **columns),
    ):
        give_token(link)
        link.save()
    refused = {"state": AttemptState.REFUSED, "refusal": "other_client", "created_at": now}
    attempt = SignupAttempt.objects.create(pk=ids["attempt"], link_id=ids["signup_link"], **refused)
    begun = {"client": client, "attempt": attempt, "waba": number.waba, "created_at": now}
    onboarding = Onboarding.objects.create(pk=ids["onboarding"], **begun)
    onboarding.steps.create(
        pk=ids["step"], kind=StepKind.REGISTRATION, state=StepState.FAILED, number=number, error_kind="guard"
    )


def _make_of_person(at: int, person: User, number: PhoneNumber) -> None:
    ids, now = ids_of(at), timezone.now()
    run = BulkRun.objects.create(
        pk=ids["bulk"], kind=BulkKind.REFRESH, requested_by=person, created_at=now, chosen=1, total=1
    )
    run.items.create(position=0, number=number, waba=number.waba)
    SavedView.objects.create(owner=person, list_name="numbers", name=f"View {at}", slug=ids["view"])
    person.dispatches.create(
        public_id=ids["mail"], kind="digest", key=str(at), since=now - timedelta(days=1), until=now, created_at=now
    )
    UserSession.objects.create(
        pk=ids["session"], user=person, session_key=f"session{at}", ip="127.0.0.1", user_agent="", last_seen_at=now
    )
    _make_passkey(person, ids["passkey"])
    columns = {"created_at": now, "expires_at": now + timedelta(days=30)}
    ApiToken.objects.create(pk=ids["api_token"], person=person, name="ERP", digest=f"{at:064d}", **columns)


def _make_passkey(person: User, pk: str | None = None) -> None:
    data = {"name": "At hand", "credential": _passkey()}
    Authenticator.objects.create(pk=pk, user=person, type=Authenticator.Type.WEBAUTHN, data=data)


@cache
def _passkey() -> dict[str, object]:
    """What a browser registers: a key that nothing was ever signed with."""
    key = ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    credential = AttestedCredentialData.create(b"\0" * 16, b"key", key)
    seen = AuthenticatorData.create(b"\0" * 32, AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP, 0, credential)
    given = {
        "clientDataJSON": b'{"type": "webauthn.create", "challenge": "", "origin": "https://localhost"}',
        "attestationObject": bytes(AttestationObject.create("none", seen, {})),
    }
    key_id = websafe_encode(b"key")
    response = {name: websafe_encode(value) for name, value in given.items()}
    return {"id": key_id, "rawId": key_id, "type": "public-key", "response": response}


def _make_of_desk(ids: dict[str, str]) -> None:
    """What the partner has in one copy, beside the clients: a number of the pool, and a team's channel."""
    now = timezone.now()
    PreverifiedNumber.objects.create(
        preverified_id=ids["pool"], phone_number="+15550001", first_seen_at=now, synced_at=now, added_at=now
    )
    channel = Channel(pk=ids["channel"], name="Team", kind=ChannelKind.WEBHOOK, host="hooks.example")
    channel.store(address="https://hooks.example/SecretOfTeam", secret="SecretOfTeam")
    channel.save()
    hook = Webhook(
        pk=ids["webhook"],
        name="ERP",
        host="erp.example",
        person=User.objects.get(username="tess"),
        created_at=now,
        moved_at=now,
    )
    hook.store(address="https://erp.example/SecretOfErp", secret="SecretOfErp")
    hook.save()
