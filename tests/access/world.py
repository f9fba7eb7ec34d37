"""What the access tests are made of: a walk over all routes, people with things of their own, and answers to compare.

The tables of routes stand in `routes.py`, the fixtures in `conftest.py`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import unified_diff
from typing import Any

from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from clients.choices import AttemptState
from clients.links import give_token
from clients.models import Client, Label, SignupAttempt, SignupLink, StatusLink, SyncFailure, SyncRun, User, Waba
from phones.approval_choices import ApprovalKind
from phones.choices import ActionKind, ActionState, PinState, StepKind, StepState
from phones.models import Action, Approval, CodeLink, Note, Onboarding, PhoneNumber, Pin
from portal.fields import sealed_fields
from tests.factories import make_change, make_number, make_portfolio, make_waba
from tests.workbooks import body_as_text

OWN = {"alice": "alice", "carol": "alice", "vera": "vera", "otto": "otto"}
WITHOUT_ROLE = ("sam", "steve")
LEADS = ("tess", "ada")


@dataclass(frozen=True)
class OfOne:
    """A route about one thing: a number, a WABA, a client, a portfolio, a run, a link, an attempt or an onboarding.

    `front` stands before its id in the address, `more` behind.
    """

    thing: str
    method: str = "get"
    more: tuple[str, ...] = ()
    front: tuple[str, ...] = ()
    data: dict[str, str] = field(default_factory=dict)
    only_leads: bool = False
    only_workers: bool = False
    """A page that leads to an action: not for viewers."""


@dataclass(frozen=True)
class Named:
    """A form that names a thing in its field `id`."""

    thing: str
    data: dict[str, str]


class Browsers(dict[str, Browser]):
    """The browser of each person, signed in when it is first asked for, and of "nobody"."""

    def __init__(self, people: dict[str, User], sign_in: Callable[[User], Browser]) -> None:
        super().__init__(nobody=Browser())
        self._people = people
        self._sign_in = sign_in

    def __missing__(self, name: str) -> Browser:
        self[name] = browser = self._sign_in(self._people[name])
        return browser

    def of_everyone(self) -> Iterator[tuple[str, Browser]]:
        """All names, each with its browser."""
        yield from ((name, self[name]) for name in ("nobody", *self._people))


@dataclass
class World:
    """Who asks for what. `things[owner][kind]` is what stands in an address: "alice", "vera", "otto" and "nobody"."""

    browsers: Browsers
    things: dict[str, dict[str, str]]
    otto: list[str]
    """Everything that only Otto, leads and administrators may read anywhere."""


@dataclass(frozen=True)
class Answer:
    """What a person can tell two answers apart by."""

    status: int
    headers: list[str]
    lines: list[str]

    def difference(self, other: "Answer") -> str:
        """What is in one of the two only; empty when nobody could tell them apart."""
        mine, theirs = ([str(one.status), *one.headers, *one.lines] for one in (self, other))
        return "\n".join(list(unified_diff(mine, theirs, n=0, lineterm=""))[2:])


def all_routes() -> set[str]:
    """The names of all routes, with their namespaces; of a route without a name, its pattern."""
    return set(_routes(get_resolver().url_patterns))


def _routes(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _routes(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name or pattern.pattern}"


def make_things(pk: int, name: str, *, owner: User, cover: User | None) -> dict[str, str]:
    """One of everything around a client, as it stands in addresses. `pk` is long, so that it occurs nowhere else."""
    client = Client.objects.create(pk=pk, name=name, owner=owner, cover=cover)
    portfolio = make_portfolio(client, str(pk + 500), name=f"{name} Holding")
    waba = make_waba(client, name=f"{name} WABA", owner_business_id=portfolio.business_id)
    number = make_number(waba, verified_name=f"{name} Shop")
    run = SyncRun.objects.create(pk=pk + 1, scope="client", trigger="person", client=client, requested_by=owner)
    failure = SyncFailure.objects.create(run=run, waba=waba, kind="token_dead", at=timezone.now())
    Waba.objects.filter(pk=waba.pk).update(last_failure=failure)
    make_change(number, run=run, actor=owner)
    make_change(waba=waba, run=run)
    now = timezone.now()
    pin = Pin(number=number, state=PinState.CONFIRMED, created_at=now)
    for _model, secret in (found for found in sealed_fields() if found[0] is Pin):
        secret.seal_for(pin, "123456")
    pin.save()
    action = Action.objects.create(
        pk=pk + 2,
        number=number,
        waba=waba,
        kind=ActionKind.REGISTER,
        state=ActionState.SUCCEEDED,
        created_at=now,
        closed_at=now,
    )
    return {
        "number": number.phone_number_id,
        "waba": waba.waba_id,
        "client": str(client.pk),
        "portfolio": portfolio.business_id,
        "run": str(run.pk),
        "action": str(action.pk),
        "note": _note(pk + 8, client, number, owner),
        "approval": str(_approval(pk + 9, number, owner).pk),
        **_signup_things(pk + 3, client, number, owner),
    }


def _approval(pk: int, number: PhoneNumber, owner: User) -> Approval:
    now = timezone.now()
    asked = {"requested_by": owner, "requested_at": now, "expires_at": now + timedelta(hours=1)}
    return Approval.objects.create(pk=pk, kind=ApprovalKind.DEREGISTER, number=number, **asked)


def _note(pk: int, client: Client, number: PhoneNumber, owner: User) -> str:
    """A note on the number that mentions its author, one on the client, and a label and a watch on both."""
    notes = {"client": client, "author": owner, "text": f"Secret of {client}", "created_at": timezone.now()}
    Note.objects.create(pk=pk, number=number, **notes).mentions.create(person=owner)
    Note.objects.create(**notes)
    label = Label.objects.get_or_create(name="VIP")[0]
    client.client_labels.create(label=label)
    number.number_labels.create(label=label, client=client)
    client.watches.create(person=owner)
    number.watches.create(person=owner)
    return str(pk)


def _signup_things(pk: int, client: Client, number: PhoneNumber, owner: User) -> dict[str, str]:
    """A signup that is left to staff, with a link of each kind and an onboarding."""
    now = timezone.now()
    columns = {"created_by": owner, "created_at": now, "expires_at": now + timedelta(days=30)}
    found = {
        "signup_link": SignupLink(pk=pk, client=client, **columns),
        "status_link": StatusLink(pk=pk + 1, client=client, **columns),
        "code_link": CodeLink(pk=pk + 2, number=number, **columns),
    }
    for link in found.values():
        give_token(link)
        link.save()
    attempt = SignupAttempt.objects.create(
        pk=pk + 3, link_id=pk, state=AttemptState.REFUSED, refusal="other_client", created_at=now
    )
    onboarding = Onboarding.objects.create(pk=pk + 4, client=client, attempt=attempt, waba=number.waba, created_at=now)
    onboarding.steps.create(kind=StepKind.REGISTRATION, state=StepState.FAILED, number=number, error_kind="guard")
    rows = {**found, "attempt": attempt, "onboarding": onboarding}
    return {name: str(row.pk) for name, row in rows.items()}


def ask(
    browser: Browser, method: str, address: str, data: dict[str, str], ids: dict[str, str], *, htmx: bool = False
) -> Answer:
    """The answer without what differs from request to request: ids that were asked for, nonces and form tokens."""
    answer = browser.generic(
        method.upper(),
        address,
        "&".join(f"{name}={value}" for name, value in data.items()),
        content_type="application/x-www-form-urlencoded",
        headers={"HX-Request": "true"} if htmx else None,
    )
    return Answer(
        answer.status_code,
        sorted(f"{name}: {_plain(value, ids)}" for name, value in answer.items() if name not in _PER_REQUEST),
        _plain(text_of(answer), ids).splitlines(),
    )


def text_of(answer: Any) -> str:
    """The whole body of an answer, streamed or not."""
    body: bytes = b"".join(answer) if answer.streaming else answer.content
    return body_as_text(body)


_PER_REQUEST = {"Content-Length", "Expires", "Date", "X-Request-ID"}
_NOISE = re.compile(r"""(?<=nonce[=-])["']?[\w+/=-]+|(?<=csrfmiddlewaretoken" value=")\w+|(?<="x-csrftoken": ")\w+""")


def _plain(text: str, ids: dict[str, str]) -> str:
    text = _NOISE.sub("…", text)
    for kind, one in ids.items():
        text = text.replace(one, f"<{kind}>")
    return text
