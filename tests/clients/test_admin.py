"""The administrators' back office for people, clients, WABAs and credentials."""

import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client as Browser

from clients.choices import Role
from clients.models import (
    Client,
    Portfolio,
    User,
    Waba,
)
from tests.back_office import page
from tests.conftest import SignIn
from tests.factories import (
    make_client,
    make_credential,
    make_person,
    make_portfolio,
    make_waba,
)

pytestmark = pytest.mark.django_db


# --- Who may enter ----------------------------------------------------------------------------------------------------


def test_an_administrator_without_the_staff_flag_is_asked_to_sign_in(sign_in: SignIn) -> None:
    browser = sign_in(make_person("ann", Role.ADMINISTRATOR))

    answer = browser.get(page(Client, "changelist"))

    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_a_superuser_may_enter_without_any_group(sign_in: SignIn) -> None:
    browser = sign_in(make_person("root", is_staff=True, is_superuser=True))

    assert browser.get(page(Client, "changelist")).status_code == 200


def test_groups_are_not_for_changing_because_they_are_the_roles() -> None:
    assert not admin.site.is_registered(Group)


# --- Lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Client, "bakery"),
        (Client, "7700770077"),
        (Client, "8800880088"),
        (Waba, "7700770077"),
        (Waba, "bakery"),
        (Portfolio, "8800880088"),
        (User, "alice@"),
    ],
)
def test_rows_are_found_by_what_people_know_of_them(
    desk: Browser, account_manager: User, model: type[Any], words: str
) -> None:
    client = make_client("Alpha Bakery", owner=account_manager)
    make_waba(client, waba_id="7700770077")
    make_portfolio(client, "8800880088")
    make_waba(make_client("Other"))

    answer = desk.get(page(model, "changelist"), {"q": words})

    assert answer.context["cl"].result_count == 1


# --- What Meta says is not for changing -------------------------------------------------------------------------------


def test_of_a_waba_only_the_credential_is_changed(desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    waba, other = make_waba(), make_credential()
    sent = {"credential": other.pk, "name": "Forged", "client": make_client().pk, "waba_id": "1", "status": "ACTIVE"}
    real_save, lease = Waba.save, uuid.uuid4()

    def save(self: Waba, *args: Any, **kwargs: Any) -> None:
        """A worker takes the WABA between our look and our write."""
        Waba.objects.filter(pk=self.pk).update(lease_token=lease)
        real_save(self, *args, **kwargs)

    monkeypatch.setattr(Waba, "save", save)
    assert desk.post(page(Waba, "change", waba.pk), sent).status_code == 302

    stored = Waba.objects.get()
    assert stored.credential == other
    assert (stored.name, stored.client, stored.waba_id, stored.status) == (waba.name, waba.client, waba.waba_id, None)
    assert stored.lease_token == lease


def test_a_portfolio_is_given_to_another_client(desk: Browser) -> None:
    portfolio, client = make_portfolio(make_client()), make_client()

    desk.post(page(Portfolio, "change", portfolio.pk), {"client": client.pk, "business_id": "1"})

    stored = Portfolio.objects.get()
    assert (stored.client, stored.business_id) == (client, portfolio.business_id)
