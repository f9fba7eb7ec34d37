"""The audit log: what is written, by whom, about what, from where, and that nothing in it can be changed."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse
from pytest_django import Settings

from clients import audit
from clients.audit import chain
from clients.choices import AuditKind, Role
from clients.clients import rename_client
from clients.links import make_status_link, token_of
from clients.models import AuditEntry, Client, User
from clients.models.audit import AppendOnlyError
from clients.signing_in.session_store import SessionStore
from phones.actions import pins
from phones.models import Action, PhoneNumber
from tests.access.asking import text_of
from tests.back_office import page
from tests.clients.test_admin_people import person_form
from tests.conftest import SignIn
from tests.factories import PASSWORD, make_number
from tests.phones.acting import UNVERIFIED, do

pytestmark = pytest.mark.django_db


def lines(**columns: Any) -> list[tuple[str, str, str]]:
    """Who, what and what came of it, the oldest first."""
    found = AuditEntry.objects.filter(**columns).order_by("pk")
    return [(line.actor_name, line.what, line.outcome) for line in found]


def test_signing_in_and_out_and_wrong_passwords_are_written_with_the_address_and_without_what_was_typed(
    account_manager: User, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    browser = Browser(headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    browser.post("/login/", {"username": "MyPassword123", "password": "wrong"})
    browser.post("/login/", {"username": "alice", "password": "wrong"})
    browser.post("/login/", {"username": "alice", "password": PASSWORD})
    browser.post("/logout/")

    signed = AuditEntry.objects.filter(kind=AuditKind.SIGN_IN).order_by("pk")
    assert [(line.actor_name, line.object_name, line.what, line.outcome) for line in signed] == [
        ("", "", "A wrong password or code. Signing in.", "failed"),
        ("", "alice", "A wrong password or code. Signing in.", "failed"),
        ("alice", "alice", "Signed in.", "done"),
        ("alice", "alice", "Signed out.", "done"),
    ]
    assert {line.address for line in signed} == {"203.0.113.9"}
    assert re.fullmatch("[0-9a-f]{8}", signed[0].details["unknown_name"])
    assert "MyPassword123" not in str(list(AuditEntry.objects.values()))


def test_a_refusal_names_the_person_and_the_address_and_neither_secret_nor_control_character(
    viewer: User, sign_in: SignIn
) -> None:
    sign_in(viewer).get("/events/")
    sign_in(viewer).post(reverse("phones:sync-start"), {"scope": "everything"})

    assert lines(kind=AuditKind.REFUSAL) == [
        ("vera", "Was refused: GET /events/", "refused"),
        ("vera", "Was refused: POST /syncs/start/", "refused"),
    ]
    token = "EAAsecretsecretsecret1234"
    details = {"token": token, "note": ["a\x00b\u2028"]}
    line = audit.entry(AuditKind.CHANGE, f"Line\none \u202e{token}", actor=viewer, details=details)
    line.refresh_from_db()
    assert line.what == "Line\\u000aone \\u202e[redacted]"
    assert line.details == {"token": "[redacted]", "note": ["a\\x00b\\u2028"]}


def test_files_are_written_with_their_query_and_count_and_reveals_and_actions_with_what_they_are_about(
    team_lead: User, sign_in: SignIn, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    browser = sign_in(team_lead)
    text_of(browser.get("/phones/export.csv?q=alpha"))
    text_of(browser.get("/clients/export.xlsx"))
    chosen = {"ids": [alices_number.pk], "query": "/phones/?sort=client", "as": "csv"}
    text_of(browser.post(reverse("phones:export-chosen"), chosen))

    exports = AuditEntry.objects.filter(kind=AuditKind.EXPORT, actor=team_lead).order_by("pk")
    assert [(line.what, line.details["query"]) for line in exports] == [
        ("Took “numbers” as CSV: 1 row.", "q=alpha"),
        ("Took “clients” as Excel: 2 rows.", ""),
        ("Took “numbers” as CSV: 1 row.", exports[2].details["query"]),
    ]
    assert exports[2].details["query"].startswith("sort=client&")
    assert exports[2].details["query"].endswith(" (ticked rows)")

    row = pins.keep(number=alices_number, pin="493817", user=team_lead, generated=False)
    browser.post(reverse("phones:reveal-pin", args=[alices_number.phone_number_id]), {"reason": "The client asks"})
    assert pins.opened(row) == "493817"
    shown = AuditEntry.objects.get(kind=AuditKind.REVEAL)
    assert (shown.actor_name, shown.client_name) == ("tess", "Alpha Bakery")
    assert shown.details == {"reason": "The client asks"}

    number = make_number(alices_number.waba, **UNVERIFIED)
    do(browser, number, "request-code", code_method="SMS", language="en_US")
    pointed = AuditEntry.objects.get(kind=AuditKind.ACTION)
    assert (pointed.object_type, pointed.object_id) == ("phones.phonenumber", str(number.pk))
    assert Action.objects.get(pk=pointed.details["action"]).requested_by == team_lead
    assert "493817" not in str(list(AuditEntry.objects.values()))


def test_asking_for_what_is_not_there_or_somebody_elses_is_written_alike_and_a_mistyped_page_is_not(
    account_manager: User, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    addresses = [f"/phones/{foreign_number.phone_number_id}/", "/phones/4711/"]
    for address in (*addresses, "/phone/", "/signup/status/no-such-link/"):
        assert browser.get(address).status_code == 404

    said = AuditEntry.objects.filter(kind=AuditKind.REFUSAL).order_by("pk")
    assert [(line.actor_name, line.outcome, line.what, line.client_name) for line in said] == [
        ("alice", "refused", f"Asked for what is not there, or not theirs: GET {address}", "") for address in addresses
    ]


def test_naming_in_a_form_what_is_not_there_or_somebody_elses_is_written_alike(
    account_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    browser, link = sign_in(account_manager), make_status_link(client=foreign_number.waba.client, actor=account_manager)
    ticked = {"query": "/phones/", "as": "csv"}
    for client, number, pk in ((link.client_id, foreign_number.pk, link.pk), (4711, 4712, 4713)):
        browser.post("/syncs/start/", {"scope": "client", "id": client})
        browser.post("/phones/chosen/", {"ids": [alices_number.pk, number], **ticked})
        browser.post("/bulk/plan/", {"kind": "register", "ids": [number], **ticked})
        browser.post("/signup/attempts/revoke/", {"step": "confirm", "links": [pk]})
        label = {"ids": [alices_number.waba.client_id], "query": "/clients/", "step": "preview", "add_label": 4714}
        browser.post("/clients/assign/", label)
    browser.post("/phones/chosen/", {"ids": [alices_number.pk], **ticked})

    said = [what.partition("theirs: ")[2] for _, what, _ in lines(kind=AuditKind.REFUSAL)]
    assert said[:5] == said[5:]
    assert said[:5] == [
        "POST /syncs/start/",
        "POST /phones/chosen/ (ticked rows)",
        "POST /bulk/plan/ (ticked rows)",
        "POST /signup/attempts/revoke/ (links)",
        "POST /clients/assign/ (Label to put on them)",
    ]


def test_a_clients_link_is_written_when_it_is_made_and_once_a_day_for_each_address_that_opens_it(
    account_manager: User, alices_client: Client, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    link = make_status_link(client=alices_client, actor=account_manager)
    for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2"):
        answer = Browser(headers={"X-Forwarded-For": address}).get(f"/signup/status/{token_of(link)}/")
        assert answer.status_code == 200

    said = AuditEntry.objects.filter(kind=AuditKind.LINK, client=alices_client).order_by("pk")
    assert [(line.actor_name, line.what, line.address) for line in said] == [
        ("alice", "Made.", None),
        ("", "Opened.", "203.0.113.1"),
        ("", "Opened.", "203.0.113.2"),
    ]
    assert token_of(link) not in str(list(AuditEntry.objects.values()))


def test_what_decides_what_a_person_may_do_is_written_from_what_to_what_and_by_whom(
    desk: Browser, viewer: User
) -> None:
    lead = Group.objects.get(name=Role.TEAM_LEAD)

    desk.post(page(User, "change", viewer.pk), person_form(viewer, groups=[lead.pk], is_staff="on", is_active=""))

    access = lines(kind=AuditKind.ACCESS, actor__username="ada", object_id=str(viewer.pk))
    assert ("ada", "Role taken: Viewers.", "done") in access
    assert ("ada", "Role given: Team leads.", "done") in access
    assert any("is_active: True → False; is_staff: False → True" in what for _who, what, _outcome in access)
    assert any(what.startswith("In the admin: Changed") for _who, what, _outcome in lines(kind=AuditKind.CHANGE))


def test_a_line_is_there_only_with_what_it_is_about_and_is_logged_once_both_are(
    administrator: User,
    alices_client: Client,
    django_capture_on_commit_callbacks: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = AuditEntry.objects.count()
    with transaction.atomic():
        rename_client(client=alices_client, name="Other", actor=administrator)
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == before

    with caplog.at_level("INFO", logger="audit"), django_capture_on_commit_callbacks(execute=True):
        rename_client(client=alices_client, name="Other", actor=administrator)
    line = AuditEntry.objects.latest("pk")
    assert (line.what, line.client_name, line.object_type) == ("Name: Alpha Bakery → Other.", "Other", "clients.client")
    logged = next(record for record in caplog.records if record.name == "audit")
    assert "Name: Alpha Bakery → Other." in str(logged.msg)
    assert "ada" in str(logged.msg)


def test_nobody_changes_or_deletes_a_line_past_the_models_either(administrator: User) -> None:
    line = audit.entry(AuditKind.CHANGE, "Something.", actor=administrator)
    chain.seal()
    own = AuditEntry.objects.filter(pk=line.pk)
    plain: QuerySet[AuditEntry] = QuerySet(AuditEntry).filter(pk=line.pk)
    execute = connection.cursor().execute
    past_the_view: list[Callable[[], object]] = [
        line.save,
        line.delete,
        own.delete,
        lambda: own.update(what="Nothing."),
    ]
    for change in past_the_view:
        with pytest.raises(AppendOnlyError):
            change()
    past_the_models: list[Callable[[], object]] = [
        plain.delete,
        lambda: plain.update(what="Nothing."),
        lambda: execute("DELETE FROM clients_auditseal"),
        lambda: execute("UPDATE clients_auditseal SET hash = ''"),
    ]
    for change in past_the_models:
        with pytest.raises(DatabaseError, match="neither changed nor deleted"), transaction.atomic():
            change()
    assert chain.verify().problems == []


def test_the_page_finds_lines_by_person_kind_outcome_object_client_day_and_word_and_gives_them_as_a_file(
    desk: Browser, administrator: User, viewer: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    client = alices_number.waba.client
    sign_in(viewer).get("/events/")
    rename_client(client=client, name="=HYPERLINK(1)", actor=administrator)
    audit.entry(AuditKind.REVEAL, "=cmd|' /C calc'!A0", actor=administrator, about=alices_number)

    def found(query: str) -> list[str]:
        return [row.entry.what for row in desk.get(f"/audit/?{query}").context["list"].rows]

    refused, renamed, shown = "Was refused: GET /events/", "Name: Alpha Bakery → =HYPERLINK(1).", "=cmd|' /C calc'!A0"
    assert {refused, renamed, shown} <= set(found(""))
    assert refused in found("person=vera")
    assert renamed not in found("person=vera")
    assert found("kind=refusal&outcome=refused") == [refused]
    assert found(f"client={client.pk}&kind=change") == [renamed]
    assert found(f"object=phones.phonenumber:{alices_number.pk}") == [shown]
    assert found(f"q={alices_number.digits}") == [shown]
    assert set(found("q=127.0.0.1")) >= {refused}
    assert found("until=2020-01-01") == found("since=2999-01-01") == []
    assert "is no day" in desk.get("/audit/?since=tomorrow").content.decode()

    rows = list(csv.DictReader(io.StringIO(text_of(desk.get("/audit/export.csv?bom=0")))))
    assert f"'{shown}" in {row["what"] for row in rows}
    assert "'=HYPERLINK(1)" in {row["client"] for row in rows}
    assert lines(kind=AuditKind.EXPORT)[-1][1].startswith("Took “audit” as CSV: ")


def test_what_people_change_about_how_they_get_in_is_written(account_manager: User, rf: RequestFactory) -> None:
    request = rf.post("/")
    request.user, request.session = account_manager, SessionStore()
    for signal in (password_changed, password_reset, authenticator_added, authenticator_removed, authenticator_reset):
        signal.send(sender=User, request=request, user=account_manager, authenticator=None)

    assert [what for who, what, _outcome in lines(kind=AuditKind.SIGN_IN) if who == "alice"] == [
        "Changed their password.",
        "Set a new password through a link that was mailed.",
        "Added a second factor.",
        "Removed a second factor.",
        "Made new recovery codes.",
    ]
