"""When clients and numbers change hands, who sees them changes at the next request; and ids that are none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, Waba
from phones.models import PhoneNumber
from phones.sync import write_numbers
from phones.sync.write_numbers import Complete
from portal.graph.reads.numbers import NumberReading
from tests.access.asking import ask, nothing_rendered
from tests.access.routes import LISTS, ROUTES, address_of
from tests.access.world import ALICE, OTTO, World, ids_of, make_things

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access")]

NAMES = {"number", "waba", "client", "portfolio", "note", "approval", "signup_link", "attempt", "onboarding"}


def status(world: World, who: str, name: str, at: int = ALICE) -> int:
    route = ROUTES[name]
    return ask(world.browsers[who], "get" if route.get else "post", address_of(name, at), route.form).status


def make_ottos(world: World) -> None:
    make_things(OTTO, "Zeta Garage", owner=world.people["otto"], cover=None, person=world.people["otto"])


def test_who_loses_a_client_loses_its_pages_and_actions_at_the_next_request(world: World) -> None:
    of_client = [name for name, route in ROUTES.items() if route.thing in NAMES]
    with nothing_rendered():
        assert status(world, "carol", "phones:number") == 200
        Client.objects.filter(pk=ids_of(ALICE)["client"]).update(owner=world.people["otto"], cover=None)
        for name in of_client:
            assert status(world, "alice", name) == 404, name
            assert status(world, "carol", name) == 404, name
        assert status(world, "otto", "phones:number") == 200


def test_a_cover_sees_the_client_on_its_days_and_neither_before_nor_after(world: World) -> None:
    today = timezone.localdate()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    client = Client.objects.filter(pk=ids_of(ALICE)["client"])

    for first, last, expected in ((None, yesterday, 404), (tomorrow, None, 404), (today, today, 200)):
        client.update(cover_from=first, cover_until=last)
        for name in ("phones:number", "signup:attempt"):
            assert status(world, "carol", name) == expected, (name, first, last)
        listed = "Alpha Bakery" in ask(world.browsers["carol"], "get", reverse("phones:clients")).body
        assert listed == (expected == 200), (first, last)


def test_a_number_that_moves_to_another_client_is_lost_to_the_first_at_once(world: World) -> None:
    make_ottos(world)
    key, now = ids_of(ALICE)["number"], timezone.now()
    before, after = (Waba.objects.get(waba_id=ids_of(at)["waba"]) for at in (ALICE, OTTO))
    moved = NumberReading(key, {"id": key}, frozenset())
    write_numbers.store([Complete(before.pk, now, []), Complete(after.pk, now, [moved])])

    assert status(world, "alice", "phones:number") == 404
    assert status(world, "otto", "phones:number") == 200


def test_a_number_on_two_wabas_tells_each_side_nothing_of_the_other(world: World) -> None:
    make_ottos(world)
    number = PhoneNumber.objects.get(phone_number_id=ids_of(ALICE)["number"])
    number.listings.create(waba=Waba.objects.get(waba_id=ids_of(OTTO)["waba"]), first_seen_at=timezone.now())
    foreign = ["Zeta Garage", "otto", "of Zeta", *ids_of(OTTO).values()]

    pages = [reverse(name) for name, route in LISTS.items() if route.get]
    for address in (reverse("phones:number", args=[number.phone_number_id]), *pages):
        body = ask(world.browsers["alice"], "get", address).body
        assert [word for word in foreign if word in body] == [], address


# --- Odd ids ----------------------------------------------------------------------------------------------------------

OF_ONE = {name: route for name, route in ROUTES.items() if route.thing and not route.is_open}
ALONE = {thing for thing, of_it in Counter(route.thing for route in OF_ONE.values()).items() if of_it < 3}
ODD = ["0", "-1", "٣٤", "9" * 30, "9" * 5000, "%00", "a", "%F0%9F%93%9E", "1%20or%201=1"]


def test_odd_ids_are_simply_not_there(world: World) -> None:
    ids = dict.fromkeys({route.thing for route in OF_ONE.values()}, "123456789")
    ids |= {"action": "1", "leaving_step": "1", "link_code": "L1"}
    ids |= {"mail": "00000000-0000-0000-0000-000123456789"}
    # Routes about one kind of thing read its id alike: among them, each odd one is asked for.
    odd_ids: dict[str, Iterator[str]] = defaultdict(lambda: cycle(ODD))
    with nothing_rendered():
        for name, route in OF_ONE.items():
            method = "get" if route.get else "post"
            prefix, suffix = reverse(name, args=[part.format_map(ids) for part in route.args.split()]).split(
                "123456789"
            )
            for odd in islice(odd_ids[route.thing], 9 if route.thing in ALONE else 3):
                answer = ask(world.browsers["root"], method, f"{prefix}{odd}{suffix}", route.form)
                assert answer.status == 404, (name, odd)
        for scope in ("client", "waba"):
            for odd in ["", *ODD]:
                form = {"scope": scope, "id": odd}
                assert ask(world.browsers["root"], "post", reverse("phones:sync-start"), form).status == 404, odd
