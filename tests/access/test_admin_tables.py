"""The admin's tables, all of them: each has a page or a reason to have none, for administrators, within few statements.

No page shows a secret, and what is a record is neither made, changed nor deleted by hand.
"""

import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from clients.admin.access import AdministratorsOnly
from clients.choices import Role
from clients.models import (
    ApiToken,
    ApiTokenClient,
    AuditEntry,
    AuditSeal,
    Client,
    Credential,
    FactorSecret,
    ListPreference,
    Portfolio,
    SavedView,
    User,
    Waba,
)
from phones.models import Note, NumberAge, NumberCount, SeenChange
from portal.fields import SealedTextField
from tests.access.admin_rows import make_rows
from tests.access.asking import nothing_rendered
from tests.access.world import ALICE, World, ids_of
from tests.back_office import page
from tests.conftest import SignIn
from tests.factories import make_client, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access of tables")]

WITHOUT_PAGE: dict[type[Model], str] = {
    ListPreference: "which columns one person has in one list, chosen in the list and of interest to nobody else",
    SeenChange: "which changes one person has acknowledged one by one, of interest to nobody else",
    NumberAge: "when each number was read, on the page of the number",
    NumberCount: "sums that lists and the desk show, which `kept_counts` compares with a count",
    AuditEntry: "the desk has a page of it, where nothing can be changed",
    AuditSeal: "the chain over the audit log, which `verify_audit_log` checks",
    **dict.fromkeys((ApiToken, ApiTokenClient), "the desk has a page of them, where they are made and revoked"),
    Group: "the roles and nothing else; a person's are on the page of that person",
    Permission: "nobody's rights are Django's permissions",
    ContentType: "Django's own list of tables",
    Session: "a key of one signs its bearer in",
    UserSession: "likewise; people have theirs on the page of their login",
    Authenticator: "public keys, and the ids of secrets; an administrator removes a person's on the page of people",
    FactorSecret: "a secret and nothing else",
    **dict.fromkeys((EmailAddress, EmailConfirmation), "allauth's own, and empty: a person's address is on their page"),
    **dict.fromkeys((SocialApp, SocialToken), "allauth's own, and empty: the provider is in the settings"),
    SocialAccount: "who is who at the provider of single sign-on, with what it says of them",
}
ADDED, CHANGED, DELETED = {Client, Credential, User}, {Client, Credential, User, Portfolio, Waba}, {Client, Credential}
MOST_STATEMENTS = 12
SECRET_COLUMNS = {"secret_uid", "token_digest", "browser_digest", "lease_token", "lines", "password", "name_digest"}


def secrets_of(row: Model) -> list[str]:
    """What of the row's columns no page may show."""
    names = [
        field.attname
        for field in row._meta.concrete_fields
        if isinstance(field, SealedTextField) or field.attname in SECRET_COLUMNS
    ]
    values = [value for name in names if (value := getattr(row, name))]
    return [str(value[0] if isinstance(value, list) else value) for value in values]


def newest_of(model: type[Any]) -> Any:
    row = model._base_manager.order_by("pk").last()
    assert row is not None, f"tests/access/admin_rows.py makes no row of {model.__name__}"
    return row


@pytest.fixture(scope="module")
def ada(world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """An administrator, and a row in every table, for all tests of this module; a saved view is hers."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_rows(world.people["ada"])
        yield world.people["ada"]
        transaction.set_rollback(True)


@pytest.fixture
def desk(ada: User, world: World) -> Browser:
    return world.browsers[ada.username]


@pytest.fixture
def _no_list_of_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of the admin has it at its side, and it takes longer than the rest of the page."""
    monkeypatch.setattr(admin.site, "get_app_list", lambda *_arguments: [])


def test_every_table_has_a_page_that_asks_for_the_role_or_a_reason_to_have_none() -> None:
    tables = admin.site._registry

    assert set(apps.get_models()) == {*tables, *WITHOUT_PAGE}
    assert not tables.keys() & WITHOUT_PAGE
    assert all(isinstance(table, AdministratorsOnly) for table in tables.values())


@pytest.mark.usefixtures("_no_list_of_tables")
def test_every_table_and_row_opens_within_few_statements_and_shows_no_secret(desk: Browser, ada: User) -> None:
    def statements(model: type[Any], name: str, *arguments: object, **query: str) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as captured:
            answer = desk.get(page(model, name, *arguments), query)
        assert answer.status_code == 200, (model, name)
        return len(captured), answer.content.decode()

    for_few = {}
    statements(Client, "history", newest_of(Client).pk)
    for model in admin.site._registry:
        row = newest_of(model)
        for_few[model], shown = statements(model, "changelist", q="a")
        of_row, of_it = statements(model, "change", row.pk)
        assert of_row <= MOST_STATEMENTS, (model, of_row)
        assert for_few[model] <= MOST_STATEMENTS, (model, for_few[model])
        for secret in secrets_of(row):
            assert secret not in shown + of_it, (model, secret)
    make_rows(ada)
    for model, few in for_few.items():
        assert statements(model, "changelist", q="a")[0] == few, model


def test_a_staff_flag_opens_no_table_to_another_role(ada: User, sign_in: SignIn) -> None:
    """Of who has no role at all, `test_routes.py` asks the same."""
    roles = (Role.TEAM_LEAD, Role.ACCOUNT_MANAGER, Role.VIEWER)
    browsers = [sign_in(make_person(f"steve {role}", role, is_staff=True)) for role in roles]
    for browser in browsers:
        assert b"have permission to view or edit anything" in browser.get(reverse("admin:index")).content
    with nothing_rendered():
        for model, browser in zip(admin.site._registry, itertools.cycle(browsers), strict=False):
            assert browser.get(page(model, "changelist")).status_code == 403, model
            assert browser.get(page(model, "change", newest_of(model).pk)).status_code == 403, model


def test_a_record_is_neither_made_nor_changed_nor_deleted_by_hand(desk: Browser) -> None:
    with nothing_rendered():
        for model in admin.site._registry:
            row = newest_of(model)
            if model not in ADDED:
                assert desk.post(page(model, "add"), {}).status_code == 403, model
            if model not in CHANGED:
                assert desk.post(page(model, "change", row.pk), {}).status_code == 403, model
            if model not in DELETED:
                assert desk.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403, model
    many = {"action": "delete_selected", "_selected_action": [newest_of(Note).pk], "post": "yes"}
    desk.post(page(Note, "changelist"), many)
    assert Note.objects.filter(pk__in=many["_selected_action"]).exists()


def test_a_client_is_deleted_with_its_labels_and_counts_but_not_with_notes(desk: Browser) -> None:
    client = make_client("Alone")
    with_all = Client.objects.get(pk=ids_of(ALICE)["client"])
    with_all.client_labels.update(client=client)
    with_all.watches.update(client=client)
    with_all.daily_counts.update(client=client)
    with_all.counts.update(client=client)
    note = Note.objects.filter(client=with_all).first()
    assert note is not None
    Note.objects.filter(pk=note.pk).update(client=client)

    desk.post(page(Client, "delete", client.pk), {"post": "yes"})
    assert Client.objects.filter(pk=client.pk).exists()
    Note.objects.filter(pk=note.pk).update(client=with_all)
    desk.post(page(Client, "delete", client.pk), {"post": "yes"})
    assert not Client.objects.filter(pk=client.pk).exists()


def test_a_view_that_somebody_keeps_for_themselves_is_theirs_alone(desk: Browser, world: World) -> None:
    views = [
        SavedView.objects.create(
            owner=world.people["alice"],
            list_name="numbers",
            name=name,
            slug=uuid.uuid4().hex,
            is_shared=name == "Shared",
        )
        for name in ("Shared", "Own")
    ]

    listed = {view.name for view in desk.get(page(SavedView, "changelist")).context["cl"].result_list}
    assert listed & {view.name for view in views} == {"Shared"}
    assert desk.get(page(SavedView, "change", views[1].pk)).status_code == 302


def test_a_time_zone_that_there_is_not_is_refused(desk: Browser, world: World) -> None:
    text = desk.post(page(User, "change", world.people["alice"].pk), {"time_zone": "Mars/Base"}).content.decode()

    assert "There is no such time zone." in text
