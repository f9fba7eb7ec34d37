"""Credentials in the admin: a token goes in and never comes out."""

import sys

import pytest
from django.contrib.admin.models import LogEntry
from django.core.signals import got_request_exception
from django.http import HttpRequest
from django.test import Client as Browser
from django.urls import reverse
from django.views.debug import ExceptionReporter

from clients.choices import CredentialState
from clients.models import Credential
from tests.back_office import page
from tests.factories import TOKEN, make_credential

pytestmark = pytest.mark.django_db

NEW_TOKEN = "EAAnewtokennewtokennewtoken9999"


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
