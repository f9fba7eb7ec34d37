"""The administrators' back office for people, clients, WABAs and credentials."""

import sys
import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.signals import got_request_exception
from django.db import connection, models
from django.http import HttpRequest
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.views.debug import ExceptionReporter

from clients.admin.access import AdministratorsOnly
from clients.choices import CredentialState, Role
from clients.models import Client, Credential, Portfolio, SyncFailure, SyncRun, User, Waba
from tests.conftest import SignIn
from tests.factories import TOKEN, make_client, make_credential, make_person, make_portfolio, make_waba

pytestmark = pytest.mark.django_db

NEW_TOKEN = "EAAnewtokennewtokennewtoken9999"
OURS = [Client, Credential, LogEntry, Portfolio, SyncFailure, SyncRun, User, Waba]


def page(model: type[models.Model], name: str, *arguments: object) -> str:
    """The address of an admin page of `model`."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


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
    LogEntry.objects.log_actions(actor.pk, [client], 2, "Changed.", single_object=True)


@pytest.fixture
def desk(administrator: User, sign_in: SignIn) -> Browser:
    """The browser of Ada, who administers the desk."""
    return sign_in(administrator)


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


@pytest.mark.parametrize("model", [SyncRun, SyncFailure, LogEntry])
def test_records_are_neither_added_changed_nor_deleted(desk: Browser, administrator: User, model: type[Any]) -> None:
    make_rows(administrator)
    row = model.objects.first()

    assert desk.get(page(model, "add")).status_code == 403
    assert desk.post(page(model, "change", row.pk), {}).status_code == 403
    assert desk.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


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


# --- Clients ----------------------------------------------------------------------------------------------------------


def test_a_client_gets_name_owner_and_cover_and_the_log_says_from_what_to_what(
    desk: Browser, account_manager: User, covering_manager: User
) -> None:
    client = make_client("Old")

    desk.post(
        page(Client, "change", client.pk),
        {"name": "New", "owner": account_manager.pk, "cover": covering_manager.pk},
    )

    client.refresh_from_db()
    assert (client.name, client.owner, client.cover) == ("New", account_manager, covering_manager)
    said = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert said == ["Name: Old → New.", "Owner: nobody → alice. Cover: nobody → carol."]


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

    assert b"someone else than the owner" in answer.content


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


# --- Credentials ------------------------------------------------------------------------------------------------------


def credential_form(**values: object) -> dict[str, object]:
    return {"label": "Partner", "kind": "system_user", "business_id": "123", "new_token": "", **values}


def everything_said(browser: Browser, credential: Credential) -> str:
    """Every admin page that shows something of a credential, and the whole log."""
    pages = [
        page(Credential, "changelist"),
        page(Credential, "change", credential.pk),
        page(Credential, "history", credential.pk),
        page(Credential, "delete", credential.pk),
        page(LogEntry, "changelist"),
        reverse("admin:index"),
    ]
    log = str(list(LogEntry.objects.values()))
    return "".join(browser.get(address).content.decode() for address in pages) + log


def test_a_token_goes_in_and_never_comes_out(desk: Browser) -> None:
    desk.post(page(Credential, "add"), credential_form(new_token=f" {NEW_TOKEN} "))

    credential = Credential.objects.get()
    assert credential.open_token() == NEW_TOKEN
    said = everything_said(desk, credential)
    assert NEW_TOKEN not in said
    assert credential.token_sealed not in said
    assert str(credential.secret_uid) not in said
    assert "…9999" in said


def test_an_empty_field_keeps_the_stored_token(desk: Browser) -> None:
    credential = make_credential()

    desk.post(page(Credential, "change", credential.pk), credential_form(label="Renamed"))

    credential.refresh_from_db()
    assert (credential.label, credential.open_token()) == ("Renamed", TOKEN)
    assert credential.state == CredentialState.WORKING


def test_a_new_token_replaces_the_old_one_and_is_untried(desk: Browser) -> None:
    credential = make_credential(state=CredentialState.DEAD)

    desk.post(page(Credential, "change", credential.pk), credential_form(new_token=NEW_TOKEN))

    credential.refresh_from_db()
    assert credential.open_token() == NEW_TOKEN
    assert credential.state == CredentialState.UNTRIED
    assert NEW_TOKEN not in everything_said(desk, credential)


def test_a_refused_token_is_not_repeated_on_the_page(desk: Browser) -> None:
    answer = desk.post(page(Credential, "add"), credential_form(new_token="EAA with a blank in it"))

    assert answer.status_code == 200
    assert b"not a token" in answer.content
    assert b"with a blank" not in answer.content
    assert not Credential.objects.exists()


def test_the_token_field_is_a_password_field_that_no_browser_fills_in(desk: Browser) -> None:
    content = desk.get(page(Credential, "change", make_credential().pk)).content.decode()

    (field,) = [line for line in content.split("<input")[1:] if 'name="new_token"' in line]
    assert 'type="password"' in field
    assert 'autocomplete="off"' in field
    assert "value=" not in field.split(">")[0]


def test_a_new_credential_needs_a_token(desk: Browser) -> None:
    assert desk.post(page(Credential, "add"), credential_form()).status_code == 200
    assert not Credential.objects.exists()


def test_the_environments_token_is_not_changed_here(desk: Browser) -> None:
    credential = make_credential(from_environment=True, business_id="42")

    desk.post(page(Credential, "change", credential.pk), credential_form(new_token=NEW_TOKEN))

    credential.refresh_from_db()
    assert credential.open_token() == TOKEN
    assert credential.business_id == "42"


def test_what_the_desk_found_out_about_a_token_is_not_for_changing(desk: Browser) -> None:
    credential = make_credential(state=CredentialState.DEAD)
    forged = {"state": "working", "token_sealed": "forged", "token_last_four": "0000", "from_environment": "on"}

    desk.post(page(Credential, "change", credential.pk), credential_form(**forged))

    credential.refresh_from_db()
    assert credential.state == CredentialState.DEAD
    assert credential.open_token() == TOKEN
    assert not credential.from_environment


def test_a_business_id_is_digits(desk: Browser) -> None:
    answer = desk.post(page(Credential, "add"), credential_form(new_token=NEW_TOKEN, business_id="12 a"))

    assert b"digits only" in answer.content


def test_an_error_report_of_a_broken_page_does_not_hold_the_token(
    desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports: list[str] = []

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError

    def report(sender: object, request: HttpRequest, **_: object) -> None:
        reports.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_text())

    monkeypatch.setattr(Credential, "store_token", break_down)
    desk.raise_request_exception = False
    got_request_exception.connect(report)
    try:
        answer = desk.post(page(Credential, "add"), credential_form(new_token=NEW_TOKEN))
    finally:
        got_request_exception.disconnect(report)

    assert answer.status_code == 500
    assert len(reports) == 1
    assert NEW_TOKEN not in reports[0]


# --- People -----------------------------------------------------------------------------------------------------------


def person_form(person: User, **values: object) -> dict[str, object]:
    return {
        "username": person.username,
        "first_name": "",
        "last_name": "",
        "email": "",
        "is_active": "on",
        "last_login_0": "",
        "last_login_1": "",
        **values,
    }


def test_a_role_is_given_as_a_group(desk: Browser, stranger: User) -> None:
    lead = Group.objects.get(name=Role.TEAM_LEAD)

    desk.post(page(User, "change", stranger.pk), person_form(stranger, groups=[lead.pk]))

    assert list(stranger.groups.all()) == [lead]
    assert b"Team lead" in desk.get(page(User, "changelist")).content


def test_a_person_is_added_with_a_password(desk: Browser) -> None:
    sent = {
        "username": "nina",
        "usable_password": "true",
        "password1": "a-long-enough-one",
        "password2": "a-long-enough-one",
    }

    desk.post(page(User, "add"), sent)

    assert User.objects.get(username="nina").check_password("a-long-enough-one")


def test_nobody_is_deleted_because_the_record_of_their_deeds_would_go_too(desk: Browser, stranger: User) -> None:
    assert desk.post(page(User, "delete", stranger.pk), {"post": "yes"}).status_code == 403
    desk.post(
        page(User, "changelist"),
        {"action": "delete_selected", "_selected_action": [stranger.pk], "post": "yes"},
    )

    assert User.objects.filter(pk=stranger.pk).exists()


def test_an_administrator_makes_nobody_a_superuser_and_touches_none(desk: Browser, administrator: User) -> None:
    root = make_person("root", is_superuser=True)

    desk.post(page(User, "change", administrator.pk), person_form(administrator, is_staff="on", is_superuser="on"))
    touched = desk.post(page(User, "change", root.pk), person_form(root, username="mine"))
    taken_over = desk.post(
        reverse("admin:auth_user_password_change", args=[root.pk]), {"password1": NEW_TOKEN, "password2": NEW_TOKEN}
    )

    assert (touched.status_code, taken_over.status_code) == (403, 403)
    administrator.refresh_from_db()
    assert not administrator.is_superuser


def test_whoever_is_deactivated_is_signed_out_at_once(desk: Browser, team_lead: User, sign_in: SignIn) -> None:
    theirs = sign_in(team_lead)
    desk.post(page(User, "change", team_lead.pk), person_form(team_lead, is_active=""))

    answer = theirs.get("/login/")

    assert not answer.wsgi_request.user.is_authenticated
