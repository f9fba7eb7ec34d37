"""Who is signed in and asked for the password again has the same limits, and stands in the same record."""

from __future__ import annotations

import re

from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from django.utils.html import escape

from clients.choices import AskedFor
from clients.models import PasswordAttempt, User
from phones.models import PhoneNumber
from tests.clients.signing_in.browsers import stale
from tests.conftest import SignIn
from tests.factories import PASSWORD
from tests.phones.acting import confirm_page


def outcomes() -> list[tuple[str, str]]:
    return list(PasswordAttempt.objects.order_by("pk").values_list("asked_for", "outcome"))


def test_who_is_asked_again_has_five_wrong_passwords_and_each_is_recorded(
    team_lead: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = stale(sign_in(team_lead))
    asked = browser.get(confirm_page(alices_number, "deregister"))
    assert asked["Location"].startswith("/account/again/?next=")

    tries = [browser.post(asked["Location"], {"password": "wrong"}) for _ in range(8)]

    assert [answer.status_code for answer in tries] == [200] * 5 + [429] * 3
    assert 1 <= int(tries[-1]["Retry-After"]) <= 5
    assert "Yours was not looked at" in tries[-1].content.decode()
    assert f'href="{escape(asked["Location"])}">Try again' in tries[-1].content.decode()
    assert browser.post(asked["Location"], {"password": PASSWORD}).status_code == 429
    assert outcomes() == [(AskedFor.AGAIN, "wrong")] * 5 + [(AskedFor.AGAIN, "refused")]
    assert Browser().post("/login/", {"username": "tess", "password": PASSWORD}).status_code == 302


def test_changing_the_own_password_takes_five_wrong_old_ones_and_records_them(
    account_manager: User, sign_in: SignIn
) -> None:
    new = {"new_password1": "a-long-enough-one", "new_password2": "a-long-enough-one"}
    browser, page = sign_in(account_manager), reverse("account_change_password")

    tries = [browser.post(page, {"old_password": "wrong", **new}) for _ in range(6)]

    assert [answer.status_code for answer in tries] == [200] * 5 + [429]
    assert outcomes()[0] == (AskedFor.NEW_PASSWORD, "wrong")
    PasswordAttempt.objects.all().delete()
    assert browser.post(page, {"old_password": PASSWORD, **new})["Location"] == reverse("mfa_index")
    account_manager.refresh_from_db()
    assert account_manager.check_password("a-long-enough-one")
    assert browser.get("/").status_code == 200, "who changes it stays signed in"


def test_the_admins_own_login_checks_no_password(desk: Browser, account_manager: User) -> None:
    for password in ("wrong", PASSWORD):
        answer = desk.post(reverse("admin:login"), {"username": "alice", "password": password})
        assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))
    assert not PasswordAttempt.objects.exists()


def test_every_password_field_that_a_person_meets_is_counted() -> None:
    """A new page that checks a password by itself would have no limit: it goes through `clients.passwords.check`."""
    by_itself = re.compile(r"\.check_password\(|[^_.]authenticate\(\w+, ")
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for folder in ("clients", "phones", "portal")
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        if by_itself.search(path.read_text())
    }
    # The API takes tokens, which nobody guesses.
    assert found == {"clients/passwords/check.py", "phones/api/access.py"}
