"""How many numbers are of each kind: kept while they are written, and the same as a count, whatever is done."""

import datetime
import random
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from clients.assigning import Keepers, assign
from clients.clients import merge_clients, move_waba
from clients.models import User, Waba
from phones.listing import count_triggers, kept_counts
from phones.listing.counts import ALL, NEED_SOMEBODY, count_queues, queues_of
from phones.listing.queues import QUEUES, URGENT
from phones.listing.selection import NumberList
from phones.models import NumberCount, PhoneNumber
from phones.numbers import standing
from phones.sync import write_numbers
from portal.graph.reads.numbers import NumberReading
from portal.web.query import ListQuery
from tests.factories import make_client, make_number, make_waba

pytestmark = pytest.mark.django_db

IDS = [str(900 + index) for index in range(10)]
_SAID: dict[str, list[str | None]] = {
    "status": ["PENDING", "CONNECTED", "BANNED", "FLAGGED", "DISCONNECTED", "MIGRATED", None],
    "platform_type": ["CLOUD_API", "NOT_APPLICABLE", None],
    "code_verification_status": ["VERIFIED", "NOT_VERIFIED", "EXPIRED"],
    "quality_rating": ["GREEN", "RED", "YELLOW"],
    "name_status": ["APPROVED", "DECLINED", "PENDING_REVIEW"],
}


def read(wabas: list[Waba], chance: random.Random, at: datetime.datetime) -> None:
    """A reading of two WABAs, each of which lists some of the numbers: new, changed, moved, on both, missing, back."""
    listings = []
    for waba in chance.sample(wabas, 2):
        readings = []
        for each in chance.sample(IDS, chance.randrange(7)):
            said = {name: value for name, values in _SAID.items() if (value := chance.choice(values)) is not None}
            readings.append(NumberReading(each, {"id": each, **said}, frozenset()))
        listings.append(write_numbers.Complete(waba.pk, at, readings))
    write_numbers.store(listings)


def assert_true_for(*people: User) -> None:
    for person in people:
        numbers, kept = PhoneNumber.objects.visible_to(person), kept_counts.of_person(person)
        assert kept.all == numbers.count()
        places = numbers.order_by().values_list("move", "stage").annotate(Count("pk"))
        assert sorted(kept.stands()) == sorted(places)
        counts = count_queues(person)
        for queue in queues_of(person):
            listed = NumberList(ListQuery("numbers", (("queue", queue.name),)).data, person).filters.qs
            assert counts[queue.name].counted == listed.count(), queue.name
        urgent = ListQuery("numbers", tuple(("queue", name) for name in URGENT)).data
        assert counts[NEED_SOMEBODY].counted == NumberList(urgent, person).filters.qs.count()
        assert counts[ALL].counted == numbers.count()


def test_what_is_kept_is_what_a_count_finds_whatever_is_done(
    account_manager: User, other_manager: User, administrator: User
) -> None:
    alice, otto, chance, now = account_manager, other_manager, random.Random(5), timezone.now()
    clients = [make_client(owner=alice), make_client(owner=otto), make_client(), make_client(owner=alice)]
    wabas = [make_waba(clients[index % 4]) for index in range(6)]

    def some() -> PhoneNumber:
        return chance.choice(list(PhoneNumber.objects.order_by("pk")) or [make_number(wabas[0])])

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

    def act() -> None:
        number, by = some(), now + datetime.timedelta(days=chance.randrange(1, 6))
        PhoneNumber.objects.filter(pk=number.pk).update(status=chance.choice(_SAID["status"]), registration_deadline=by)
        standing.recompute([number.pk])

    def remove() -> None:
        number = some()
        number.listings.all().delete()
        number.changes.all().delete()
        number.delete()

    acts: list[Callable[[], object]] = [move, hand_over, merge, act, remove, kept_counts.fold]
    for step in range(14):
        at = now + datetime.timedelta(days=step - 15)
        read(wabas, chance, at) if step % 2 else chance.choice(acts)()
        assert kept_counts.differences() == []
    assert_true_for(alice)
    kept_counts.fold()
    assert kept_counts.differences() == []
    assert_true_for(otto, administrator)
    by_owner = kept_counts.by_owner([count_triggers.TROUBLE])
    assert {owner[0]: found.all for owner, found in by_owner.items() if found.all} == {
        owner and owner.username: count
        for owner in (alice, otto, None)
        if (count := PhoneNumber.objects.filter(client__owner=owner).count())
    }


def test_folding_leaves_a_row_for_each_client_and_kind_and_one_for_all() -> None:
    first, second = make_waba(), make_waba()
    for waba in (first, first, second):
        make_number(waba, status="BANNED")
    PhoneNumber.objects.update(move="us", stage="ready")
    PhoneNumber.objects.filter(waba=second).delete()
    assert NumberCount.objects.count() > 6

    assert kept_counts.fold()
    assert not kept_counts.fold()

    rows = NumberCount.objects.values_list("client", "kind", "numbers", "is_folded")
    of_kind = {(client, numbers) for client, kind, numbers, is_folded in rows if kind == "us/ready" and is_folded}
    assert of_kind == {(first.client_id, 2), (None, 2)}
    assert len({(client, kind) for client, kind, _, _ in rows}) == len(rows)


def test_the_command_says_what_differs_and_counts_anew() -> None:
    client = make_number(status="BANNED").waba.client
    call_command("kept_counts", stdout=StringIO())
    NumberCount.objects.filter(kind="restricted").update(numbers=7)
    said = StringIO()

    with pytest.raises(CommandError, match="--rebuild"):
        call_command("kept_counts", stdout=said)
    assert f"client={client.pk} kind=restricted kept=7 counted=1" in said.getvalue()
    call_command("kept_counts", "--rebuild", stdout=said)

    call_command("kept_counts", stdout=said)
    assert said.getvalue().endswith("different=0\n")
    assert NumberCount.objects.filter(client=None, kind="restricted").get().numbers == 1


def test_a_migration_has_made_the_triggers_of_these_conditions() -> None:
    """Where this fails a condition has changed: a new migration ends as `count_triggers` says."""
    tables = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'"}
    with connection.cursor() as cursor:
        cursor.execute(tables.get(connection.vendor, "SELECT tgname FROM pg_trigger"))
        assert {name for (name,) in cursor.fetchall()} >= set(count_triggers.NAMES)


def test_the_queues_that_are_kept_ask_no_clock() -> None:
    assert {name for name, queue in QUEUES.items() if queue.numbers and not queue.is_kept} == {
        "deadline",
        "stale",
        "unassigned",
    }
