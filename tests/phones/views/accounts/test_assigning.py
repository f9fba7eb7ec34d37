"""Owner, cover, language and labels of many clients at once, from the clients list."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from clients.models import Client, ClientLabel, Label, User
from tests.conftest import SignIn
from tests.factories import make_client
from tests.phones.reading import shown_to, text_of

ADDRESS = "/clients/assign/"


def confirm(browser: Browser, **form: Any) -> str:
    """Choose, look at what would change, and confirm it; the page one lands on."""
    preview = text_of(browser.post(ADDRESS, {**form, "step": "preview"}))
    seen = re.search(r'name="seen" value="(\w+)"', preview)
    assert seen, preview
    return text_of(browser.post(ADDRESS, {**form, "step": "confirm", "seen": seen[1]}, follow=True))


def test_a_hundred_clients_of_nobody_get_an_owner_in_four_steps(
    team_lead: User,
    account_manager: User,
    other_manager: User,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    Client.objects.bulk_create([Client(name=f"Orphan {number}") for number in range(104)])
    taken = make_client("Taken", owner=other_manager)
    browser = sign_in(team_lead)
    page = text_of(browser.get("/clients/?owner=-"))
    assert "Select all 104 matching" in page
    query = re.search(r'name="query" value="([^"]*)"', page)
    assert query
    everything = {"all": "yes", "query": query[1]}

    assert "Assign 104 clients" in text_of(browser.post(ADDRESS, everything))
    with django_assert_max_num_queries(12):
        browser.post(ADDRESS, {**everything, "owner": account_manager.pk, "step": "preview"})
    answer = confirm(browser, **everything, owner=account_manager.pk)

    assert "104 clients changed." in answer
    assert Client.objects.filter(owner=account_manager).count() == 104
    assert Client.objects.get(pk=taken.pk).owner == other_manager
    said = LogEntry.objects.filter(change_message="Account manager: nobody → alice.", user=team_lead)
    assert said.count() == 104


def test_the_page_says_which_clients_stay_as_they_are_and_why_and_so_does_the_result(
    team_lead: User, account_manager: User, covering_manager: User, sign_in: SignIn
) -> None:
    free = make_client("Free")
    same = make_client("Same", owner=account_manager)
    covered = make_client("Covered", owner=covering_manager, cover=account_manager)
    browser = sign_in(team_lead)
    form = {"ids": [free.pk, same.pk, covered.pk], "owner": account_manager.pk}

    preview = text_of(browser.post(ADDRESS, {**form, "step": "preview"}))
    assert "Account manager: nobody → alice." in preview
    assert "It is so already." in preview
    assert "The cover must be someone else than the account manager." in preview

    answer = confirm(browser, **form)
    assert "1 client changed. 1 left as it is: The cover must be" in answer
    assert [client.owner for client in Client.objects.order_by("pk")] == [
        account_manager,
        account_manager,
        covering_manager,
    ]


def test_nothing_is_written_when_a_client_changed_since_it_was_looked_at(
    team_lead: User, account_manager: User, other_manager: User, sign_in: SignIn
) -> None:
    clients = [make_client(), make_client()]
    browser = sign_in(team_lead)
    form = {"ids": [client.pk for client in clients], "owner": account_manager.pk}
    preview = text_of(browser.post(ADDRESS, {**form, "step": "preview"}))
    seen = re.findall(r'name="seen" value="(\w+)"', preview)[0]
    Client.objects.filter(pk=clients[0].pk).update(owner=other_manager)

    page = text_of(browser.post(ADDRESS, {**form, "step": "confirm", "seen": seen}))

    assert "Nothing was changed" in page
    assert "Account manager: otto → alice." in page
    assert not Client.objects.filter(owner=account_manager).exists()


def test_a_manager_labels_their_own_clients_and_neither_assigns_nor_reaches_others(
    account_manager: User, alices_client: Client, foreign_client: Client, sign_in: SignIn
) -> None:
    label = Label.objects.create(name="VIP")
    browser = sign_in(account_manager)
    chosen = {"ids": [alices_client.pk, foreign_client.pk]}
    assert 'name="owner"' not in text_of(browser.post(ADDRESS, chosen))

    confirm(browser, **chosen, add_label=label.pk, owner="-")

    assert [row.client for row in ClientLabel.objects.all()] == [alices_client]
    alices_client.refresh_from_db()
    assert alices_client.owner == account_manager
    # A client of somebody else is as little there as one that does not exist.
    answers = [text_of(browser.post(ADDRESS, {"ids": pk}, follow=True)) for pk in (foreign_client.pk, 10**15)]
    assert all("None of these clients is yours to change." in answer for answer in answers)
    assert "Choose at least one row." in text_of(browser.post(ADDRESS, {"ids": "x"}, follow=True))


def test_many_clients_get_a_language_and_each_says_from_which(
    account_manager: User, alices_client: Client, foreign_client: Client, sign_in: SignIn
) -> None:
    hindi = make_client("Hindi", owner=account_manager)
    Client.objects.filter(pk=hindi.pk).update(language="hi")
    browser = sign_in(account_manager)
    everything = {"all": "yes", "query": "/clients/"}

    assert "1 client changed. 1 left as it is: It is so already." in confirm(browser, **everything, language="hi")
    assert "2 clients changed." in confirm(browser, **everything, language="-")

    said = LogEntry.objects.order_by("pk").values_list("object_id", "change_message")
    assert list(said) == [
        (str(alices_client.pk), "Language: As their browser asks → Hindi."),
        (str(alices_client.pk), "Language: Hindi → As their browser asks."),
        (str(hindi.pk), "Language: Hindi → As their browser asks."),
    ]
    assert {client.language for client in Client.objects.all()} == {""}


def test_a_viewer_is_offered_no_assigning_and_changes_nothing(
    viewer: User, viewed_client: Client, sign_in: SignIn
) -> None:
    assert ADDRESS not in shown_to(viewer, "/clients/", sign_in)

    assert sign_in(viewer).post(ADDRESS, {"ids": viewed_client.pk}).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({}, "Choose what is to be changed."),
        ({"owner": "99999"}, "Select a valid choice"),
        ({"cover_until": "2026-12-24"}, "Choose the person whose days these are."),
        ({"cover_from": "tomorrow"}, "Enter a valid date."),
    ],
)
def test_what_makes_no_sense_is_said_at_the_field(
    wrong: dict[str, str], why: str, team_lead: User, sign_in: SignIn
) -> None:
    answer = sign_in(team_lead).post(ADDRESS, {"ids": make_client().pk, "step": "preview", **wrong})

    assert answer.status_code == 422
    assert why in text_of(answer)
