"""A practice Graph server behind the desk, a team lead's browser, and numbers in the state that a test wants."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from clients.choices import Role
from clients.models import User
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_person
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
        waba = practice.wabas()[0]
        made = practice.control("POST", f"wabas/{waba['id']}/numbers", {"set": values})
        fresh = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)
        known = {**values, "last_onboarded_time": fresh.strftime("%Y-%m-%dT%H:%M:%S+0000")}
        practice.control("PATCH", f"numbers/{made['id']}", {"set": known, **more})
        practice.sync()
        practice.control("POST", "log/clear")
        return PhoneNumber.objects.get(phone_number_id=made["id"])

    return make
