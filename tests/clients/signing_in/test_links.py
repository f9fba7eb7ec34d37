"""Choosing a password by a link: forgotten ones, and invitations."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from clients.models import AccountMail, User
from phones.tasks import account_mails
from portal.logs import redact
from tests.back_office import page
from tests.clients.signing_in.browsers import link_in, stale, typed_in
from tests.conftest import SignIn
from tests.factories import PASSWORD, make_person

NEW = {"new_password1": "a-long-enough-one", "new_password2": "a-long-enough-one"}


def mailed_link() -> str:
    account_mails()
    return link_in(str(mail.outbox[-1].body))


def test_a_forgotten_password_is_chosen_anew_by_a_mailed_link_that_works_once(
    account_manager: User, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere, browser = typed_in("alice"), Browser()
    browser.post("/account/forgotten/", {"email": "Alice@example.com"})
    link = mailed_link()

    opened = browser.get(link)
    assert (opened["Location"], opened["Referrer-Policy"]) == ("/account/forgotten/choose/", "no-referrer")
    form = browser.get(opened["Location"])
    assert "alice" in form.content.decode()
    assert browser.post(opened["Location"], {**NEW, "new_password2": "other"}).status_code == 422
    assert browser.post(opened["Location"], NEW)["Location"] == "/login/"

    assert elsewhere.get("/")["Location"].startswith("/login/")
    assert typed_in("alice", NEW["new_password1"]).get("/").status_code == 200
    assert browser.get(link).status_code == 404
    assert browser.post(opened["Location"], NEW).status_code == 404
    account_mails()
    assert "was changed" in mail.outbox[-1].subject
    assert link.split("/")[3] not in redact(caplog.text)
    assert NEW["new_password1"] not in caplog.text


def test_the_answer_is_the_same_whether_or_not_somebody_has_the_address_and_asking_often_waits(
    account_manager: User,
) -> None:
    make_person("left", is_active=False)
    without_password = make_person("sso")
    without_password.set_unusable_password()
    without_password.save()
    known, unknown = (
        Browser().post("/account/forgotten/", {"email": f"{name}@example.com"}) for name in ("alice", "x")
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    for name in ("left", "sso"):
        Browser().post("/account/forgotten/", {"email": f"{name}@example.com"})

    assert account_mails() is None
    assert [one.to for one in mail.outbox] == [["alice@example.com"]]
    assert AccountMail.objects.count() == 4
    tries = [Browser().post("/account/forgotten/", {"email": "x@example.com"}).status_code for _ in range(6)]
    assert tries == [302] * 4 + [429] * 2


def test_a_link_is_dead_after_its_hour_and_after_a_sign_in(account_manager: User) -> None:
    browser = Browser()
    browser.post("/account/forgotten/", {"email": "alice@example.com"})
    link = mailed_link()
    assert browser.get(link.replace("/forgotten/", "/invitation/")).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert browser.get(link).status_code == 404
    assert browser.get(link).status_code == 302
    typed_in("alice", PASSWORD)
    assert browser.get("/account/forgotten/choose/").status_code == 404


def test_who_is_invited_chooses_a_password_and_signs_in_and_a_newer_invitation_ends_the_one_before(
    desk: Browser, administrator: User, settings: Settings
) -> None:
    desk.post(page(User, "add"), {"username": "nina", "usable_password": "false"})
    nina = User.objects.get(username="nina")
    invite = f"/admin/clients/user/{nina.pk}/invite/"
    first = link_in(desk.post(invite).content.decode())
    second = link_in(desk.post(invite).content.decode())

    browser = Browser()
    assert browser.get(first).status_code == 404
    assert browser.get(second, follow=True).status_code == 200
    assert browser.post("/account/invitation/choose/", NEW)["Location"] == "/login/"
    assert typed_in("nina", NEW["new_password1"]).get("/").status_code == 200
    assert browser.get(second).status_code == 404

    User.objects.filter(pk=nina.pk).update(email="nina@example.com")
    assert b"is on its way to nina@example.com" in desk.post(invite, {"mail": "1"}).content
    assert browser.get(mailed_link()).status_code == 302


def test_only_who_manages_people_invites_and_nobody_invites_a_superuser(
    desk: Browser, team_lead: User, sign_in: SignIn
) -> None:
    root = make_person("root", is_superuser=True)
    assert desk.post(f"/admin/clients/user/{root.pk}/invite/").status_code == 403
    assert sign_in(team_lead).post(f"/admin/clients/user/{root.pk}/invite/")["Location"].startswith("/admin/login/")
    assert stale(desk).post(f"/admin/clients/user/{team_lead.pk}/invite/")["Location"].startswith("/account/again/")
    root.refresh_from_db()
    assert root.check_password(PASSWORD)
