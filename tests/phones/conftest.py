"""A practice Graph server behind the desk, a team lead's browser, numbers and clients in the state a test wants."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from clients import links
from clients.choices import Role
from clients.models import Client, SignupLink, User
from phones.models import Onboarding, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_client, make_person
from tests.phones.onboarding.signing_up import finish_signup
from tests.practice import Practice, practice_server


@pytest.fixture
def practice(db: None, settings: Settings) -> Iterator[Practice]:
    with practice_server(settings, wabas=4, numbers=24) as server:
        yield server


@pytest.fixture
def lead(db: None) -> User:
    return make_person("tess", Role.TEAM_LEAD)


@pytest.fixture
def browser(lead: User, sign_in: SignIn) -> Browser:
    return sign_in(lead)


@pytest.fixture
def prepare(practice: Practice) -> Callable[..., PhoneNumber]:
    """A function that brings a number of the practice world into a state, and reads it onto the desk."""

    def make(values: dict[str, object], **more: object) -> PhoneNumber:
        practice.already_read()
        waba = practice.wabas()[0]
        made = practice.control("POST", f"wabas/{waba['id']}/numbers", {"set": values})
        fresh = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)
        known = {**values, "last_onboarded_time": fresh.strftime("%Y-%m-%dT%H:%M:%S+0000")}
        practice.control("PATCH", f"numbers/{made['id']}", {"set": known, **more})
        practice.sync(waba["id"])
        practice.control("POST", "log/clear")
        return PhoneNumber.objects.get(phone_number_id=made["id"])

    return make


@pytest.fixture
def app(practice: Practice, settings: Settings) -> Practice:
    """The practice server, with the desk's settings naming the practice partner's app. No credit line."""
    practice.as_partner()
    settings.META_EXTENDED_CREDIT_ID = ""
    return practice


@pytest.fixture
def baker(lead: User) -> Client:
    """A client of Tess's who is about to sign up."""
    return make_client("Harbor Bakery", owner=lead)


@pytest.fixture
def link(baker: Client, lead: User) -> SignupLink:
    """The client's signup link."""
    return links.make_signup_link(client=baker, actor=lead)


@pytest.fixture
def sign_up(app: Practice, link: SignupLink) -> Callable[..., Onboarding]:
    """A function that takes the client through Meta's dialog and gives what came of it: an onboarding that is due."""

    def make(**choices: Any) -> Onboarding:
        return finish_signup(app, link, **choices)

    return make
