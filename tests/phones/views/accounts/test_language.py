"""The language of a client: who chooses it and where, what is made in it, and the list by it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser

from clients import links
from clients.models import Client, SignupLink, User
from tests.back_office import page
from tests.conftest import SignIn
from tests.factories import make_client
from tests.phones.reading import shown_to
from tests.phones.views.accounts.test_clients import names_on

pytestmark = pytest.mark.django_db


def test_a_manager_chooses_a_clients_language_in_which_its_links_are_made(
    alices_client: Client, account_manager: User, sign_in: SignIn
) -> None:
    browser, address = sign_in(account_manager), f"/clients/{alices_client.pk}/"

    assert browser.post(f"{address}language/", {"language": "xx"}).status_code == 302
    assert Client.objects.get().language == ""
    browser.post(f"{address}language/", {"language": "pt-br"})

    alices_client.refresh_from_db()
    said = LogEntry.objects.get(object_id=str(alices_client.pk)).get_change_message()
    assert said == "Language: As their browser asks → Portuguese (Brazil)."
    shown = shown_to(account_manager, address, sign_in)
    assert shown.count('<option value="pt-br" selected>') == 3  # its own, a signup link's, a status link's
    assert links.make_signup_link(client=alices_client, actor=account_manager).language == "pt-br"
    assert links.make_status_link(client=alices_client, actor=account_manager).language == "pt-br"
    browser.post(f"{address}signup-links/", {"language": "", "lifetime": "7"})
    assert SignupLink.objects.latest("pk").language == "", "this link was to be as the browser asks"


def test_a_language_is_chosen_with_a_new_client_and_in_the_admin_and_shown_to_who_may_only_look(
    desk: Browser, viewed_client: Client, viewer: User, account_manager: User, sign_in: SignIn
) -> None:
    sign_in(account_manager).post("/clients/new/", {"name": "Padaria", "language": "pt-br"})
    assert Client.objects.get(name="Padaria").language == "pt-br"

    form = {"name": "Delta Optics", "owner": account_manager.pk, "cover": viewer.pk, "language": "hi"}
    desk.post(page(Client, "change", viewed_client.pk), form)
    assert "→ Hindi." in LogEntry.objects.latest("pk").get_change_message()
    assert desk.get(page(Client, "changelist"), {"language__exact": "hi"}).context["cl"].result_count == 1
    shown = shown_to(viewer, f"/clients/{viewed_client.pk}/", sign_in)
    assert "<p>Hindi</p>" in shown
    assert "/language/" not in shown


@pytest.mark.parametrize(
    ("query", "expected"), [("es", ["Tienda"]), ("-", ["Alpha Bakery"]), ("es&language=-", ["Alpha Bakery", "Tienda"])]
)
def test_the_list_is_filtered_by_language(
    query: str, expected: list[str], team_lead: User, alices_client: Client, sign_in: SignIn
) -> None:
    Client.objects.filter(pk=make_client("Tienda").pk).update(language="es")

    assert names_on(shown_to(team_lead, f"/clients/?language={query}", sign_in)) == expected
