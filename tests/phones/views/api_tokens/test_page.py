"""The page of API tokens: making one, seeing it once, revoking it, and services; and the page about the API."""

import re

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients import api_tokens
from clients.choices import Role
from clients.models import ApiToken, Client, User
from tests.conftest import SignIn
from tests.phones.api.asking import Program

pytestmark = pytest.mark.django_db
NEW = {"name": "ERP", "scope": "read", "days": "30"}


def test_a_token_is_shown_once_and_works_until_it_is_revoked(
    account_manager: User, alices_client: Client, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    made = browser.post("/api-tokens/", {**NEW, "clients": [alices_client.pk], "requests_a_minute": "7"})
    found = re.search(r"ndk_[\w-]+", made.content.decode())
    assert found
    token = ApiToken.objects.get()
    assert (token.client_names, token.requests_a_minute) == (["Alpha Bakery"], 7)
    asking = Browser(headers={"authorization": f"Bearer {found[0]}"})
    assert asking.get("/api/v1/clients").json()["data"][0]["client"] == "Alpha Bakery"

    page = browser.get("/api-tokens/").content.decode()
    assert found[0] not in page
    assert token.prefix in page
    browser.post(f"/api-tokens/{token.pk}/revoke/")
    assert asking.get("/api/v1/clients").status_code == 401
    assert "Revoked" in browser.get("/api-tokens/").content.decode()


def test_clients_of_others_and_scopes_beyond_the_role_can_not_be_chosen(
    viewer: User, foreign_client: Client, sign_in: SignIn
) -> None:
    browser = sign_in(viewer)
    for more in ({"clients": [str(foreign_client.pk)]}, {"scope": "work"}, {"days": "0"}, {"name": ""}):
        assert browser.post("/api-tokens/", {**NEW, **more}).status_code == 422, more
    assert not ApiToken.objects.exists()


def test_who_manages_people_sees_and_revokes_their_tokens_and_nobody_else_does(
    account_manager: User, other_manager: User, team_lead: User, sign_in: SignIn
) -> None:
    program = Program(account_manager)
    otto, tess = sign_in(other_manager), sign_in(team_lead)
    assert program.token.prefix not in otto.get("/api-tokens/").content.decode()
    assert otto.post(f"/api-tokens/{program.token.pk}/revoke/").status_code == 404
    assert program.token.prefix in tess.get("/api-tokens/").content.decode()

    tess.post(f"/api-tokens/{program.token.pk}/revoke/")
    assert program.get("pool").status_code == 401


def test_tokens_that_work_stand_before_those_that_do_not(account_manager: User, sign_in: SignIn) -> None:
    working, revoked = Program(account_manager).token, Program(account_manager).token
    api_tokens.revoke(revoked, actor=account_manager)

    page = sign_in(account_manager).get("/api-tokens/").content.decode()

    assert page.index(working.prefix) < page.index(revoked.prefix)


def test_an_administrator_makes_a_service_and_its_token(administrator: User, team_lead: User, sign_in: SignIn) -> None:
    service = {"username": "erp", "role": Role.AUDITOR.value}
    assert sign_in(team_lead).post("/api-tokens/services/", service).status_code == 403
    ada = sign_in(administrator)
    ada.post("/api-tokens/services/", service)
    for wrong in ({"username": "ERP"}, {"username": "a b"}, {"username": ""}, {"role": "King"}):
        ada.post("/api-tokens/services/", {**service, **wrong})
    made = User.objects.get(is_service=True)

    page = ada.post("/api-tokens/", {**NEW, "person": made.pk}).content.decode()

    assert "ndk_" in page
    assert ApiToken.objects.get().person == made
    assert "service" in ada.get("/api-tokens/").content.decode()


def test_many_tokens_take_no_more_statements_than_one(
    administrator: User, alices_client: Client, sign_in: SignIn
) -> None:
    ada = sign_in(administrator)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert ada.get("/api-tokens/").status_code == 200
        return len(asked)

    Program(administrator)
    statements()
    few = statements()
    for _ in range(5):
        Program(administrator)
    assert statements() == few <= 12


def test_the_page_about_the_api_names_every_address_and_its_description_is_a_file(
    account_manager: User, stranger: User, sign_in: SignIn
) -> None:
    browser = sign_in(account_manager)
    described = browser.get("/api/v1/openapi.json").json()
    page = browser.get("/api/v1/docs").content.decode()

    for path, methods in described["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page
    assert sign_in(stranger).get("/api/v1/docs").status_code == 403
    assert Browser().get("/api/v1/docs").status_code == 302
