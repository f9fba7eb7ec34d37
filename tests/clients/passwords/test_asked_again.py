"""Who is signed in and asked for the password again has the same limits, and stands in the same record."""

from __future__ import annotations

import re

from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse

from clients.choices import AskedFor
from clients.models import PasswordAttempt, User
from phones.models import Action, PhoneNumber
from tests.conftest import SignIn
from tests.factories import PASSWORD
from tests.phones.acting import address, token_for


def outcomes() -> list[tuple[str, str]]:
    return list(PasswordAttempt.objects.order_by("pk").values_list("asked_for", "outcome"))


def test_the_form_for_deregistering_takes_five_wrong_passwords_and_records_them(
    team_lead: User, sign_in: SignIn, alices_number: PhoneNumber
) -> None:
    browser = sign_in(team_lead)
    form = {"confirmation": token_for(browser, alices_number, "deregister"), "password": "wrong"}
    right_digits = {"last_digits": alices_number.digits[-4:]}

    browser.post(address(alices_number, "deregister"), {**form, "last_digits": "0"})
    assert outcomes() == [], "who does not mean the number is not told about the password"
    tries = [browser.post(address(alices_number, "deregister"), {**form, **right_digits}) for _ in range(12)]

    assert [answer.status_code for answer in tries] == [422] * 5 + [429] * 7
    assert 1 <= int(tries[-1]["Retry-After"]) <= 5
    assert "Yours was not looked at" in tries[-1].content.decode()
    right = {**form, **right_digits, "password": PASSWORD}
    assert browser.post(address(alices_number, "deregister"), right).status_code == 429
    assert not Action.objects.exists()
    assert outcomes() == [(AskedFor.DEREGISTER, "wrong")] * 5 + [(AskedFor.DEREGISTER, "refused")]
    assert Browser().post("/login/", {"username": "tess", "password": PASSWORD}).status_code == 302


def test_changing_the_own_password_takes_five_wrong_old_ones_and_records_them(
    desk: Browser, administrator: User
) -> None:
    new = {"new_password1": "a-long-enough-one", "new_password2": "a-long-enough-one"}
    page = reverse("admin:password_change")

    tries = [desk.post(page, {"old_password": "wrong", **new}) for _ in range(6)]

    assert [answer.status_code for answer in tries] == [200] * 5 + [429]
    assert outcomes()[0] == (AskedFor.NEW_PASSWORD, "wrong")
    PasswordAttempt.objects.all().delete()
    assert desk.post(page, {"old_password": PASSWORD, **new})["Location"] == reverse("admin:password_change_done")
    administrator.refresh_from_db()
    assert administrator.check_password("a-long-enough-one")


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
    assert found == {"clients/passwords/check.py"}
