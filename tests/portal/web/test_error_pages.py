"""The pages for what goes wrong, and for people who are not signed in."""

import re
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.db import OperationalError, connection, transaction
from django.template.loader import render_to_string
from django.test import Client as Browser
from psycopg.errors import QueryCanceled

from clients.models import User
from phones.models import PhoneNumber
from phones.views.home import page as home
from tests.conftest import SignIn
from tests.phones.reading import in_one_line

TEMPLATES = sorted(settings.BASE_DIR.glob("templates/**/*.html"))


def test_the_page_for_our_own_mistakes_needs_nothing() -> None:
    page = render_to_string("500.html")

    assert "Something broke on our side" in page
    assert 'href="/"' in page


def test_the_page_for_a_senseless_request_needs_nothing() -> None:
    assert "made no sense" in render_to_string("400.html")


def test_a_mistake_of_ours_gives_the_plain_page(
    account_manager: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(account_manager)
    browser.raise_request_exception = False
    monkeypatch.setattr(home, "render", lambda *_: 1 / 0)

    answer = browser.get("/")

    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()


def test_a_page_whose_statement_was_stopped_says_so_and_leads_back(
    account_manager: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait_too_long(*_: object) -> None:
        if connection.vendor != "postgresql":
            raise OperationalError("canceling statement") from QueryCanceled()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(home, "render", wait_too_long)

    answer = sign_in(account_manager).get("/?book=mine&q=%22%3E")

    assert answer.status_code == 503
    assert "That took too long" in answer.content.decode()
    assert 'href="/?book=mine&amp;q=%22%3E"' in answer.content.decode()


@pytest.mark.django_db
def test_a_foreign_host_is_refused_with_a_page() -> None:
    answer = Browser().get("/login/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert "made no sense" in answer.content.decode()


def test_a_wrong_address_leads_back_to_the_numbers(account_manager: User, sign_in: SignIn) -> None:
    answer = sign_in(account_manager).get("/nothing/here/")

    assert answer.status_code == 404
    assert 'href="/phones/"' in answer.content.decode()


@pytest.mark.django_db
def test_a_wrong_address_shows_a_guest_nothing_but_the_way_in() -> None:
    page = Browser().get("/nothing/here/")

    assert page.status_code == 404
    assert 'href="/login/"' in page.content.decode()
    assert "Log out" not in page.content.decode()


def test_a_form_without_its_token_is_refused_with_a_page_that_says_what_to_do(
    account_manager: User, alices_number: PhoneNumber
) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(account_manager, backend="django.contrib.auth.backends.ModelBackend")

    answer = browser.post(f"/phones/{alices_number.phone_number_id}/refresh/")

    assert answer.status_code == 403
    assert "page was too old" in answer.content.decode()


def test_what_a_role_may_not_do_is_refused_with_a_page(viewer: User, sign_in: SignIn) -> None:
    answer = sign_in(viewer).post("/syncs/start/", {"scope": "everything"})

    assert answer.status_code == 403
    assert "not yours to do" in answer.content.decode()


@pytest.mark.django_db
def test_the_login_page_has_one_text_field_and_one_password() -> None:
    page = in_one_line(Browser().get("/login/?next=/clients/").content.decode())

    assert len(re.findall(r'<input type="text"', page)) == 1
    assert len(re.findall(r'<input type="password"', page)) == 1
    assert 'name="next" value="/clients/"' in page


def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(account_manager: User) -> None:
    known = Browser().post("/login/", {"username": "alice", "password": "wrong"}).content.decode()
    unknown = Browser().post("/login/", {"username": "nobody", "password": "wrong"}).content.decode()

    assert "don’t match" in known
    assert _without_tokens(known).replace("alice", "nobody") == _without_tokens(unknown)


@pytest.mark.django_db
def test_practice_logins_are_shown_in_practice_only(settings: LazySettings) -> None:
    assert "Practice logins" not in Browser().get("/login/").content.decode()

    settings.DEMO = True

    page = Browser().get("/login/").content.decode()
    assert "Practice logins" in page
    assert "<code>manager</code>" in page
    assert "Practice data." in page


def test_every_page_says_so_when_its_data_is_made_up(
    account_manager: User, sign_in: SignIn, settings: LazySettings
) -> None:
    settings.DEMO = True

    page = sign_in(account_manager).get("/").content.decode()

    assert "Practice data." in page
    assert "Practice logins" not in page


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_what_the_content_security_policy_forbids(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\sstyle\s*=", text), "inline style"
    assert not re.search(r"\son\w+\s*=", text), "inline handler"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "inline script"
    assert "|safe" not in text
    assert "javascript:" not in text


def _without_tokens(page: str) -> str:
    return re.sub(r'value="\w{64}"', "", page)
