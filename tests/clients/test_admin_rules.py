"""What the desk forbids the admin forbids, too; its tables by subject, its login, assigning many clients at once."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from clients.back_office import Subject
from clients.choices import CredentialKind
from clients.models import Client, Portfolio, SignupLink, User, Waba
from tests.back_office import page
from tests.conftest import SignIn
from tests.factories import make_client, make_credential, make_portfolio, make_signup_link, make_waba

pytestmark = pytest.mark.django_db


def test_tables_stand_by_subject(desk: Browser) -> None:
    text = desk.get(reverse("admin:index")).content.decode()

    headings = [str(subject.label) for subject in Subject]
    assert sorted(headings, key=lambda heading: text.index(f"<caption>{heading}")) == headings
    assert "css/admin.css" in text


def test_the_admin_has_the_desks_login_and_tells_who_may_not_enter(account_manager: User, sign_in: SignIn) -> None:
    answer = Browser().get(reverse("admin:login"), {"next": "/admin/clients/"})

    assert answer["Location"] == "/login/?next=/admin/clients/"
    assert sign_in(account_manager).get(reverse("admin:login")).status_code == 403


def assign(desk: Browser, clients: list[Client], **chosen: str) -> str:
    data = {"action": "assign_people", "_selected_action": [client.pk for client in clients], **chosen}
    return desk.post(page(Client, "changelist"), data, follow=True).content.decode()


def test_many_clients_are_assigned_at_once_and_the_log_says_from_whom_to_whom(
    desk: Browser, account_manager: User, other_manager: User
) -> None:
    clients = [make_client(cover=other_manager), make_client(owner=other_manager)]

    assert "Assign" in assign(desk, clients)
    text = assign(desk, clients, confirmed="yes", owner=str(account_manager.pk), cover="")

    assert "2 clients changed." in text
    assert set(Client.objects.values_list("owner", "cover")) == {
        (account_manager.pk, other_manager.pk),
        (account_manager.pk, None),
    }
    assert LogEntry.objects.filter(change_message__startswith="Account manager:").count() == 2


def test_a_ticked_row_that_is_named_by_no_key_is_a_wrong_request_and_no_fault_of_ours(desk: Browser) -> None:
    for odd in ("4'", "x", "9" * 40, ""):
        assert (
            desk.post(page(User, "changelist"), {"action": "end_sessions", "_selected_action": odd}).status_code == 400
        )


def test_where_one_client_can_not_be_assigned_none_is(
    desk: Browser, account_manager: User, other_manager: User
) -> None:
    fit, unfit = make_client("A"), make_client("B", cover=account_manager)

    text = assign(desk, [fit, unfit], confirmed="yes", owner=str(account_manager.pk), cover="")

    assert "B: The cover must be someone else" in text
    assert not Client.objects.exclude(owner=None).exists()
    assert "Choose what is to be changed." in assign(desk, [fit], confirmed="yes")


def test_a_client_with_links_is_not_deleted_because_its_signups_would_be_forgotten(desk: Browser) -> None:
    link = make_signup_link(make_client("With a link"))

    desk.post(page(Client, "delete", link.client_id), {"post": "yes"})
    desk.post(
        page(Client, "changelist"), {"action": "delete_selected", "_selected_action": link.client_id, "post": "yes"}
    )

    assert SignupLink.objects.filter(client__name="With a link").exists()


def test_a_second_client_of_the_same_name_is_refused(desk: Browser) -> None:
    make_client("Harbor")

    text = desk.post(page(Client, "add"), {"name": " HARBOR ", "owner": "", "cover": ""}).content.decode()

    assert "There is a client called" in text
    assert Client.objects.count() == 1


def test_our_own_portfolio_is_given_to_nobody_and_others_with_a_word_in_the_log(
    desk: Browser, settings: Settings
) -> None:
    settings.META_BUSINESS_ID = "4711000000001"
    before, to = make_client("Before"), make_client("After")
    ours, theirs = make_portfolio(before, "4711000000001"), make_portfolio(before)

    for portfolio in (ours, theirs):
        desk.post(page(Portfolio, "change", portfolio.pk), {"client": to.pk})

    assert list(Portfolio.objects.filter(client=to)) == [theirs]
    assert LogEntry.objects.get(object_id=str(theirs.pk)).get_change_message() == "Client: Before → After."


def test_a_token_of_one_client_reads_no_other_clients_waba(desk: Browser) -> None:
    token = make_credential(kind=CredentialKind.BUSINESS, label="Alpha’s own")
    alphas, betas = make_waba(make_client("Alpha"), credential=token), make_waba(make_client("Beta"), credential=None)

    text = desk.post(page(Waba, "change", betas.pk), {"credential": token.pk}).content.decode()
    assert "another client’s own" in text
    betas.refresh_from_db()
    assert betas.credential is None

    sibling = make_waba(alphas.client, credential=None)
    desk.post(page(Waba, "change", sibling.pk), {"credential": token.pk})
    entry = LogEntry.objects.get(object_id=str(sibling.pk))
    assert entry.get_change_message().startswith("Read with: no token → Alpha’s own")
