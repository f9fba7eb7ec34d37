"""The client beside each line of history, which the database keeps true whatever is done."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from clients.clients import merge_clients, move_waba
from clients.models import Client, User, Waba
from phones.changes import kept_client
from phones.choices import ChangeKind, Source
from phones.models import Change, PhoneNumber
from tests.factories import make_client, make_listing, make_number, make_waba

pytestmark = pytest.mark.django_db


def line_about(*, number: PhoneNumber | None = None, waba: Waba | None = None) -> Change:
    return Change.objects.create(
        number=number, waba=waba, kind=ChangeKind.FIELD, field="status", source=Source.SYNC, at=timezone.now()
    )


def client_of(line: Change) -> Client | None:
    return Change.objects.select_related("client").get(pk=line.pk).client


def test_a_line_is_of_the_client_of_its_number_and_without_one_of_its_waba() -> None:
    here, elsewhere = make_waba(make_client()), make_waba(make_client())
    number = make_number(here)

    assert client_of(line_about(number=number)) == here.client
    assert client_of(line_about(number=number, waba=elsewhere)) == here.client
    assert client_of(line_about(waba=elsewhere)) == elsewhere.client
    assert client_of(line_about()) is None


def test_lines_that_are_written_together_have_each_their_client() -> None:
    numbers = [make_number(make_waba(make_client())) for _ in range(3)]

    written = Change.objects.bulk_create(
        Change(number=number, kind=ChangeKind.FIELD, field="status", source=Source.SYNC, at=timezone.now())
        for number in numbers
    )

    assert [client_of(line) for line in written] == [number.waba.client for number in numbers]


def test_the_lines_of_a_number_that_moves_go_with_it_and_those_of_its_waba_stay() -> None:
    here, there = make_waba(make_client()), make_waba(make_client())
    number = make_number(here)
    of_number, of_waba = line_about(number=number, waba=here), line_about(waba=here)

    number.waba = there
    number.save(update_fields=["waba"])

    assert client_of(of_number) == there.client
    assert client_of(of_waba) == here.client


def test_the_lines_of_a_waba_that_is_given_to_another_client_go_with_it(administrator: User) -> None:
    waba, other = make_waba(make_client()), make_client()
    lines = [line_about(number=make_number(waba), waba=waba), line_about(waba=waba)]

    move_waba(waba=waba, to=other, actor=administrator)

    assert [client_of(line) for line in lines] == [other, other]


def test_the_lines_of_a_client_that_is_merged_into_another_are_the_others(administrator: User) -> None:
    keep, absorbed = make_client(), make_client()
    waba = make_waba(absorbed)
    lines = [line_about(number=make_number(waba)), line_about(waba=waba)]

    merge_clients(keep=keep, absorb=[absorbed], actor=administrator)

    assert [client_of(line) for line in lines] == [keep, keep]


def test_people_see_the_lines_of_numbers_that_their_wabas_list(account_manager: User, other_manager: User) -> None:
    mine, theirs = make_waba(make_client(owner=account_manager)), make_waba(make_client(owner=other_manager))
    number = make_number(theirs)
    line = line_about(number=number, waba=theirs)
    assert [*Change.objects.visible_to(account_manager)] == []

    make_listing(number, mine)

    for person in (account_manager, other_manager):
        assert [*Change.objects.visible_to(person)] == [line]


def test_a_client_that_somebody_writes_by_hand_is_put_right_at_once() -> None:
    waba, other = make_waba(), make_client()
    lines = [line_about(number=make_number(waba)), line_about(waba=waba)]

    Change.objects.update(client=other)
    PhoneNumber.objects.update(client=other)

    assert [client_of(line) for line in lines] == [waba.client, waba.client]


def test_the_triggers_are_there_when_all_migrations_are_done() -> None:
    asked = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'"}
    wanted = {"sqlite": kept_client.ON_SQLITE}.get(connection.vendor, kept_client.ON_POSTGRESQL)
    with connection.cursor() as cursor:
        cursor.execute(asked.get(connection.vendor, "SELECT tgname FROM pg_trigger"))
        assert {name for (name,) in cursor.fetchall()} >= set(wanted)


@pytest.fixture
def wrong_lines() -> list[Change]:
    """Two lines of one client, written while the triggers were not there: one of no client, one of another's."""
    waba = make_waba()
    lines = [line_about(number=make_number(waba), waba=make_waba(make_client())), line_about(waba=waba)]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in kept_client.ON_SQLITE:
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")
    Change.objects.filter(pk=lines[0].pk).update(client=None)
    Change.objects.filter(pk=lines[1].pk).update(client=make_client())
    return lines


def test_filling_mends_what_was_written_without_the_triggers(wrong_lines: list[Change]) -> None:
    kept_client.fill(apps, None)
    assert {client_of(line) for line in wrong_lines} == {wrong_lines[1].waba and wrong_lines[1].waba.client}


def test_a_command_finds_them_and_mends_them_and_then_finds_none(wrong_lines: list[Change]) -> None:
    line_about()  # of nobody, and rightly so
    said = StringIO()
    with pytest.raises(CommandError, match="--mend"):
        call_command("kept_clients", stdout=said)
    assert said.getvalue() == "numbers_and_listings=0 lines=2\n"

    call_command("kept_clients", "--mend", stdout=said)
    call_command("kept_clients", stdout=said)

    assert said.getvalue().splitlines()[1:] == [
        "numbers_and_listings=0 lines=2 mended",
        "numbers_and_listings=0 lines=0",
    ]
    assert {client_of(line) for line in wrong_lines} == {wrong_lines[1].waba and wrong_lines[1].waba.client}
