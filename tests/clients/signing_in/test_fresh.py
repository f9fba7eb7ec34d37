"""Who has not shown lately who they are is asked before what would do harm, and returns to where they were."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Client, User
from clients.signing_in.account_adapter import AccountAdapter
from phones.actions.number import fingerprint
from phones.approvals import decide
from phones.bulk_choices import BulkKind, BulkState
from phones.models import Approval, BulkRun, PhoneNumber, Pin
from tests.clients.signing_in.browsers import code_of, stale, typed_in, with_app
from tests.conftest import SignIn
from tests.factories import PASSWORD, make_credential


@pytest.fixture
def ada(administrator: User, sign_in: SignIn) -> Browser:
    return stale(sign_in(administrator))


def test_what_would_do_harm_asks_first_and_leads_back(
    ada: Browser,
    administrator: User,
    account_manager: User,
    alices_client: Client,
    alices_number: PhoneNumber,
    viewer: User,
) -> None:
    number = f"/phones/{alices_number.phone_number_id}"
    Pin.objects.create(number=alices_number, created_at=alices_number.first_seen_at)
    run = BulkRun.objects.create(
        kind=BulkKind.REGISTER,
        state=BulkState.DRAFT,
        requested_by=administrator,
        chosen=1,
        total=1,
        created_at=alices_number.first_seen_at,
    )
    credential = make_credential()
    waiting = decide.ask_to_deregister(
        number=alices_number,
        person=account_manager,
        key=Approval().key,
        seen=fingerprint(alices_number),
        override_reason="",
    )
    # What is asked for, and where it leads then.
    asked = {
        ("get", f"{number}/confirm/deregister/"): f"{number}/confirm/deregister/",
        ("post", f"{number}/deregister/"): f"{number}/confirm/deregister/",
        ("get", f"{number}/confirm/pin/"): f"{number}/confirm/pin/",
        ("post", reverse("phones:reveal-pin", args=[alices_number.phone_number_id])): f"{number}/",
        ("get", f"/clients/{alices_client.pk}/connect/"): f"/clients/{alices_client.pk}/connect/",
        ("get", reverse("phones:callback")): reverse("phones:callback"),
        ("get", f"/bulk/{run.pk}/"): f"/bulk/{run.pk}/",
        ("post", f"/bulk/{run.pk}/start/"): f"/bulk/{run.pk}/",
        ("get", f"/people/{viewer.pk}/"): None,
        ("post", f"/people/{viewer.pk}/"): None,
        ("post", f"/approvals/{waiting.pk}/approve/"): f"/approvals/{waiting.pk}/",
        ("get", f"/admin/clients/credential/{credential.pk}/change/"): None,
        ("post", "/admin/clients/credential/add/"): None,
        ("post", f"/admin/clients/user/{viewer.pk}/change/"): None,
        ("post", f"/admin/clients/user/{viewer.pk}/password/"): None,
        ("get", "/phones/export.csv"): "/phones/",
        ("get", "/clients/export.xlsx"): "/clients/",
    }
    for (method, address), back in asked.items():
        answer = getattr(ada, method)(address)
        assert answer.status_code == 302, address
        assert answer["Location"] == f"/account/again/?next={back or address}".replace("/", "%2F").replace(
            "%2Faccount%2Fagain%2F", "/account/again/"
        ), address
    assert ada.get("/phones/export.csv?quality_rating=RED").status_code == 200, "not everything"
    assert ada.get("/phones/").status_code == 200

    again = ada.get(f"{number}/confirm/deregister/")["Location"]
    assert ada.post(again, {"password": "wrong"}).status_code == 200
    assert ada.post(again, {"password": PASSWORD})["Location"] == f"{number}/confirm/deregister/"
    for method, address in list(asked)[::5]:
        assert "/account/again/" not in getattr(ada, method)(address).get("Location", ""), address


def test_a_code_is_as_good_as_a_password_and_no_other_site_is_led_to(ada: Browser, administrator: User) -> None:
    with_app(administrator)
    page = ada.get("/account/again/?next=/clients/").content.decode()
    assert "/account/again/code/?next=%2Fclients%2F" in page

    led_away = ada.post("/account/again/code/?next=https://evil.example/", {"code": code_of()})

    assert led_away["Location"] == "/"
    assert ada.get("/account/app/remove/").status_code == 200


def test_htmx_and_scripts_are_led_as_a_whole_page(ada: Browser) -> None:
    by_htmx = ada.get("/phones/export.csv", headers={"hx-request": "true"})
    by_script = ada.get("/phones/export.csv", headers={"accept": "application/json"})

    assert by_htmx["HX-Redirect"] == "/account/again/?next=%2Fphones%2F"
    assert (by_script.status_code, by_script.json()["location"]) == (403, "/account/again/?next=%2Fphones%2F")


def test_who_shows_again_who_they_are_goes_on_under_a_new_session_id(administrator: User) -> None:
    ada = typed_in("ada")
    with_app(administrator)
    for address, typed in (("/account/again/", {"password": PASSWORD}), ("/account/again/code/", {"code": code_of()})):
        before = Browser()
        before.cookies["session"] = stale(ada).cookies["session"].value
        assert before.get("/").status_code == 200
        assert ada.post(f"{address}?next=/clients/", typed)["Location"] == "/clients/"
        assert before.get("/")["Location"].startswith("/login/")
        assert ada.get("/").status_code == 200
        assert UserSession.objects.filter(user=administrator).values_list("session_key", flat=True).get() == (
            ada.cookies["session"].value
        )


def test_who_has_a_passkey_and_no_app_is_asked_for_the_passkey_and_a_recovery_code_comes_last(
    administrator: User,
) -> None:
    for kind in (Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=administrator, type=kind, data={"name": "Laptop", "credential": {}})
    ways = AccountAdapter().get_reauthentication_methods(administrator)
    assert [way["description"] for way in ways] == ["your password", "a passkey", "a recovery code"]

    administrator.set_unusable_password()
    ways = AccountAdapter().get_reauthentication_methods(administrator)
    assert [way["description"] for way in ways] == ["a passkey", "a recovery code"]
