"""The client beside a number, and the mark of further listings, which the database keeps true whatever is done."""

import datetime
import random
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F
from django.utils import timezone

from clients.assigning import Keepers, assign
from clients.clients import merge_clients, move_waba
from clients.models import Client, User, Waba
from phones.models import Listing, PhoneNumber
from phones.numbers import kept_columns
from phones.sync import write_numbers
from portal.graph.reads.numbers import NumberReading
from tests.factories import make_client, make_listing, make_number, make_waba

pytestmark = pytest.mark.django_db

IDS = [str(700 + index) for index in range(8)]


def assert_kept() -> None:
    for number in PhoneNumber.objects.select_related("waba"):
        assert number.client_id == number.waba.client_id
    for listing in Listing.objects.select_related("number"):
        assert listing.is_further == (listing.is_current and listing.waba_id != listing.number.waba_id)


def assert_seen_as_listed(*people: User) -> None:
    """Each person sees the numbers that WABAs of their clients list, whichever way they are looked for."""
    for person in people:
        theirs = Listing.objects.current().filter(waba__client__in=Client.objects.visible_to(person))
        listed = set(theirs.values_list("number", flat=True))
        for asking in (person, User.signed_in.get(pk=person.pk)):
            assert set(PhoneNumber.objects.visible_to(asking).values_list("pk", flat=True)) == listed
        found = PhoneNumber.objects.of(Client.objects.visible_to(person)).values_list("pk", flat=True)
        assert set(found) == listed


def sync(wabas: list[Waba], chance: random.Random, at: datetime.datetime) -> None:
    """A reading of two WABAs, each of which lists some of the numbers: new, moved, on both, missing, gone, back."""
    write_numbers.store(
        [
            write_numbers.Complete(
                waba.pk,
                at,
                [
                    NumberReading(each, {"id": each, "status": chance.choice(["PENDING", "CONNECTED"])}, frozenset())
                    for each in chance.sample(IDS, chance.randrange(5))
                ],
            )
            for waba in chance.sample(wabas, 2)
        ]
    )


def test_whatever_is_done_to_numbers_wabas_and_clients_people_see_what_is_listed(
    account_manager: User, other_manager: User, administrator: User
) -> None:
    alice, otto, chance, now = account_manager, other_manager, random.Random(7), timezone.now()
    clients = [make_client(owner=alice), make_client(owner=otto), make_client(), make_client(owner=alice)]
    wabas = [make_waba(clients[index % 4]) for index in range(6)]

    def move() -> None:
        move_waba(waba=chance.choice(wabas), to=chance.choice(clients), actor=administrator)

    def hand_over() -> None:
        keepers = Keepers(owner=chance.choice([alice, otto, None]))
        assign(client=chance.choice(clients), keepers=keepers, actor=administrator)

    def merge() -> None:
        keep, absorb = chance.sample(clients, 2)
        merge_clients(keep=keep, absorb=[absorb], actor=administrator)
        clients.remove(absorb)
        clients.append(make_client(owner=chance.choice([alice, otto])))

    further = 0
    acts: list[Callable[[], None]] = [move, hand_over, merge]
    for step in range(14):
        at = now + datetime.timedelta(days=step)
        sync(wabas, chance, at) if step % 2 else chance.choice(acts)()
        assert_kept()
        assert_seen_as_listed(alice, otto)
        further += Listing.objects.filter(is_further=True).count()

    assert further
    assert set(Listing.objects.values_list("is_current", flat=True)) == {True, False}


def test_a_column_that_somebody_writes_by_hand_is_put_right_at_once() -> None:
    number, other = make_number(), make_client()
    listing = make_listing(number, make_waba(other))

    PhoneNumber.objects.update(client=other)
    Listing.objects.update(is_further=F("is_current"))
    number.save()

    listing.refresh_from_db()
    assert listing.is_further
    assert_kept()


def test_the_triggers_are_there_when_all_migrations_are_done() -> None:
    asked = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'"}
    wanted = {"sqlite": kept_columns.ON_SQLITE}.get(connection.vendor, kept_columns.ON_POSTGRESQL)
    with connection.cursor() as cursor:
        cursor.execute(asked.get(connection.vendor, "SELECT tgname FROM pg_trigger"))
        assert {name for (name,) in cursor.fetchall()} >= set(wanted)


def test_filling_mends_what_was_written_without_the_triggers() -> None:
    number = make_number()
    make_listing(number, make_waba())
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in kept_columns.ON_SQLITE:
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")
    PhoneNumber.objects.update(client=None)
    Listing.objects.update(is_further=~F("is_further"))

    kept_columns.fill(apps, None)

    assert_kept()
