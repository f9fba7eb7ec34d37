"""What the pages of all lists have in common, and the navigation beside them."""

import re

from django.urls import get_resolver, reverse

from clients.models import User
from portal.web.query import LISTS
from tests.conftest import SignIn


def test_every_list_has_one_heading_in_the_body_of_its_page(team_lead: User, sign_in: SignIn) -> None:
    browser = sign_in(team_lead)
    # Lists enter themselves when the addresses are read.
    assert get_resolver().url_patterns

    for each in LISTS.values():
        before, _, main = browser.get(reverse(each.route)).content.decode().partition("<main")
        assert "<h1" not in before, each.name
        assert main.count("<h1") == 1, each.name


def test_the_list_of_keys_names_every_key_of_the_navigation(team_lead: User, sign_in: SignIn) -> None:
    page = sign_in(team_lead).get("/clients/").content.decode()

    keys = {key for found in re.findall(r'data-go="([^"]+)"', page) for key in found.split()}

    assert len(keys) > 5
    assert keys == set(re.findall(r"<kbd>g</kbd>\s*<kbd>(\w)</kbd>", page))
