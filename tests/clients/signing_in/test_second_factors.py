"""Authenticator apps and recovery codes, from setting one up to losing it. Passkeys are tried in a browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from clients.choices import AccountMailKind, AskedFor, Role
from clients.models import AccountMail, FactorSecret, PasswordAttempt, User
from tests.back_office import page
from tests.clients.signing_in.browsers import SECRET, code_of, typed_in, with_app
from tests.conftest import SignIn
from tests.factories import make_person


def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in_and_a_recovery_code_stands_in_for_it_once(
    account_manager: User, sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    browser = sign_in(account_manager)
    shown = browser.get("/account/app/").content.decode()
    secret = str(re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", shown)[1])  # type: ignore[index] # it is there
    assert secret not in str(dict(browser.session)), "it waits encrypted"
    assert "is not right" in browser.post("/account/app/", {"code": "000000"}).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        codes_page = browser.post("/account/app/", {"code": code_of(secret)}, follow=True).content.decode()

    codes = re.findall(r"<code>([0-9]{8})</code>", codes_page)
    assert len(codes) == 10
    kept = str(list(FactorSecret.objects.values())) + str(list(Authenticator.objects.values("data")))
    assert secret not in kept
    call_command("rotate_tokens", check=True)
    assert AccountMail.objects.get().kind == AccountMailKind.FACTOR_ADDED

    second = typed_in("alice", next="/clients/")
    assert second.get("/clients/").status_code == 302, "the password alone lets nobody in"
    assert second.post("/account/code/", {"code": code_of(secret)})["Location"] == "/clients/"
    used = typed_in("alice").post("/account/code/", {"code": code_of(secret)})
    assert (used.status_code, "not right" in used.content.decode()) == (200, True), "a code is good once"
    assert second.get("/clients/").status_code == 200
    assert typed_in("alice").post("/account/code/", {"code": codes[0]}).status_code == 302
    assert typed_in("alice").post("/account/code/", {"code": codes[0]}).status_code == 200
    assert "9 left" in second.get("/account/").content.decode()


def test_codes_wait_like_passwords_and_a_right_password_begins_no_new_count(account_manager: User) -> None:
    with_app(account_manager)

    tries = [typed_in("alice").post("/account/code/", {"code": "000000"}).status_code for _ in range(7)]

    assert tries == [200] * 5 + [429] * 2
    assert typed_in("alice").post("/account/code/", {"code": code_of()}).status_code == 429, "not looked at"
    assert PasswordAttempt.objects.filter(asked_for=AskedFor.SIGN_IN_CODE, outcome="wrong").count() == 5
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        browser = typed_in("alice")
        assert browser.post("/account/code/", {"code": code_of()}).status_code == 302


def test_who_does_not_go_on_to_the_second_factor_starts_over(account_manager: User) -> None:
    with_app(account_manager)
    browser = typed_in("alice")
    assert browser.get("/login/")["Location"] == "/account/code/"

    browser.post("/account/start-over/")

    assert browser.get("/login/").status_code == 200
    assert browser.get("/account/code/")["Location"] == "/login/"


def test_whose_role_needs_a_second_factor_gets_nowhere_before_they_have_one_and_keeps_the_last(
    administrator: User, viewer: User, sign_in: SignIn, settings: Settings
) -> None:
    settings.MFA_REQUIRED_ROLES = [Role.ADMINISTRATOR.value]
    ada, vera = sign_in(administrator), sign_in(viewer)

    for address in ("/", "/clients/", "/admin/", "/phones/export.csv"):
        assert ada.get(address)["Location"].startswith("/account/?next="), address
    assert ada.get("/phones/", headers={"hx-request": "true"})["HX-Redirect"].startswith("/account/?next=")
    assert ada.post("/phones/news/").headers.get("Location", "/account/").startswith("/account/")
    assert "Your role needs a second factor" in ada.get("/account/").content.decode()
    assert vera.get("/").status_code == 200

    ada.get("/account/app/")
    with_app(administrator)
    assert ada.get("/").status_code == 200
    ada.post("/account/app/remove/")
    assert Authenticator.objects.filter(user=administrator, type="totp").exists()
    settings.MFA_REQUIRED_ROLES = []
    ada.post("/account/app/remove/")
    assert not Authenticator.objects.exists()


def test_an_administrator_removes_lost_second_factors_which_ends_the_persons_sessions(
    desk: Browser, account_manager: User
) -> None:
    with_app(account_manager)
    theirs = typed_in("alice")
    theirs.post("/account/code/", {"code": code_of()})
    assert theirs.get("/").status_code == 200

    desk.post(page(User, "changelist"), {"action": "remove_second_factors", "_selected_action": [account_manager.pk]})

    assert theirs.get("/")["Location"].startswith("/login/")
    assert typed_in("alice").get("/").status_code == 200
    assert AccountMail.objects.filter(kind=AccountMailKind.FACTOR_REMOVED, person=account_manager).exists()


def test_a_secret_that_is_lost_lets_nobody_in_and_breaks_no_page(account_manager: User, sign_in: SignIn) -> None:
    with_app(account_manager)
    RecoveryCodes.activate(account_manager)
    FactorSecret.objects.update(secret="")  # what `rotate_tokens --forget-unreadable` leaves

    answer = typed_in("alice").post("/account/code/", {"code": code_of("")})

    assert "An administrator can remove it" in answer.content.decode()
    browser = sign_in(account_manager)
    assert "0 left" in browser.get("/account/").content.decode()
    assert browser.get("/account/recovery-codes/")["Location"] == "/account/"


def test_passkeys_of_others_are_as_if_they_were_not_there(account_manager: User, sign_in: SignIn) -> None:
    foreign = Authenticator.objects.create(
        user=make_person("otto"), type=Authenticator.Type.WEBAUTHN, data={"name": "Otto's", "credential": {}}
    )
    browser = sign_in(account_manager)

    for address in ("/account/passkeys/{}/", "/account/passkeys/{}/remove/"):
        answers = [browser.get(address.format(pk)) for pk in (foreign.pk, 987_654)]
        assert [answer.status_code for answer in answers] == [404, 404]
        browser.post(address.format(foreign.pk), {"name": "mine"})
    foreign.refresh_from_db()
    assert foreign.data["name"] == "Otto's"


def test_a_secret_that_no_second_factor_names_goes_after_a_day(account_manager: User) -> None:
    with_app(account_manager, SECRET)
    lost = FactorSecret(created_at=timezone.now() - timedelta(days=2))
    lost.keep(SECRET)
    lost.save()
    FactorSecret.objects.exclude(pk=lost.pk).update(created_at=timezone.now() - timedelta(days=2))

    from phones.tasks import prune

    prune()

    assert FactorSecret.objects.count() == 1
    assert not FactorSecret.objects.filter(pk=lost.pk).exists()
