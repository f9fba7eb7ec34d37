"""The administrators' back office for people, clients, WABAs and credentials."""

import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.admin.access import AdministratorsOnly
from clients.choices import Role
from clients.links import make_status_link, token_of
from clients.models import (
    Client,
    Credential,
    Portfolio,
    SignupAttempt,
    SignupLink,
    StatusLink,
    SyncFailure,
    SyncRun,
    User,
    Waba,
)
from tests.back_office import page
from tests.conftest import SignIn
from tests.factories import (
    make_attempt,
    make_client,
    make_credential,
    make_person,
    make_portfolio,
    make_signup_link,
    make_waba,
)

pytestmark = pytest.mark.django_db

NEW_TOKEN = "EAAnewtokennewtokennewtoken9999"
OURS = [
    Client,
    Credential,
    LogEntry,
    Portfolio,
    SignupAttempt,
    SignupLink,
    StatusLink,
    SyncFailure,
    SyncRun,
    User,
    Waba,
]


def make_failure(waba: Waba) -> SyncFailure:
    run = SyncRun.objects.create(scope="waba", trigger="person", waba=waba, client=waba.client)
    failure = SyncFailure.objects.create(
        run=run, waba=waba, credential=waba.credential, kind="token_dead", at=timezone.now()
    )
    Waba.objects.filter(pk=waba.pk).update(last_failure=failure)
    Credential.objects.filter(wabas=waba).update(last_failure=failure)
    return failure


def make_rows(actor: User) -> None:
    """One more row in every table of this app, each with rows of its own behind its foreign keys."""
    name = uuid.uuid4().hex
    owner, cover = make_person(f"o{name}", Role.ACCOUNT_MANAGER), make_person(f"c{name}", Role.VIEWER)
    client = make_client(owner=owner, cover=cover)
    make_portfolio(client)
    failure = make_failure(make_waba(client))
    SyncRun.objects.filter(failures=failure).update(requested_by=owner)
    make_attempt(make_signup_link(client, created_by=owner), handled_by=cover)
    make_status_link(client=client, actor=owner)
    LogEntry.objects.log_actions(actor.pk, [client], 2, "Changed.", single_object=True)


# --- Who may enter ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", OURS)
def test_an_administrator_may_look_at_every_table(desk: Browser, administrator: User, model: type[Any]) -> None:
    make_rows(administrator)

    assert desk.get(page(model, "changelist")).status_code == 200
    assert desk.get(page(model, "changelist"), {"q": "a"}).status_code == 200
    assert desk.get(page(model, "change", model.objects.first().pk)).status_code == 200


@pytest.mark.parametrize("role", [None, Role.TEAM_LEAD, Role.ACCOUNT_MANAGER, Role.VIEWER])
def test_a_staff_flag_alone_opens_nothing(role: Role | None, administrator: User, sign_in: SignIn) -> None:
    make_rows(administrator)
    browser = sign_in(make_person("steve", role, is_staff=True))

    assert b"have permission to view or edit anything" in browser.get(reverse("admin:index")).content
    for model in OURS:
        first = model._default_manager.first()
        assert first is not None
        for address in (page(model, "changelist"), page(model, "change", first.pk), page(model, "history", first.pk)):
            assert browser.get(address).status_code == 403, address


def test_an_administrator_without_the_staff_flag_is_asked_to_sign_in(sign_in: SignIn) -> None:
    browser = sign_in(make_person("ann", Role.ADMINISTRATOR))

    answer = browser.get(page(Client, "changelist"))

    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_a_superuser_may_enter_without_any_group(sign_in: SignIn) -> None:
    browser = sign_in(make_person("root", is_staff=True, is_superuser=True))

    assert browser.get(page(Client, "changelist")).status_code == 200


def test_every_table_of_ours_asks_for_the_role() -> None:
    for model, table in admin.site._registry.items():
        if model._meta.app_label in {"clients", "phones"}:
            assert isinstance(table, AdministratorsOnly), model


def test_groups_are_not_for_changing_because_they_are_the_roles() -> None:
    assert not admin.site.is_registered(Group)


# --- Lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", OURS)
def test_a_list_asks_the_database_no_more_for_more_rows(desk: Browser, administrator: User, model: type[Any]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert desk.get(page(model, "changelist")).status_code == 200
        return len(captured)

    make_rows(administrator)
    make_rows(administrator)
    for_few = queries()
    for _ in range(8):
        make_rows(administrator)

    assert queries() == for_few


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


@pytest.mark.parametrize("model", [SyncRun, SyncFailure, LogEntry, SignupLink, StatusLink, SignupAttempt])
def test_records_are_neither_added_changed_nor_deleted(desk: Browser, administrator: User, model: type[Any]) -> None:
    make_rows(administrator)
    row = model.objects.first()

    assert desk.get(page(model, "add")).status_code == 403
    assert desk.post(page(model, "change", row.pk), {}).status_code == 403
    assert desk.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [SignupLink, StatusLink])
def test_no_page_shows_the_secret_of_a_link(desk: Browser, administrator: User, model: type[Any]) -> None:
    make_rows(administrator)
    link = model.objects.get()

    for address in (page(model, "changelist"), page(model, "change", link.pk), page(model, "history", link.pk)):
        shown = desk.get(address).content.decode()
        for secret in (token_of(link), link.token_sealed, link.token_digest):
            assert secret not in shown


def test_no_page_shows_which_browser_a_signup_is_bound_to(desk: Browser) -> None:
    attempt = make_attempt(browser_digest="b" * 64)

    assert "b" * 64 not in desk.get(page(SignupAttempt, "change", attempt.pk)).content.decode()


@pytest.mark.parametrize("model", [Waba, Portfolio])
def test_what_comes_from_meta_is_neither_added_nor_deleted_by_hand(
    desk: Browser, administrator: User, model: type[Any]
) -> None:
    make_rows(administrator)
    row = model.objects.first()

    assert desk.get(page(model, "add")).status_code == 403
    assert desk.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


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
