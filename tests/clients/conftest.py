"""A signup link for the client of the tests."""

import pytest

from clients import links
from clients.models import Client, SignupLink, User


@pytest.fixture
def link(account_manager: User, alices_client: Client) -> SignupLink:
    return links.make_signup_link(client=alices_client, actor=account_manager)
