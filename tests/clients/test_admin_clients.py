"""Merging and moving clients in the admin."""

from django.contrib.admin.models import LogEntry
from django.test import Client as Browser

from clients.models import (
    Client,
    User,
    Waba,
)
from tests.back_office import page
from tests.factories import (
    make_client,
    make_waba,
)


def test_a_client_gets_name_owner_cover_and_contact_and_the_log_says_from_what_to_what(
    desk: Browser, account_manager: User, covering_manager: User
) -> None:
    client = make_client("Old")

    desk.post(
        page(Client, "change", client.pk),
        {
            "name": "New",
            "owner": account_manager.pk,
            "cover": covering_manager.pk,
            "contact_email": "ana@client.example",
        },
    )

    client.refresh_from_db()
    assert (client.name, client.owner, client.cover) == ("New", account_manager, covering_manager)
    said = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert said == [
        "Name: Old → New.",
        "Mail contact: none → ana@client.example.",
        "Account manager: nobody → alice. Cover: nobody → carol.",
    ]


def test_a_client_is_added_by_hand(desk: Browser, account_manager: User) -> None:
    desk.post(page(Client, "add"), {"name": "New", "owner": account_manager.pk, "cover": ""})

    assert Client.objects.get().owner == account_manager
    assert LogEntry.objects.count() == 1


def test_only_people_with_a_role_are_offered_and_accepted(desk: Browser, account_manager: User, stranger: User) -> None:
    client = make_client()
    offered = desk.get(page(Client, "change", client.pk)).context["adminform"].form.fields["owner"].queryset

    answer = desk.post(page(Client, "change", client.pk), {"name": "New", "owner": stranger.pk, "cover": ""})

    assert account_manager in offered
    assert stranger not in offered
    assert answer.status_code == 200
    client.refresh_from_db()
    assert client.owner is None


def test_the_same_person_as_owner_and_cover_is_refused_on_the_page(desk: Browser, account_manager: User) -> None:
    sent = {"name": "New", "owner": account_manager.pk, "cover": account_manager.pk}

    answer = desk.post(page(Client, "change", make_client().pk), sent)

    assert b"someone else than the account manager" in answer.content


def test_merging_asks_which_client_stays_and_then_does_it(desk: Browser) -> None:
    keep, other = make_client("Keep"), make_client("Other")
    waba = make_waba(other, name="Other WABA")
    chosen = {"action": "merge", "_selected_action": [keep.pk, other.pk]}

    question = desk.post(page(Client, "changelist"), chosen)

    assert question.status_code == 200
    assert b"Which client stays?" in question.content
    assert b"Other WABA" in question.content
    assert Client.objects.count() == 2

    desk.post(page(Client, "changelist"), {**chosen, "confirmed": "yes", "keep": keep.pk})

    waba.refresh_from_db()
    assert waba.client == keep
    assert list(Client.objects.all()) == [keep]


def test_merging_without_an_answer_asks_again(desk: Browser) -> None:
    chosen = {"action": "merge", "_selected_action": [make_client().pk, make_client().pk]}

    for answer in ({}, {"keep": "999999"}):
        question = desk.post(page(Client, "changelist"), {**chosen, "confirmed": "yes", **answer})
        assert b"Which client stays?" in question.content
    assert Client.objects.count() == 2


def test_one_client_alone_is_not_merged(desk: Browser) -> None:
    chosen = {"action": "merge", "_selected_action": [make_client().pk]}

    answer = desk.post(page(Client, "changelist"), chosen, follow=True)

    assert b"at least two clients" in answer.content


def test_moving_wabas_asks_for_the_client_and_then_does_it(desk: Browser) -> None:
    first, second, to = make_waba(), make_waba(), make_client("Destination")
    chosen = {"action": "move", "_selected_action": [first.pk, second.pk]}

    question = desk.post(page(Waba, "changelist"), chosen)
    assert question.status_code == 200
    assert first.waba_id.encode() in question.content

    done = desk.post(page(Waba, "changelist"), {**chosen, "confirmed": "yes", "to": to.pk}, follow=True)

    assert b"2 WABAs moved to Destination" in done.content
    assert {waba.client for waba in Waba.objects.all()} == {to}
    assert LogEntry.objects.count() == 2


def test_moving_wabas_nowhere_asks_again(desk: Browser) -> None:
    waba = make_waba()

    question = desk.post(
        page(Waba, "changelist"), {"action": "move", "_selected_action": [waba.pk], "confirmed": "yes", "to": ""}
    )

    assert b"This field is required" in question.content
