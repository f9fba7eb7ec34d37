"""Who looks after a client: one, many at once, a whole book; on which days; and that it is recorded."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from clients import assigning
from clients.assigning import Keepers, NotAssignableError
from clients.clients import merge_clients
from clients.models import Client, ClientLabel, ClientWatch, Label, User
from clients.querysets import nobodys
from tests.clients.audit import audited
from tests.factories import make_client

pytestmark = pytest.mark.django_db


def test_assigning_changes_owner_and_cover_and_says_who_did_it(
    administrator: User, account_manager: User, covering_manager: User
) -> None:
    client = make_client()

    assigning.assign(client=client, keepers=Keepers(account_manager, covering_manager), actor=administrator)

    client.refresh_from_db()
    assert (client.owner, client.cover) == (account_manager, covering_manager)
    assert audited(client) == ["Owner: nobody → alice. Cover: nobody → carol."]
    assert LogEntry.objects.get().user == administrator


def test_assigning_the_same_people_again_records_nothing(administrator: User, alices_client: Client) -> None:
    assigning.assign(
        client=alices_client, keepers=Keepers(alices_client.owner, alices_client.cover), actor=administrator
    )

    assert audited(alices_client) == []


def test_a_client_can_be_taken_from_everyone(administrator: User, alices_client: Client) -> None:
    assigning.assign(client=alices_client, keepers=Keepers(None, None), actor=administrator)

    assert list(Client.objects.unassigned()) == [alices_client]


def test_only_people_with_a_role_are_assigned(administrator: User, stranger: User) -> None:
    client = make_client()

    with pytest.raises(NotAssignableError, match="sam has no role"):
        assigning.assign(client=client, keepers=Keepers(stranger, None), actor=administrator)

    client.refresh_from_db()
    assert client.owner is None


def test_nobody_covers_for_themselves(administrator: User, account_manager: User) -> None:
    with pytest.raises(NotAssignableError):
        assigning.assign(client=make_client(), keepers=Keepers(account_manager, account_manager), actor=administrator)


def test_an_owner_who_lost_their_role_does_not_stand_in_the_way_of_a_new_cover(
    administrator: User, alices_client: Client, other_manager: User
) -> None:
    owner = alices_client.owner
    assert owner is not None
    owner.groups.clear()

    assigning.assign(
        client=alices_client, keepers=Keepers(User.objects.get(pk=owner.pk), other_manager), actor=administrator
    )

    alices_client.refresh_from_db()
    assert alices_client.cover == other_manager


def test_a_cover_has_its_days_and_they_are_recorded(
    administrator: User, account_manager: User, covering_manager: User
) -> None:
    client = make_client()
    days = datetime.date(2026, 12, 20), datetime.date(2027, 1, 3)

    assigning.assign(client=client, keepers=Keepers(account_manager, covering_manager, *days), actor=administrator)

    client.refresh_from_db()
    assert (client.cover_from, client.cover_until) == days
    assert audited(client) == ["Owner: nobody → alice. Cover: nobody → carol from 20 Dec 2026 until 3 Jan 2027."]

    with pytest.raises(NotAssignableError, match="can’t end before it begins"):
        assigning.assign(client=client, keepers=Keepers(None, covering_manager, *days[::-1]), actor=administrator)
    # Without a cover there are no days to keep.
    assigning.assign(client=client, keepers=Keepers(account_manager, None, *days), actor=administrator)
    assert Client.objects.get() == client
    assert (client.cover_from, client.cover_until) == (None, None)


def test_a_client_is_nobodys_when_its_only_cover_is_over(covering_manager: User) -> None:
    client = make_client(cover=covering_manager)
    assert not Client.objects.filter(nobodys("")).exists()

    Client.objects.update(cover_until=timezone.localdate() - datetime.timedelta(days=1))

    assert Client.objects.filter(nobodys("")).get() == client


def test_clients_that_become_one_keep_labels_and_watches_of_both_once(
    administrator: User, account_manager: User, alices_client: Client
) -> None:
    absorbed = [make_client(), make_client()]
    label, other = (Label.objects.create(name=name) for name in ("VIP", "Slow payer"))
    for client in (alices_client, *absorbed):
        ClientLabel.objects.create(client=client, label=label)
        ClientWatch.objects.create(client=client, person=account_manager)
    ClientLabel.objects.create(client=absorbed[1], label=other)

    merge_clients(keep=alices_client, absorb=absorbed, actor=administrator)

    assert {row.label for row in ClientLabel.objects.filter(client=alices_client)} == {label, other}
    assert ClientWatch.objects.get().client == alices_client
