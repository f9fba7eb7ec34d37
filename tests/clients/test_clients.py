"""What people change about clients and whose a WABA is, and that it is recorded."""

import time

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.utils import timezone

from clients import clients, links
from clients.models import Client, Portfolio, SyncRun, User
from phones.models import Onboarding
from portal.fields import UncountedKeyField
from tests.clients.audit import audited
from tests.factories import make_client, make_person, make_portfolio, make_waba

pytestmark = pytest.mark.django_db

NEW_TOKEN = "EAAnewtokennewtokennewtoken9999"


def test_renaming_tidies_blanks_and_records_both_names(administrator: User) -> None:
    client = make_client("Old")

    clients.rename_client(client=client, name="  New \n name ", actor=administrator)

    client.refresh_from_db()
    assert client.name == "New name"
    assert audited(client) == ["Name: Old → New name."]


@pytest.mark.parametrize("name", ["", "  ", "x" * 513])
def test_a_client_keeps_its_name_when_the_new_one_is_empty_or_too_long(name: str) -> None:
    client = make_client("Old")

    with pytest.raises(clients.NameNotUsableError):
        clients.rename_client(client=client, name=name, actor=None)

    client.refresh_from_db()
    assert client.name == "Old"


def test_the_key_of_a_client_says_when_it_was_made_and_not_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UncountedKeyField, "_last", 0)

    def made_at(second: int, name: str) -> int:
        monkeypatch.setattr(time, "time_ns", lambda: (4_000_000_000 + second) * 1_000_000_000)
        return int(clients.make_client(name=name, actor=make_person(name)).pk)

    first, second = made_at(1, "one"), made_at(2, "two")
    others = [made_at(2, f"other-{at}") for at in range(3)]
    third = made_at(3, "three")

    assert (second - first, third - second) == (1_000_000, 1_000_000)
    assert [first, second, *others, third] == sorted({first, second, *others, third})


def test_merging_moves_wabas_portfolios_and_runs_and_deletes_the_emptied_clients(administrator: User) -> None:
    keep, other, third = make_client("Keep"), make_client("Other"), make_client("Third")
    waba, portfolio = make_waba(other, waba_id="77"), make_portfolio(third, "88")
    run = SyncRun.objects.create(scope="client", trigger="person", client=other)

    clients.merge_clients(keep=keep, absorb=[other, third], actor=administrator)

    for row in (waba, portfolio, run):
        row.refresh_from_db()
        assert row.client == keep
    assert list(Client.objects.all()) == [keep]
    assert audited(keep) == [
        f"Took over Other ({other.pk}) with WABAs 77; portfolios none.",
        f"Took over Third ({third.pk}) with WABAs none; portfolios 88.",
    ]
    assert LogEntry.objects.filter(action_flag=DELETION).count() == 2


def test_a_merged_client_keeps_its_mail_contact_and_takes_one_over_where_it_has_none(administrator: User) -> None:
    keep, first, second = make_client("Keep"), make_client("First"), make_client("Second")
    for client in (first, second):
        Client.objects.filter(pk=client.pk).update(contact_email=f"{client}@client.example")

    clients.merge_clients(keep=keep, absorb=[first], actor=administrator)
    clients.merge_clients(keep=keep, absorb=[second], actor=administrator)

    assert Client.objects.get().contact_email == "First@client.example"
    assert [line for line in audited(keep) if "contact" in line] == ["Mail contact: none → First@client.example."]


def test_a_merged_client_keeps_its_own_owner(alices_client: Client, foreign_client: Client) -> None:
    clients.merge_clients(keep=alices_client, absorb=[foreign_client], actor=None)

    alices_client.refresh_from_db()
    assert alices_client.owner is not None
    assert alices_client.owner.username == "alice"


def test_a_client_is_not_merged_with_itself_or_with_nothing() -> None:
    client = make_client()
    for absorb in ([], [client]):
        with pytest.raises(clients.MergeError):
            clients.merge_clients(keep=client, absorb=absorb, actor=None)
    assert Client.objects.filter(pk=client.pk).exists()


def test_a_merge_with_a_client_that_is_gone_changes_nothing() -> None:
    keep, there, gone = make_client(), make_client(), make_client()
    waba = make_waba(there)
    Client.objects.filter(pk=gone.pk).delete()

    with pytest.raises(clients.MergeError):
        clients.merge_clients(keep=keep, absorb=[there, gone], actor=None)

    waba.refresh_from_db()
    assert waba.client == there


def test_a_moved_waba_leaves_its_portfolio_where_it_is(administrator: User) -> None:
    before, after = make_client("Before"), make_client("After")
    waba, portfolio = make_waba(before), make_portfolio(before)

    clients.move_waba(waba=waba, to=after, actor=administrator)

    waba.refresh_from_db()
    portfolio.refresh_from_db()
    assert (waba.client, portfolio.client) == (after, before)
    assert audited(waba) == ["Client: Before → After."]


def test_what_the_command_line_does_has_no_person_in_the_admin_log() -> None:
    clients.rename_client(client=make_client(), name="New", actor=None)

    assert not LogEntry.objects.exists()


def test_the_admin_log_keeps_what_was_done_to_a_row_that_is_gone() -> None:
    actor = make_person("ada")
    keep, gone = make_client("Keep"), make_client("Gone")

    clients.merge_clients(keep=keep, absorb=[gone], actor=actor)

    flags = set(LogEntry.objects.values_list("object_repr", "action_flag"))
    assert flags == {("Gone", DELETION), ("Keep", CHANGE)}
    assert not Portfolio.objects.exists()


def test_a_merge_loses_no_link_and_no_onboarding_and_revokes_status_links(administrator: User) -> None:
    keep, other = make_client(), make_client()
    link = links.make_signup_link(client=other, actor=administrator)
    status = links.make_status_link(client=other, actor=administrator)
    onboarding = Onboarding.objects.create(client=other, created_at=timezone.now())

    clients.merge_clients(keep=keep, absorb=[other], actor=administrator)

    for row in (link, status, onboarding):
        row.refresh_from_db()
        assert row.client == keep
    assert link.attempts.count() == 1
    assert link.revoked_at is None
    assert status.revoked_at is not None
