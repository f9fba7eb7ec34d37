"""The browser of the account manager whose client signs up."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from clients.models import User
from tests.conftest import SignIn


@pytest.fixture
def manager(account_manager: User, sign_in: SignIn) -> Browser:
    """Alice's browser."""
    return sign_in(account_manager)
