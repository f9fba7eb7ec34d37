"""The API asked by everybody's token: each sees exactly what its person sees; foreign things are like missing ones."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.core.cache import cache
from django.urls import get_resolver, reverse
from django.utils import timezone

from clients.choices import TokenScope
from clients.models import ApiToken
from phones.api import actions
from phones.api.problems import ProblemError
from phones.models import Action
from tests.access.asking import Answer, ask, nothing_rendered
from tests.access.route import OF_DESK, OWN, SIGNED_IN, SIGNED_OUT, WORKING, Route
from tests.access.routes import API, ROUTES, address_of
from tests.access.test_routes import routes_of
from tests.access.world import ALICE, NOWHERE, OTTO, World, make_things

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access")]

# The list of the desk that shows the same rows, and what of a thing stands in both.
SAME = {
    "numbers": ("phones:export", "number"),
    "wabas": ("phones:wabas-export", "waba"),
    "clients": ("phones:clients-export", "name"),
    "signups": ("signup:ledger-export", "attempt"),
    "runs": ("phones:syncs-export", "run"),
    "pool": ("preverified:board-export", "pool"),
}


class Programs:
    """A token of each person, whoever they are: some would get none, or have lost the right to it."""

    def __init__(self, world: World) -> None:
        self.world = world
        now = timezone.now()
        for name, person in world.people.items():
            ApiToken.objects.create(
                person=person,
                name=name,
                digest=hashlib.sha256(name.encode()).hexdigest(),
                scope=TokenScope.WORK_ALL,
                created_at=now,
                expires_at=now + timedelta(days=1),
                last_used_at=now + timedelta(days=1),  # noted once a minute, which would be a statement more
            )

    def ask(self, who: str, method: str, name: str, at: int) -> Answer:
        headers = {"idempotency-key": f"{who} {name} {at}".replace(" ", "-")}
        if who != "nobody":
            headers["authorization"] = f"Bearer {who}"
        body = API[name].form if method == "post" else ""
        # Who is not signed in has no cookie either; a session would not count.
        return ask(
            self.world.browsers["nobody"],
            method,
            address_of(name, at),
            body,
            content_type="application/json",
            headers=headers,
        )


@pytest.fixture
def programs(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Programs]:
    """Who gets as far as having something sent is told so: it would be recorded in a transaction of its own."""

    def reach(*_arguments: object) -> Action:
        raise ProblemError(HTTPStatus.CONFLICT, "would-be-sent", "Nothing is sent here.")

    monkeypatch.setattr(actions, "_once", reach)
    with nothing_rendered():
        yield Programs(world)
    cache.clear()


def status(route: Route, who: str, method: str, *, is_seen: bool) -> int:
    """What the table says of who comes with a token: 401 in place of the login, 403 without a role."""
    if who in AT_THE_DOOR:
        return 401 if who in SIGNED_OUT else 403
    return route.status(who, method, is_seen=is_seen)


# Who is refused whatever they ask for, before it is looked for.
AT_THE_DOOR = SIGNED_OUT | {"steve", "sam"}


def asked() -> Iterator[tuple[str, Route, str]]:
    for name, route in API.items():
        for method, people in (("get", route.get), ("post", route.post)):
            if people is not None:
                yield name, route, method


def test_every_address_of_the_api_is_in_the_table_and_takes_a_token_and_nothing_else(world: World) -> None:
    found = {name: view for name, view in routes_of(get_resolver().url_patterns) if name.startswith("api-v1:")}

    assert found.keys() - ROUTES.keys() == API.keys()
    for name in API:
        assert found[name].csrf_exempt, name
        assert found[name].login_required is False, name
        for browser in (world.browsers["root"], world.browsers["nobody"]):
            answer = ask(browser, "get" if API[name].get else "post", address_of(name, ALICE))
            assert answer.status == (404 if name == "api-v1:nothing" else 401), name
            assert answer.header("Content-Type") == "application/problem+json", name


def test_everybodys_token_gets_what_the_table_says(programs: Programs) -> None:
    """Who sees all there is, or nothing at all, learns nothing from what is missing: they are not asked for that."""
    wrong: list[str] = []
    missing: dict[tuple[str, str, str], Answer] = {}
    people = sorted(SIGNED_IN | SIGNED_OUT)
    for name, route, method in asked():
        for who in people:
            if who not in AT_THE_DOOR and not route.sees(who, is_own=False):
                programs.ask(who, method, name, NOWHERE)  # a line of the audit log, once
                missing[name, who, method] = programs.ask(who, method, name, OTTO)
    make_things(
        OTTO, "Zeta Garage", owner=programs.world.people["otto"], cover=None, person=programs.world.people["otto"]
    )
    for name, route, method in asked():
        for who in people:
            answers = {"foreign": (ALICE if route.thing in OF_DESK else OTTO, False)}
            if who in OWN and who not in AT_THE_DOOR:
                answers["own"] = (ALICE if route.thing in OF_DESK else OWN[who], True)
            for what, (at, is_own) in answers.items():
                answer = programs.ask(who, method, name, at)
                is_seen = route.thing in OF_DESK or route.sees(who, is_own=is_own)
                expected = status(route, who, method, is_seen=is_seen)
                if answer.status != expected:
                    wrong.append(f"{who}: {method} {name}, {what}: {answer.status} and not {expected}: {answer.body}")
                before = missing.get((name, who, method)) if what == "foreign" and not is_seen else None
                if before is not None and (difference := answer.difference(before)):
                    wrong.append(f"{who}: {method} {name} tells that it is there: {difference}")
    assert not wrong, "\n".join(wrong)


def test_a_token_sees_exactly_what_its_person_sees(programs: Programs) -> None:
    world = programs.world
    make_things(OTTO, "Zeta Garage", owner=world.people["otto"], cover=None, person=world.people["otto"])
    for name, (file, _thing) in SAME.items():
        for who in sorted(WORKING | {"vera", "iris"}):
            told = programs.ask(who, "get", f"api-v1:{name}", ALICE).body
            shown = ask(world.browsers[who], "get", f"{reverse(file)}?bom=0").body
            for at, client in ((ALICE, "Alpha Bakery"), (720_000_000, "Delta Optics"), (OTTO, "Zeta Garage")):
                if name != "pool":
                    assert (client in told) == (client in shown), (name, who, at)
            assert told.count('"synced_at"') in {0, shown.count("\n") - 1}, (name, who)
