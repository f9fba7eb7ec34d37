"""How PostgreSQL would read the lists of a business with thousands of numbers: never a large table from end to end."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import User
from portal.web.query import LISTS, ListQuery
from tests.bench import business
from tests.bench.pages import NUMBERS_ASKED, read_whole

NUMBERS = 6_000
# Not the clients: of so few numbers, all listings are quicker read than those of fifty clients one by one. At a million
# they are not, which `tests.bench --numbers 1000000` tells.
_ASKED = {name: ["", "q=bakery", "q=9999"] for name in ("numbers", "wabas", "signups", "changes")}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL is asked for its plans")
@pytest.mark.django_db
def test_no_list_reads_numbers_listings_or_changes_from_end_to_end() -> None:
    made = business.fill(NUMBERS, clients=NUMBERS // 8, wabas=NUMBERS // 4, vacuum=False)
    asked = _ASKED | {"numbers": [query.removeprefix("?") for query in NUMBERS_ASKED]}
    reverse("phones:list")  # the addresses bring the pages, and these their lists
    assert asked.keys() <= LISTS.keys()

    whole = {}
    for person in (made.lead, made.manager):
        signed_in = User.signed_in.get(pk=person.pk)
        for name, queries in asked.items():
            for query in queries:
                pairs = [(key, value) for key, values in QueryDict(query).lists() for value in values]
                with CaptureQueriesContext(connection) as statements:
                    opened = ListQuery(name, tuple(pairs)).opened(signed_in)
                    assert opened.count is not None or name == "changes"
                    assert opened.rows or query
                if tables := read_whole(each["sql"] for each in statements.captured_queries):
                    whole[str(person), name, query] = tables
    assert whole == {}
