"""What the numbers list costs."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.cache import cache

from clients.models import User, Waba
from phones.listing.selection import NumberList
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_listing, make_number
from tests.phones.listing.rows import ids_on, link, page_of

QUERIES = [
    "",
    "q=alpha",
    "q=600&status=CONNECTED&client=1&owner=me",
    "sort=client&q=alpha",
    "queue=failing",
    "sort=-status&q=a",
]


@pytest.mark.parametrize("who", ["administrator", "team_lead", "account_manager"])
def test_a_page_takes_at_most_eleven_queries(
    who: str,
    request: pytest.FixtureRequest,
    sign_in: SignIn,
    alices_waba: Waba,
    foreign_number: PhoneNumber,
    django_assert_max_num_queries: Callable[..., AbstractContextManager[object]],
) -> None:
    for _ in range(12):
        make_listing(make_number(alices_waba), foreign_number.waba)
    browser = sign_in(request.getfixturevalue(who))
    for query in QUERIES:
        # What stands in the navigation is kept for a while.
        cache.clear()
        browser.get("/phones/")
        with django_assert_max_num_queries(11, info=query):
            browser.get(f"/phones/?{query}&per_page=5")


# Too many to be sorted, a sort by rank asks for one value after the other.
@pytest.mark.parametrize(("counted", "queries"), [(1_000, 12), (5, 16)], ids=["all found", "too many to count"])
def test_a_page_that_crosses_into_the_rows_without_a_value_takes_no_more(
    counted: int,
    queries: int,
    team_lead: User,
    sign_in: SignIn,
    alices_waba: Waba,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: type,
) -> None:
    monkeypatch.setattr(NumberList, "counted", counted)
    for status in ("CONNECTED", "CONNECTED", "CONNECTED", "PENDING", "PENDING", None, None, None):
        make_number(alices_waba, status=status, verified_name="Alpha Shop", listed=status != "PENDING")
    browser = sign_in(team_lead)
    following = link(page_of(browser, q="alpha", sort="status", per_page="2"), "next")
    assert following is not None

    with django_assert_max_num_queries(queries):
        page = browser.get(following.replace("per_page=2", "per_page=5"))

    # Of the next value, and of none.
    assert [PhoneNumber.objects.get(phone_number_id=each).status for each in ids_on(page)] == [
        "CONNECTED",
        "CONNECTED",
        "CONNECTED",
        None,
        None,
    ]
