"""The desk as one of Meta's apps on the practice server, with a client who has a signup link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from clients import links
from clients.models import Client, SignupLink, User
from phones.models import Onboarding
from tests.factories import make_client
from tests.phones.onboarding.signing_up import finish_signup
from tests.practice import Practice


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
