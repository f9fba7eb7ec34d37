"""Lists that are too long to be sorted, or whose word is in too many numbers: read another way, with the same rows."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser

from clients.models import User, Waba
from phones.listing import filters
from phones.listing.selection import NumberList
from portal.web import listing
from tests.conftest import SignIn
from tests.factories import make_client, make_number, make_waba
from tests.phones.listing.rows import ids_on, page_of, text_of


@pytest.fixture
def desk(administrator: User, sign_in: SignIn, alices_waba: Waba) -> Browser:
    """Numbers that have the word in their own names, and under a client that has it in its own."""
    harbors = make_waba(make_client("Zum Harbor"))
    for index, waba in enumerate([alices_waba, harbors] * 3):
        make_number(waba, verified_name=["Harbor", "Garten", "Harbor Cake"][index % 3], quality_rating="RED")
    return sign_in(administrator)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one way to look for a word")
def test_a_word_that_many_numbers_have_finds_the_same_and_is_counted_less_far(
    desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [{"q": "harbor"}, {"q": "harbor cake"}, {"q": "harbor", "quality_rating": "RED", "sort": "client"}]
    usual = [ids_on(page_of(desk, **each)) for each in asked]
    assert all(usual)
    cache.clear()
    monkeypatch.setattr(filters, "_COMMON", 1)

    assert [ids_on(page_of(desk, **each)) for each in asked] == usual
    monkeypatch.setattr(filters, "_COUNTED_OF_COMMON", 2)
    monkeypatch.setattr(NumberList, "counted", 1)
    assert [ids_on(page_of(desk, **each)) for each in asked] == usual
    assert "more than 2 numbers" in text_of(page_of(desk, q="harbor"))


def test_a_long_list_by_client_is_found_first_and_sorted_then(desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"quality_rating": "RED", "sort": "-client", "per_page": "2"}
    usual = ids_on(page_of(desk, **asked))
    monkeypatch.setattr(NumberList, "counted", 1)
    monkeypatch.setattr(listing, "COUNTED_TO", 1)

    for sorted_to in (20_000, 1):
        monkeypatch.setattr(listing, "SORTED_TO", sorted_to)
        assert ids_on(page_of(desk, **asked)) == usual
