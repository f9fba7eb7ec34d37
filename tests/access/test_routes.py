"""The whole table: every route, asked by everybody, for their own things, for foreign ones and for missing ones."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.asking import Answer, ask, nothing_rendered
from tests.access.route import EVERYBODY, LEADING, METHODS, OF_DESK, OWN, SIGNED_IN, SIGNED_OUT, STAFF
from tests.access.routes import API, OF_LOGIN, OPEN, ROUTES, address_of
from tests.access.world import ALICE, NOWHERE, OTTO, World, make_things
from tests.fresh_sign_in import browser_of

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access")]


def routes_of(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, Any]]:
    """The names of all routes, with their namespaces, and their views; of a route without a name, its pattern."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes_of(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name or pattern.pattern}", pattern.callback


def desk_routes() -> dict[str, Any]:
    """The views of all routes but those of Django's admin, and those that ask for a token (`test_api.py`)."""
    found = routes_of(get_resolver().url_patterns)
    return {name: view for name, view in found if not name.startswith("admin:") and name not in API}


def test_every_route_is_in_the_table() -> None:
    assert desk_routes().keys() == ROUTES.keys()
    assert set(itertools.chain(*EVERYONE.values())) == SIGNED_IN


# Everybody who is signed in; of one of them, tests/on_postgresql.txt asks it again.
EVERYONE = {"lead": ["tess"], "above": ["ada", "iris", "root"], "others": ["alice", "sam", "steve", "vera"]}


class Walk:
    """Asks for routes, and collects what was not as the table has it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wrong: list[str] = []

    def ask(self, who: str, method: str, name: str, at: int, *, is_own: bool = False, is_there: bool = True) -> Answer:
        """Have `who` ask for the thing at `at`."""
        route = ROUTES[name]
        form = route.form if method == "post" else ""
        answer = ask(self.world.browsers[who], method, address_of(name, at), form)
        is_seen = is_there and route.sees(who, is_own=is_own)
        expected = route.status(who, method, is_seen=is_seen)
        if answer.status != expected:
            what = "own" if is_own else "foreign" if is_there else "missing"
            self.wrong.append(f"{who}: {method} {name}, {what}: {answer.status} and not {expected}")
        self._look_at(answer, f"{who}: {method} {name}", who=who, is_open=route.is_open)
        return answer

    def _look_at(self, answer: Answer, what: str, *, who: str, is_open: bool) -> None:
        if who in SIGNED_OUT and not is_open and not answer.location.startswith("/login/?next="):
            self.wrong.append(f"{what}: leads to {answer.location}")
        is_stored = not {"no-store", "private"} <= set(answer.header("Cache-Control").split(", "))
        if who in SIGNED_IN and not is_open and is_stored:
            self.wrong.append(f"{what}: may be kept by browsers")


def asked(names: Iterable[str], people: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Each of these routes with each person, by the methods that it takes.

    HEAD is to a view what GET is: the test of methods holds that, so every third looks by it. What is the same for
    everybody, one's own login and what needs none, each person asks for by one method.
    """
    looking, turns = itertools.cycle(["get", "head", "get"]), itertools.cycle([0, 1])
    for name, who in itertools.product(names, people):
        taken = [*([next(looking)] if ROUTES[name].get else []), *(["post"] if ROUTES[name].post else [])]
        is_for_all = name in OF_LOGIN or name in OPEN
        yield from ((name, who, method) for method in ([taken[next(turns) % len(taken)]] if is_for_all else taken))


@pytest.mark.parametrize("people", EVERYONE.values(), ids=EVERYONE)
def test_everybody_gets_what_the_table_says_and_foreign_things_answer_like_missing_ones(
    world: World, people: list[str]
) -> None:
    """Alice asks for what is foreign in `test_foreign.py`, where pages are written, too."""
    walk, missing = Walk(world), {}
    of_clients = [name for name, route in ROUTES.items() if route.thing and route.thing not in OF_DESK]
    with nothing_rendered():
        for who in people:
            ask(world.browsers[who], "put", "/")  # reads the person
        for name, who, method in asked(of_clients, [who for who in people if who != "alice"]):
            missing[name, who, method] = walk.ask(who, method, name, OTTO, is_there=False)
        make_things(OTTO, "Zeta Garage", owner=world.people["otto"], cover=None, person=world.people["otto"])
        for (name, who, method), before in missing.items():
            foreign = walk.ask(who, method, name, OTTO)
            if not ROUTES[name].sees(who, is_own=False) and (difference := foreign.difference(before)):
                walk.wrong.append(f"{who}: {method} {name} tells that it is there: {difference}")
        for name, who, method in asked(of_clients, [who for who in people if who in OWN]):
            walk.ask(who, method, name, OWN[who], is_own=True)

    assert not walk.wrong, "\n".join(walk.wrong)


@pytest.mark.parametrize("people", EVERYONE.values(), ids=EVERYONE)
def test_everybody_gets_what_the_table_says_of_lists_forms_and_the_desk(world: World, people: list[str]) -> None:
    walk = Walk(world)
    names = [name for name, route in ROUTES.items() if not route.thing or route.thing in OF_DESK]
    with nothing_rendered():
        for name, who, method in asked(names, people):
            walk.ask(who, method, name, ALICE)
            if ROUTES[name].thing:
                walk.ask(who, method, name, NOWHERE, is_there=False)
    assert not walk.wrong, "\n".join(walk.wrong)


def test_who_is_not_signed_in_is_led_to_the_login_whatever_they_ask_for(world: World) -> None:
    walk, places, others = Walk(world), itertools.cycle([ALICE, NOWHERE]), itertools.cycle(METHODS)
    views = desk_routes()
    with nothing_rendered():
        for name, route in ROUTES.items():
            # Who needs a login is led there before the view is called, by any method.
            assert getattr(views[name], "login_required", True) is not route.is_open, name
            for method in ("get", "post", next(others)):
                walk.ask("nobody", method, name, next(places))
            walk.ask("dora", next(others), name, next(places))
    assert not walk.wrong, "\n".join(walk.wrong)


# --- Methods that nobody is asked for ---------------------------------------------------------------------------------

# What stands around a view and lets nobody through because of who they are.
_LOOK_AT_NOBODY = ("django.views.decorators.", "phones.views.signup.public")


def methods_of(view: Any) -> set[str] | None:
    """The methods that the view takes, where it refuses all others before anything else; None where it may not."""
    while view is not None:
        inner = dict(zip(view.__code__.co_freevars, view.__closure__ or (), strict=True))
        if "request_method_list" in inner:
            return {method.lower() for method in inner["request_method_list"].cell_contents}
        if not view.__globals__["__name__"].startswith(_LOOK_AT_NOBODY):
            return None
        view = getattr(view, "__wrapped__", None)
    return None


def test_any_other_method_is_refused_before_it_is_looked_at_who_asks(world: World) -> None:
    """So each route is asked by one of them, and by one person; those that decide for themselves, by all of them."""
    walk, people = Walk(world), itertools.cycle(sorted(SIGNED_IN))
    one_other = itertools.cycle(["put", "patch", "delete", "options"])
    with nothing_rendered():
        for name, view in desk_routes().items():
            route, methods, who = ROUTES[name], methods_of(view), next(people)
            if methods is None:
                assert name in {**OF_LOGIN, **OPEN}, f"{name} decides for itself which methods it takes"
            else:
                table = {*(("get", "head") if route.get else ()), *(("post",) if route.post else ())}
                assert methods == table - route.others.keys(), name
            for method in METHODS if methods is None else (next(one_other),):
                walk.ask(who, method, name, ALICE, is_own=who == "alice")
    assert not walk.wrong, "\n".join(walk.wrong)


def test_only_what_is_signed_otherwise_is_taken_from_another_site() -> None:
    """Meta signs its events, and we the link of a mail. Every other form has Django's token, which needs our page."""
    exempt = {name for name, view in desk_routes().items() if getattr(view, "csrf_exempt", False)}

    assert exempt == {"phones:webhook", "phones:webhook-without-slash", "phones:unsubscribe"}


def test_nothing_is_started_by_a_get_or_from_another_site(world: World) -> None:
    strict, back = browser_of(world.people["root"], enforce_csrf_checks=True), set()
    with nothing_rendered():
        for name, route in ROUTES.items():
            address = address_of(name, ALICE)
            if not route.is_open and route.post:
                assert ask(strict, "post", address, route.form).status == 403, name
            if not route.is_open and (not route.get or route.gets == 302) and name not in OF_LOGIN:
                back.add(ask(world.browsers["root"], "get", address).location)
        for address in sorted(back):
            answer = ask(world.browsers["root"], "get", address)
            assert answer.status == 200 or answer.location in {*back, "/preverified/"}, address


# --- Django's admin ---------------------------------------------------------------------------------------------------

# What everyone with the staff flag gets there who has no role.
ADMIN_FOR_STAFF = {
    "admin:index": 200,
    "admin:login": 302,
    "admin:logout": 302,
    "admin:password_change": 302,
    "admin:password_change_done": 302,
    "admin:autocomplete": 403,
    "admin:jsi18n": 200,
    "admin:view_on_site": 404,
    "admin:app_list": 404,
    "admin:(?P<url>.*)$": 404,
}
_OF_A_TABLE = re.compile(r"admin:(clients|phones|admin)_\w+_(changelist|add|history|delete|change|invite)")
_NO_TABLE = {*ADMIN_FOR_STAFF, "admin:auth_user_password_change", "admin:<path:object_id>/"}


def admin_addresses() -> dict[str, str]:
    """One address for every route of the admin."""
    arguments = {"app_list": ["clients"], "view_on_site": ["1", "1"]}
    found = {}
    for name, _view in routes_of(get_resolver().url_patterns):
        short = name.removeprefix("admin:")
        if short in {"(?P<url>.*)$", "<path:object_id>/"}:
            found[name] = "/admin/nothing/here/"
        elif name.startswith("admin:"):
            is_of_row = short.endswith(("_history", "_delete", "_change", "_invite")) and short != "password_change"
            found[name] = reverse(name, args=["1"] if is_of_row else arguments.get(short, []))
    return found


def test_the_admin_is_for_nobody_but_staff_who_open_no_table_without_the_role(world: World) -> None:
    others, methods = itertools.cycle(["nobody", *sorted(SIGNED_IN - STAFF), "dora"]), itertools.cycle(METHODS)
    with nothing_rendered():
        for name, address in admin_addresses().items():
            assert name in _NO_TABLE or _OF_A_TABLE.fullmatch(name), name
            by_staff = ask(world.browsers["steve"], "get", address)
            # How the admin says that a row is not there: it leads to its first page.
            expected = {ADMIN_FOR_STAFF[name]} if name in ADMIN_FOR_STAFF else {302, 403, 404}
            assert by_staff.status in expected, name
            assert by_staff.status != 302 or name in ADMIN_FOR_STAFF or by_staff.location == "/admin/", name
            if name in {"admin:login", "admin:logout"}:
                continue
            # Nobody without the flag is told from another: each address is asked by another one, by another method.
            who, method = next(others), next(methods)
            answer = ask(world.browsers[who], method, address)
            assert answer.status == 302, (name, who, method)
            assert "/login/" in answer.location, (name, who, method)


# --- Who sees everything ----------------------------------------------------------------------------------------------


def test_reading_everything_is_for_who_runs_the_desk(world: World) -> None:
    for who in sorted(EVERYBODY):
        answer = ask(world.browsers[who], "post", reverse("phones:sync-start"), "scope=everything")
        assert answer.status == (302 if who in LEADING | SIGNED_OUT else 403), who
