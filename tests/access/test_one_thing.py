"""The wall between clients: every route about one thing, asked by every kind of person, for anybody's and nobody's.

What someone else owns answers exactly like what does not exist.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice, product

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, SyncRun, User, Waba
from phones.models import PhoneNumber
from phones.sync import write_numbers
from phones.sync.write_numbers import Complete
from portal.graph.reads.numbers import NumberReading
from tests.access.routes import LISTS, NAMED, OF_ONE, address_of, ask_for
from tests.access.world import LEADS, OWN, WITHOUT_ROLE, Answer, Named, World, ask, text_of
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db


# --- One thing --------------------------------------------------------------------------------------------------------


# Pages that only show share a world; what changes something has one of its own.
PAGES = [name for name, route in OF_ONE.items() if route.method == "get"]
WORLDS = [PAGES[::2], PAGES[1::2], *([name] for name in OF_ONE if name not in PAGES)]
ALL = list(OF_ONE)


def ids_of(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and others"


@pytest.mark.parametrize("names", WORLDS, ids=ids_of)
def test_people_get_what_is_theirs(world: World, names: list[str]) -> None:
    for name, (who, whose) in product(names, OWN.items()):
        route, status = OF_ONE[name], ask_for(world, who, name, whose).status
        if route.only_leads or (who == "vera" and (route.only_workers or route.method == "post")):
            assert status == 403, (name, who)
        else:
            assert status in ({200} if route.method == "get" else {200, 302}), (name, who)


@pytest.mark.parametrize("names", WORLDS, ids=ids_of)
def test_leads_and_administrators_get_everything_that_is_there(world: World, names: list[str]) -> None:
    for name in names:
        for who, whose in (("tess", "alice"), ("tess", "vera"), ("tess", "otto"), ("ada", "otto")):
            assert ask_for(world, who, name, whose).status in {200, 302}, (name, whose)
        for who in LEADS:
            assert ask_for(world, who, name, "nobody").status == 404, (name, who)


def test_auditors_see_what_leads_see_and_change_as_little_as_viewers(world: World) -> None:
    for name, route in OF_ONE.items():
        only_looks = route.method == "get" and not route.only_workers
        assert ask_for(world, "iris", name, "otto").status == (200 if only_looks else 403), name
        assert ask_for(world, "iris", name, "nobody").status == 404, name
    assert world.browsers["iris"].post(reverse("phones:channels"), {"name": "Mine"}).status_code == 403


@pytest.mark.parametrize("names", [ALL[::4], ALL[1::4], ALL[2::4], ALL[3::4]], ids=ids_of)
def test_what_is_someone_elses_answers_exactly_like_what_is_not_there(world: World, names: list[str]) -> None:
    without_role = cycle(WITHOUT_ROLE)
    for name in names:
        for who, whose, htmx in (
            ("alice", "otto", False),
            ("alice", "otto", True),
            ("carol", "otto", False),
            ("carol", "vera", False),
            ("vera", "alice", False),
            ("vera", "otto", True),
            ("otto", "alice", False),
            (next(without_role), "alice", False),
        ):
            foreign, missing = (ask_for(world, who, name, one, htmx=htmx) for one in (whose, "nobody"))

            assert foreign.status == 404, (name, who, whose)
            difference = foreign.difference(missing)
            assert not difference, ((name, who, whose), difference)


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


# --- When what people see changes -------------------------------------------------------------------------------------


def test_who_loses_a_client_loses_its_pages_and_actions_at_the_next_request(world: World, other_manager: User) -> None:
    Client.objects.filter(pk=world.things["alice"]["client"]).update(owner=other_manager, cover=None)

    for name in OF_ONE:
        if OF_ONE[name].thing != "run":  # Alice started that one herself
            assert ask_for(world, "alice", name, "alice").status == 404, name
        assert ask_for(world, "carol", name, "alice").status == 404, name
    assert ask_for(world, "otto", "phones:number", "alice").status == 200


def test_a_cover_sees_the_client_on_its_days_and_neither_before_nor_after(world: World) -> None:
    today = timezone.localdate()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    client = Client.objects.filter(pk=world.things["alice"]["client"])

    for first, last, status in (
        (None, yesterday, 404),
        (tomorrow, None, 404),
        (today, today, 200),
    ):
        client.update(cover_from=first, cover_until=last)
        for name in ("phones:number", "signup:attempt"):
            assert ask_for(world, "carol", name, "alice").status == status, (name, first, last)
        listed = "Alpha Bakery" in text_of(world.browsers["carol"].get(reverse("phones:clients")))
        assert listed == (status == 200), (first, last)


def test_a_number_that_moves_to_another_client_is_lost_to_the_first_at_once(world: World) -> None:
    key, now = world.things["alice"]["number"], timezone.now()
    before = PhoneNumber.objects.get(phone_number_id=key).waba
    after = Waba.objects.get(waba_id=world.things["otto"]["waba"])
    moved = NumberReading(key, {"id": key}, frozenset())
    write_numbers.store([Complete(before.pk, now, []), Complete(after.pk, now, [moved])])

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

ALONE = {thing for thing, of_it in Counter(route.thing for route in OF_ONE.values()).items() if of_it < 3}
ODD = ["0", "-1", "٣٤", "9" * 30, "9" * 5000, "%00", "a", "%F0%9F%93%9E", "1%20or%201=1"]


def test_odd_ids_are_simply_not_there(administrator: User, sign_in: SignIn) -> None:
    browser = sign_in(administrator)
    ids = dict.fromkeys({route.thing for route in OF_ONE.values()}, "123456789") | {"action": "1"}
    # Routes about one kind of thing read its id alike: among them, each odd one is asked for.
    odd_ids: dict[str, Iterator[str]] = defaultdict(lambda: cycle(ODD))

    for name, route in OF_ONE.items():
        prefix, suffix = address_of(name, ids).split("123456789")
        for odd in islice(odd_ids[route.thing], 9 if route.thing in ALONE else 3):
            assert ask(browser, route.method, f"{prefix}{odd}{suffix}", route.data, {}).status == 404, (name, odd)


@pytest.mark.parametrize(("name", "named"), [(name, named) for name, forms in NAMED.items() for named in forms])
def test_odd_ids_in_a_form_are_simply_not_there(administrator: User, sign_in: SignIn, name: str, named: Named) -> None:
    browser = sign_in(administrator)

    for odd in ["", *ODD]:
        assert ask(browser, "post", reverse(name), {**named.data, "id": odd}, {}).status == 404, odd
