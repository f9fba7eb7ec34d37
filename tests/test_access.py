"""The wall between clients: every route, asked by every kind of person, for what is theirs, another's and nobody's.

What someone else owns answers exactly like what does not exist. A route that is not in the tables here fails the build.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote_plus, unquote_plus

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client, SyncRun, User, Waba
from phones.models import PhoneNumber
from tests.access import Answer, Named, OfOne, World, all_routes, ask, make_things, text_of
from tests.conftest import SignIn
from tests.factories import make_person
from tests.scripted_graph import ScriptedGraph, graph_error

pytestmark = pytest.mark.django_db


PUBLIC = {
    *(f"signup:{page}" for page in ("page", "begin", "event", "finish", "progress", "code", "status")),
    "login",
    "healthz",
    "readyz",
    "phones:webhook",
}
LISTS = {
    *("phones:home", "phones:list", "phones:export", "phones:clients", "phones:syncs"),
    *("signup:ledger", "preverified:board"),
}
OF_ONE = {
    "phones:number": OfOne("number"),
    "phones:refresh": OfOne("number", "post"),
    "phones:confirm": OfOne("number", more=("register",), only_workers=True),
    "phones:act": OfOne("number", "post", more=("register",)),
    "phones:reveal-pin": OfOne("number", "post", data={"reason": "The client asks for it"}),
    "phones:support": OfOne("number", more=("action",)),
    "phones:client": OfOne("client"),
    "phones:assign": OfOne("client", "post", data={"owner": "", "cover": ""}, only_leads=True),
    "phones:waba": OfOne("waba"),
    "phones:add-number": OfOne("waba", only_workers=True),
    "phones:ask": OfOne("waba", "post", data={"account_mode": "LIVE"}),
    "phones:sync": OfOne("run"),
    "phones:signup-links": OfOne("client", "post"),
    "phones:status-links": OfOne("client", "post"),
    "phones:code-links": OfOne("number", "post"),
    "signup:revoke": OfOne("signup_link", "post", front=("signup",)),
    "signup:attempt": OfOne("attempt"),
    "signup:claim": OfOne("attempt", "post", only_leads=True),
    "signup:set-aside": OfOne("attempt", "post"),
    "signup:onboarding": OfOne("onboarding"),
    "signup:retry": OfOne("onboarding", "post"),
    "signup:dismiss": OfOne("onboarding", "post"),
    "phones:events-check": OfOne("waba", "post"),
    "phones:events-subscribe": OfOne("waba", only_workers=True),
}
# These name what they are about in the form, not in the address.
NAMED = {
    "phones:sync-start": [Named("client", {"scope": "client"}), Named("waba", {"scope": "waba"})],
}
SIGNED_IN = {"logout", "phones:client-new"}
# For those who see every client, whatever it is about.
FOR_LEADS = {
    "phones:events": "get",
    "phones:events-replay": "post",
    "phones:callback": "get",
    "phones:callback-check": "post",
}
# The pool is the partner's own: whoever has a role sees it. Asked in `tests/phones/views/pool`.
OF_THE_POOL = {f"preverified:{page}" for page in ("add", "read-pool", "number", "read", "release", "confirm", "act")}
# What Django's admin has for everyone with the staff flag, and what that person gets without the role.
ADMIN_FOR_STAFF = {
    "admin:index": 200,
    "admin:login": 302,
    "admin:logout": 405,
    "admin:password_change": 200,
    "admin:password_change_done": 200,
    "admin:autocomplete": 403,
    "admin:jsi18n": 200,
    "admin:view_on_site": 404,
    "admin:app_list": 404,
    "admin:(?P<url>.*)$": 404,
}


def test_every_route_is_in_one_of_the_tables() -> None:
    listed = PUBLIC | LISTS | set(OF_ONE) | set(NAMED) | SIGNED_IN | set(FOR_LEADS) | OF_THE_POOL
    ours = {name for name in all_routes() if not name.startswith("admin:")}

    assert ours == listed


def test_every_page_of_the_admin_belongs_to_a_table_or_is_known() -> None:
    of_tables = re.compile(r"admin:(clients|phones|admin|axes)_\w+_(changelist|add|history|delete|change)")
    known = {*ADMIN_FOR_STAFF, "admin:auth_user_password_change", "admin:<path:object_id>/"}

    unknown = {name for name in all_routes() if name.startswith("admin:")} - known

    assert [name for name in unknown if not of_tables.fullmatch(name)] == []


# --- The people and their things --------------------------------------------------------------------------------------


OWN = {"alice": "alice", "carol": "alice", "vera": "vera", "otto": "otto"}
WITHOUT_ROLE = ("sam", "steve")
LEADS = ("tess", "ada")


@pytest.fixture
def world(
    administrator: User,
    team_lead: User,
    account_manager: User,
    covering_manager: User,
    other_manager: User,
    viewer: User,
    stranger: User,
    sign_in: SignIn,
) -> World:
    people = [administrator, team_lead, account_manager, covering_manager, other_manager, viewer, stranger]
    people.append(make_person("steve", is_staff=True))
    things = {
        "alice": make_things(710_000_001, "Alpha Bakery", owner=account_manager, cover=covering_manager),
        "vera": make_things(720_000_001, "Delta Optics", owner=account_manager, cover=viewer),
        "otto": make_things(730_000_001, "Zeta Garage", owner=other_manager, cover=None),
        "nobody": {
            "number": "9990000000001",
            "waba": "8880000000001",
            "client": "740000001",
            "run": "740000002",
            "action": "740000003",
            "signup_link": "740000004",
            "attempt": "740000005",
            "onboarding": "740000006",
        },
    }
    browsers = {person.username: sign_in(person) for person in people}
    number = PhoneNumber.objects.get(phone_number_id=things["otto"]["number"])
    otto = ["Zeta Garage", "otto", *things["otto"].values(), number.digits, str(number.display_phone_number)]
    return World({**browsers, "nobody": Browser()}, things, otto)


@pytest.fixture(autouse=True)
def _meta_refuses(settings: Settings) -> Iterator[None]:
    with ScriptedGraph() as graph:
        graph.always(graph_error(190))
        settings.GRAPH_API_URL = graph.url
        yield


def ask_for(world: World, who: str, name: str, whose: str, *, htmx: bool = False) -> Answer:
    """What `who` gets on the route `name` for the thing of `whose`."""
    route, ids = OF_ONE[name], world.things[whose]
    return ask(world.browsers[who], route.method, address_of(name, ids), route.data, ids, htmx=htmx)


def address_of(name: str, ids: dict[str, str]) -> str:
    """Where the route `name` is for the things with these ids; some routes are about no one thing."""
    route = OF_ONE.get(name)
    if route is None:
        return reverse(name)
    return reverse(name, args=[*route.front, ids[route.thing], *(ids.get(part, part) for part in route.more)])


# --- One thing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OF_ONE)
def test_people_get_what_is_theirs(world: World, name: str) -> None:
    route = OF_ONE[name]
    for who, whose in OWN.items():
        status = ask_for(world, who, name, whose).status
        if route.only_leads or (who == "vera" and (route.only_workers or route.method == "post")):
            assert status == 403, who
        else:
            assert status in ({200} if route.method == "get" else {200, 302}), who


@pytest.mark.parametrize("name", OF_ONE)
def test_leads_and_administrators_get_everything_that_is_there(world: World, name: str) -> None:
    for who in LEADS:
        for whose in ("alice", "vera", "otto"):
            assert ask_for(world, who, name, whose).status in {200, 302}, (who, whose)
        assert ask_for(world, who, name, "nobody").status == 404


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("name", OF_ONE)
def test_what_is_someone_elses_answers_exactly_like_what_is_not_there(world: World, name: str, htmx: bool) -> None:
    for who, whose in (
        ("alice", "otto"),
        ("carol", "otto"),
        ("carol", "vera"),
        ("vera", "alice"),
        ("vera", "otto"),
        ("otto", "alice"),
        *((nobody, whose) for nobody in WITHOUT_ROLE for whose in ("alice", "otto")),
    ):
        foreign, missing = (ask_for(world, who, name, one, htmx=htmx) for one in (whose, "nobody"))

        assert foreign.status == 404, (who, whose)
        difference = foreign.difference(missing)
        assert not difference, ((who, whose), difference)


@pytest.mark.parametrize("name", [*OF_ONE, *NAMED, *sorted(LISTS), *sorted(SIGNED_IN), *FOR_LEADS])
def test_who_is_not_signed_in_is_sent_to_the_login_whatever_they_ask_for(world: World, name: str) -> None:
    for whose in ("alice", "nobody"):
        address = address_of(name, world.things[whose])
        for method in ("get", "post", "head", "put", "delete"):
            answer = getattr(world.browsers["nobody"], method)(address)
            assert answer.status_code == 302, method
            assert answer["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("name", [*(name for name, route in OF_ONE.items() if route.method == "post"), *NAMED])
def test_nothing_is_started_by_a_get_or_from_another_site(world: World, name: str, account_manager: User) -> None:
    address = address_of(name, world.things["alice"])
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(account_manager, backend="django.contrib.auth.backends.ModelBackend")

    assert world.browsers["alice"].get(address).status_code == 405
    assert strict.post(address, {"scope": "client", "id": world.things["alice"]["client"]}).status_code == 403


# --- Things named in a form -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "named"), [(name, named) for name, forms in NAMED.items() for named in forms])
def test_a_form_that_names_someone_elses_thing_is_told_what_a_wrong_one_is_told(
    world: World, name: str, named: Named
) -> None:
    def answer(who: str, whose: str) -> Answer:
        ids = world.things[whose]
        return ask(world.browsers[who], "post", reverse(name), {**named.data, "id": ids[named.thing]}, ids)

    runs = SyncRun.objects.count()
    for who, whose in (("alice", "otto"), ("vera", "alice"), ("otto", "alice"), ("sam", "alice"), ("steve", "otto")):
        foreign, missing = answer(who, whose), answer(who, "nobody")
        assert foreign.status == 404, who
        difference = foreign.difference(missing)
        assert not difference, (who, difference)
    assert answer("vera", "vera").status == 403
    assert SyncRun.objects.count() == runs
    for who in ("alice", "carol"):
        assert answer(who, "alice").status == 302, who


def test_reading_everything_is_for_who_sees_everything(world: World) -> None:
    for who, browser in world.browsers.items():
        expected = 302 if who in LEADS or who == "nobody" else 403
        assert browser.post(reverse("phones:sync-start"), {"scope": "everything"}).status_code == expected, who


@pytest.mark.parametrize("name", FOR_LEADS)
def test_pages_about_all_clients_are_for_who_sees_every_client(world: World, name: str) -> None:
    for who, browser in world.browsers.items():
        expected = {200, 302} if who in LEADS else {302} if who == "nobody" else {403}
        assert getattr(browser, FOR_LEADS[name])(reverse(name)).status_code in expected, who


# --- Lists ------------------------------------------------------------------------------------------------------------


def queries(ids: dict[str, str], words: list[str]) -> Iterator[str]:
    """Ways to ask a list for one client, WABA or number."""
    yield ""
    yield from (f"?q={quote_plus(word)}" for word in words)
    for name in ("client", "after", "before"):
        yield f"?{name}={ids['client']}"
    yield f"?waba={ids['waba']}"
    yield "?owner=otto"
    yield f"?before={ids['run']}"


@pytest.mark.parametrize("name", sorted(LISTS))
def test_no_list_shows_search_finds_or_filter_counts_what_is_someone_elses(world: World, name: str) -> None:
    for who in ("alice", "vera", "sam"):
        for query in queries(world.things["otto"], world.otto):
            answer = world.browsers[who].get(f"{reverse(name)}{query}")
            body = text_of(answer)
            assert answer.status_code == 200, (who, query)
            # What was asked for may be shown in the search box; nothing else of it.
            for word in world.otto:
                assert word in unquote_plus(query) or word not in body, (who, query, word)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_filter_by_someone_elses_client_or_waba_answers_like_one_by_a_missing_one(world: World, name: str) -> None:
    for who in ("alice", "vera", "sam"):
        for parameter, kind in (("client", "client"), ("waba", "waba"), ("after", "client"), ("q", "number")):
            found = []
            for whose in ("otto", "nobody"):
                ids = world.things[whose]
                address = f"{reverse(name)}?{parameter}={ids[kind]}"
                found.append(ask(world.browsers[who], "get", address, {}, {kind: ids[kind]}))
            difference = found[0].difference(found[1])
            assert not difference, ((who, parameter), difference)


def test_people_with_a_login_and_no_role_see_empty_lists(world: World) -> None:
    everything = [one for things in ("alice", "vera", "otto") for one in (world.things[things]["number"],)]
    for who in WITHOUT_ROLE:
        for name in LISTS:
            answer = world.browsers[who].get(reverse(name))
            body = text_of(answer)
            assert not any(one in body for one in everything), (who, name)


# --- When what people see changes -------------------------------------------------------------------------------------


def test_who_loses_a_client_loses_its_pages_and_actions_at_the_next_request(world: World, other_manager: User) -> None:
    Client.objects.filter(pk=world.things["alice"]["client"]).update(owner=other_manager, cover=None)

    for name in OF_ONE:
        if OF_ONE[name].thing != "run":  # Alice started that one herself
            assert ask_for(world, "alice", name, "alice").status == 404, name
        assert ask_for(world, "carol", name, "alice").status == 404, name
    assert ask_for(world, "otto", "phones:number", "alice").status == 200


def test_a_number_that_moves_to_another_client_is_lost_to_the_first_at_once(world: World) -> None:
    number = PhoneNumber.objects.get(phone_number_id=world.things["alice"]["number"])
    number.listings.update(is_current=False)
    number.listings.create(waba=Waba.objects.get(waba_id=world.things["otto"]["waba"]), first_seen_at=timezone.now())

    assert ask_for(world, "alice", "phones:number", "alice").status == 404
    assert ask_for(world, "otto", "phones:number", "alice").status == 200


def test_a_number_on_two_wabas_tells_each_side_nothing_of_the_other(world: World) -> None:
    number = PhoneNumber.objects.get(phone_number_id=world.things["alice"]["number"])
    number.listings.create(waba=Waba.objects.get(waba_id=world.things["otto"]["waba"]), first_seen_at=timezone.now())

    for address in (reverse("phones:number", args=[number.phone_number_id]), *map(reverse, LISTS)):
        body = text_of(world.browsers["alice"].get(address))
        for word in world.otto:
            assert word not in body, (address, word)


# --- Odd ids ----------------------------------------------------------------------------------------------------------

ODD = ["0", "-1", "٣٤", "9" * 30, "9" * 5000, "%00", "a", "%F0%9F%93%9E", "1%20or%201=1"]


@pytest.mark.parametrize("name", OF_ONE)
def test_odd_ids_are_simply_not_there(administrator: User, sign_in: SignIn, name: str) -> None:
    route, browser = OF_ONE[name], sign_in(administrator)
    things = {route.thing for route in OF_ONE.values()}
    ids = dict.fromkeys(things, "123456789") | {"action": "1"}
    prefix, suffix = address_of(name, ids).split("123456789")

    for odd in ODD:
        assert ask(browser, route.method, f"{prefix}{odd}{suffix}", route.data, {}).status == 404, odd


@pytest.mark.parametrize(("name", "named"), [(name, named) for name, forms in NAMED.items() for named in forms])
def test_odd_ids_in_a_form_are_simply_not_there(administrator: User, sign_in: SignIn, name: str, named: Named) -> None:
    browser = sign_in(administrator)

    for odd in ["", *ODD]:
        assert ask(browser, "post", reverse(name), {**named.data, "id": odd}, {}).status == 404, odd


# --- The admin --------------------------------------------------------------------------------------------------------


def admin_addresses(world: World) -> dict[str, str]:
    """One address for every route of the admin."""
    arguments = {"app_list": ["clients"], "view_on_site": ["1", "1"], "(?P<url>.*)$": None}
    found = {}
    for name in all_routes():
        if not name.startswith("admin:"):
            continue
        short = name.removeprefix("admin:")
        if short == "(?P<url>.*)$" or short == "<path:object_id>/":
            found[name] = "/admin/nothing/here/"
        elif short.endswith(("_history", "_delete", "_change")) and short != "password_change":
            found[name] = reverse(name, args=["1"])
        else:
            found[name] = reverse(name, args=arguments.get(short) or [])
    return found


def test_the_admin_is_for_nobody_but_staff(world: World) -> None:
    for name, address in admin_addresses(world).items():
        if name in {"admin:login", "admin:logout"}:
            continue
        for who in ("nobody", "alice", "sam", "tess"):
            for method in ("get", "post"):
                answer = getattr(world.browsers[who], method)(address)
                assert answer.status_code == 302, (name, who)
                assert "/login/" in answer["Location"], (name, who)


def test_staff_without_the_role_open_no_table(world: World) -> None:
    for name, address in admin_addresses(world).items():
        answer = world.browsers["steve"].get(address)
        if name in ADMIN_FOR_STAFF:
            assert answer.status_code == ADMIN_FOR_STAFF[name], name
        elif answer.status_code == 302:  # how the admin says that a row is not there
            assert answer["Location"] == "/admin/", name
        else:
            assert answer.status_code in {403, 404}, name


# --- Browser caches ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*OF_ONE, *sorted(LISTS)])
def test_no_page_of_a_signed_in_person_is_kept_anywhere(world: World, name: str) -> None:
    answer = world.browsers["alice"].get(address_of(name, world.things["alice"]))

    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
