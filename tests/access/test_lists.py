"""The wall between clients in the lists: nothing of another's is shown, found or counted."""

from collections.abc import Iterator
from itertools import product
from urllib.parse import quote_plus, unquote_plus

import pytest
from django.urls import reverse

from tests.access.routes import LISTS
from tests.access.world import WITHOUT_ROLE, World, ask, text_of

pytestmark = pytest.mark.django_db


FILTERS = [
    *(("alice", parameter, kind) for parameter, kind in (("client",) * 2, ("waba",) * 2, ("after", "client"))),
    *(("vera", parameter, kind) for parameter, kind in (("client",) * 2, ("q", "number"))),
]
# A file is made from the query of its list, so it is asked for less; all that ask for little share one world.
FILES = sorted(name for name in LISTS if "-export" in name or name.endswith("export"))
PAGES = sorted(LISTS - set(FILES))
SEARCHED_MOST = {"phones:list", "phones:clients", "phones:wabas", "phones:find"}


def queries(ids: dict[str, str], words: list[str]) -> Iterator[str]:
    """Ways to ask a list for one client, WABA or number."""
    yield ""
    yield from (f"?q={quote_plus(word)}" for word in words)
    for name in ("client", "after", "before"):
        yield f"?{name}={ids['client']}"
    yield f"?waba={ids['waba']}"
    yield from ("?owner=otto", "?label=1", "?watched=yes")
    yield f"?before={ids['run']}"


def shows_nothing_of_ottos(world: World, who: str, name: str, asked: list[str]) -> None:
    for query in asked:
        answer = world.browsers[who].get(f"{reverse(name)}{query}")
        body = text_of(answer)
        assert answer.status_code == 200, (who, name, query)
        # What was asked for may be shown in the search box; nothing else of it.
        for word in world.otto:
            assert word in unquote_plus(query) or word not in body, (who, name, query, word)


@pytest.mark.parametrize("names", [PAGES[::3], PAGES[1::3], PAGES[2::3]], ids="abc")
def test_no_list_shows_search_finds_or_filter_counts_what_is_someone_elses(world: World, names: list[str]) -> None:
    # What a person sees doesn't depend on what they ask for: the second one asks for little. Nor does it depend on the
    # word for how a list searches: where that is not all a list is for, it is asked for some.
    for place, name in enumerate(names):
        words = world.otto if name in SEARCHED_MOST else world.otto[place % 3 :: 3]
        everything = list(queries(world.things["otto"], words))
        shows_nothing_of_ottos(world, "alice", name, everything)
        shows_nothing_of_ottos(world, "vera", name, everything[:3])


def test_no_file_of_a_list_holds_what_is_someone_elses(world: World) -> None:
    for name in FILES:
        for who in ("alice", "vera"):
            shows_nothing_of_ottos(world, who, name, ["", "?q=Zeta", f"?client={world.things['otto']['client']}"])


@pytest.mark.parametrize("names", [PAGES, FILES], ids=["pages", "files"])
def test_a_filter_by_someone_elses_client_or_waba_answers_like_one_by_a_missing_one(
    world: World, names: list[str]
) -> None:
    for name, (who, parameter, kind) in product(names, FILTERS):
        found = []
        for whose in ("otto", "nobody"):
            ids = world.things[whose]
            address = f"{reverse(name)}?{parameter}={ids[kind]}"
            found.append(ask(world.browsers[who], "get", address, {}, {kind: ids[kind]}))
        difference = found[0].difference(found[1])
        assert not difference, ((name, who, parameter), difference)


def test_people_with_a_login_and_no_role_see_empty_lists(world: World) -> None:
    everything = [one for things in ("alice", "vera", "otto") for one in (world.things[things]["number"],)]
    for who in WITHOUT_ROLE:
        for name in LISTS:
            for query in ("", "?q=Zeta", "?owner=otto"):
                body = text_of(world.browsers[who].get(f"{reverse(name)}{query}"))
                assert not any(one in body for one in everything), (who, name, query)
