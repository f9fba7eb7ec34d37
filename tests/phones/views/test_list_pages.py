"""What the pages of all lists have in common, and the navigation beside them."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from clients.models import User
from phones.numbers.search import MOST_NEEDLES
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
    browser = sign_in(team_lead)
    page = browser.get("/clients/").content.decode()
    told = re.search(r'<dialog class="keys" id="keys" [^>]*data-from="([^"]+)"', page)
    assert told

    keys = {key for found in re.findall(r'data-go="([^"]+)"', page) for key in found.split()}

    assert len(keys) > 5
    assert keys == set(re.findall(r"<kbd>g</kbd>\s*<kbd>(\w)</kbd>", browser.get(told[1]).content.decode()))


def test_a_search_of_ten_words_asks_the_database_ten_times_as_much_as_one_of_a_word_and_no_more(
    administrator: User, sign_in: SignIn
) -> None:
    browser = sign_in(administrator)
    assert get_resolver().url_patterns

    def length(address: str, *words: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address, {"q": " ".join(words)}).status_code == 200
        return max(len(one["sql"]) for one in asked)

    for address in (*(reverse(each.route) for each in LISTS.values()), reverse("phones:find")):
        words = [f"word{place}x" for place in range(MOST_NEEDLES)]
        assert length(address, *words) <= MOST_NEEDLES * length(address, words[0]), address
