"""Where people are signed in: the list, ending sessions one by one and all, and when they end by themselves."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends import db
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from clients.models import User
from clients.signing_in.session_store import SessionStore
from clients.signing_in.sessions import SEEN, end_all
from phones.tasks import prune
from tests.back_office import page
from tests.clients.signing_in.browsers import signed_in_since, typed_in
from tests.conftest import SignIn
from tests.factories import PASSWORD


def keys_to_end(browser: Browser) -> list[str]:
    return re.findall(r"/account/sessions/(\d+)/end/", browser.get("/account/").content.decode())


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/clients/").status_code == 200


def test_signing_in_begins_a_session_that_nobody_knew_before_and_signing_out_ends_it_on_the_server(
    account_manager: User,
) -> None:
    browser = typed_in("alice", "wrong")
    planted = browser.session
    planted.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(planted.session_key)
    browser.post("/login/", {"username": "alice", "password": PASSWORD})
    begun = browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert is_signed_in(browser)
    assert begun != planted.session_key

    browser.post("/logout/")

    for key in (planted.session_key, begun):
        thief = Browser()
        thief.cookies[settings.SESSION_COOKIE_NAME] = str(key)
        assert not is_signed_in(thief)


def test_sessions_are_listed_and_ended_one_by_one_and_all_and_nobody_ends_those_of_others(
    account_manager: User, other_manager: User, django_assert_max_num_queries: Any
) -> None:
    here, phone, laptop, otto = (typed_in(name) for name in ("alice", "alice", "alice", "otto"))
    with django_assert_max_num_queries(12):
        listed = here.get("/account/").content.decode()
    assert (listed.count("Firefox on Windows"), listed.count("this one")) == (3, 1)
    first, second = keys_to_end(here)

    assert otto.post(f"/account/sessions/{first}/end/").status_code == 404
    assert otto.post("/account/sessions/987654/end/").status_code == 404
    here.post(f"/account/sessions/{first}/end/")
    assert [is_signed_in(each) for each in (here, phone, laptop)].count(True) == 2
    here.post("/account/sessions/end-others/")

    assert [is_signed_in(each) for each in (here, phone, laptop, otto)] == [True, False, False, True]
    assert keys_to_end(here) == []
    assert here.post(f"/account/sessions/{second}/end/").status_code == 404
    otto.post("/logout/")
    prune()
    assert UserSession.objects.count() == 1


def test_a_changed_password_ends_all_other_sessions(account_manager: User) -> None:
    here, other = typed_in("alice"), typed_in("alice")
    new = "a-long-enough-one"

    here.post("/account/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})

    assert (is_signed_in(here), is_signed_in(other)) == (True, False)
    assert keys_to_end(here) == []


def test_a_session_ends_unused_and_after_its_hours_and_what_a_page_asks_by_itself_is_no_use(
    account_manager: User, sign_in: SignIn, settings: Settings
) -> None:
    settings.SESSION_HOURS, settings.SESSION_COOKIE_AGE = 12, 3600
    assert is_signed_in(signed_in_since(sign_in(account_manager), 11.9))
    over = signed_in_since(sign_in(account_manager), 12.1)
    assert over.get("/clients/")["Location"].startswith("/login/?next=")

    used = signed_in_since(sign_in(account_manager), 2, seen_minutes_ago=50)
    before = used.session[SEEN]
    used.get("/phones/news/", headers={"x-asked-by-itself": "1"})
    assert used.session[SEEN] == before
    used.get("/clients/")
    assert time.time() - used.session[SEEN] < 60
    assert 3590 < used.session.get_expiry_date().timestamp() - time.time() < 3610


def test_an_administrator_ends_the_sessions_of_somebody_else(desk: Browser, account_manager: User) -> None:
    theirs = typed_in("alice")

    desk.post(page(User, "changelist"), {"action": "end_sessions", "_selected_action": [account_manager.pk]})

    assert not is_signed_in(theirs)


def test_sessions_from_before_a_change_of_the_secret_key_are_ended_like_others(
    account_manager: User, settings: Settings
) -> None:
    before, other = typed_in("alice"), typed_in("alice")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "w" * 60, [settings.SECRET_KEY]
    assert is_signed_in(other)

    end_all(User.objects.get(pk=account_manager.pk))

    assert not is_signed_in(before)


@pytest.mark.django_db
def test_a_session_that_djangos_own_store_wrote_holds_until_its_time_and_another_key_names_none() -> None:
    written = db.SessionStore()
    written["said"] = "before the update"
    written.save()

    assert SessionStore(written.session_key)["said"] == "before the update"
    for key, passed in ((written.session_key, settings.SESSION_COOKIE_AGE + 1), ("0" * 32, 0)):
        with time_machine.travel(timezone.now() + timedelta(seconds=passed)):
            unknown = SessionStore(key)
            assert (dict(unknown.items()), unknown.session_key) == ({}, None)
