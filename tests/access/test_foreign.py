"""Nobody learns of a foreign client: with its things and without them, everything answers the same, byte for byte.

What is asked for names the foreign things by their ids. So each answer about a foreign thing is compared with that
about a missing one, and each list, count, search, file and page of one's own with the same where there is nothing
foreign. Statements are compared for the time that they take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from portal.fields import UncountedKeyField
from tests.access.admin_rows import make_all_about
from tests.access.asking import MOST_STATEMENTS, Answer, ask, nothing_rendered
from tests.access.routes import LISTS, OF_ONE, ROUTES, address_of
from tests.access.world import ALICE, OTTO, World, ids_of
from tests.factories import TOKEN

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access of lists")]

ZETA = ids_of(OTTO)

Asked = tuple[str, str, str]
"""A method, an address, and what a form says."""


def of_the_foreign() -> Iterator[Asked]:
    """Everything about one thing, about the foreign one."""
    for name, route in OF_ONE.items():
        for method in (*(["get"] if route.get else []), *(["post"] if route.post else [])):
            yield method, address_of(name, OTTO), route.form


def of_each_kind() -> Iterator[Asked]:
    """One address about each kind of foreign thing."""
    first = {route.thing: (name, route) for name, route in reversed(OF_ONE.items())}
    for name, route in first.values():
        yield "get" if route.get else "post", address_of(name, OTTO), route.form


def of_the_book() -> Iterator[Asked]:
    """Every page about things that are the person's to see."""
    for name, route in OF_ONE.items():
        if route.get and route.gets == 200:
            yield "get", address_of(name, ALICE), ""


NARROWED = {
    *(f"phones:{name}" for name in ("list", "clients", "wabas", "syncs", "changes", "bulk-runs", "find")),
    *("phones:client-choices", "phones:panel", "phones:value-counts", "signup:ledger", "preverified:board"),
}
QUERIES = (
    "",
    "?q=Zeta+Garage",
    f"?client={ZETA['client']}&waba={ZETA['waba']}&owner=otto&label=1&watched=yes&before={ZETA['run']}",
)
"""How lists are asked for what is foreign: for all their rows, by a word of it, and by its ids."""


def of_lists(*queries: str) -> Iterator[Asked]:
    """Every list, and every page over the whole book, which takes no query."""
    for name, route in LISTS.items():
        if route.get and "export" not in name:
            yield from (("get", f"{reverse(name)}{query}", "") for query in queries if not query or name in NARROWED)


def of_files() -> Iterator[Asked]:
    """The files of all lists, which have the rows that the list has at the same address."""
    yield from (("get", reverse(name), "") for name, route in LISTS.items() if route.get and "export" in name)


def of_forms() -> Iterator[Asked]:
    """Every form that names things in its fields, with the foreign one in them."""
    keys = ("client", "number_key", "waba_key", "attempt", "bulk", "run", "change")
    ids, everything = "&".join(f"ids={ZETA[key]}" for key in keys), f"all=yes&query=?client={ZETA['client']}"
    choosing = [name for name in ROUTES if name.endswith("-chosen")]
    for name in [*choosing, "signup:retry-many", "signup:revoke-many"]:
        yield from (("post", reverse(name), form) for form in (ids, everything))
    own = ids_of(ALICE)
    forms = {
        "phones:sync-start": [
            *(
                f"scope={scope}&id={ZETA[scope]}&next={address_of('phones:client', OTTO)}"
                for scope in ("client", "waba")
            ),
            f"scope=selection&{ids}",
        ],
        "phones:bulk-plan": [f"kind=refresh&{ids}", f"kind=refresh&{everything}"],
        "phones:clients-assign": [f"list=clients&step=preview&{ids}", f"list=numbers&{everything}"],
        "phones:changes-seen": [f"{ids}&up_to={ZETA['change']}&lines=9"],
        "phones:mentions-seen": ["newest=999999999"],
        "phones:find-remember": [
            *(f"kind={kind}&key={ZETA[kind]}" for kind in ("client", "number", "waba", "portfolio")),
            f"kind=signup&key={ZETA['attempt']}",
        ],
        "phones:views": [f"list=numbers&name=Zeta&query=?client={ZETA['client']}"],
        "phones:client-new": ["name=Zeta+Garage"],
        "signup:revoke-many": [f"step=confirm&links={ZETA['signup_link']}"],
        "phones:connect-waba": [f"waba_id={ZETA['waba']}&token={TOKEN}"],
        "phones:client-notes": ["text=Ask+%40otto+of+Zeta+Garage"],
        "phones:view": [f"do=replace&query=?client={ZETA['client']}&name=Zeta"],
        "signup:retry": [f"step={ZETA['step']}"],
    }
    for name, said in forms.items():
        yield from (("post", address_of(name, ALICE), form) for form in said)
    yield "get", reverse("phones:support", args=[own["number"], ZETA["action"]]), ""
    for of in ("numbers", "clients", "wabas", "changes", "syncs", "bulk-runs", "signups"):
        yield "get", f"{reverse('phones:news')}?of={of}", ""


# Who asks for what.
ASKED: dict[str, tuple[str, Callable[[], Iterable[Asked]]]] = {
    "things that are foreign": ("alice", of_the_foreign),
    "a page about each foreign thing": ("alice", of_each_kind),
    "things of one's own": ("alice", of_the_book),
    "lists": ("alice", lambda: of_lists(*QUERIES)),
    "files": ("alice", of_files),
    "forms": ("alice", of_forms),
    "lists of a viewer": ("vera", lambda: of_lists("")),
    "lists without a role": ("sam", lambda: of_lists("")),
}


def answers(browser: Browser, asked: Iterable[Asked]) -> dict[Asked, Answer]:
    found = {}
    for one in asked:
        cache.clear()
        UncountedKeyField._last = 0  # the clock, which stands still here, alone gives a client its key
        found[one] = ask(browser, *one)
    return found


@pytest.mark.parametrize("what", ASKED)
def test_with_a_foreign_client_and_without_it_everything_answers_the_same_byte_for_byte(
    world: World, what: str
) -> None:
    who, asked = ASKED[what]
    # All of them get one page, that there is nothing: compared is of all its template and what that is given, and of
    # one thing of each kind the page itself.
    written = nothing_rendered() if asked is of_the_foreign else nullcontext()
    with time_machine.travel(timezone.now(), tick=False), written:
        ask(world.browsers[who], "put", "/")  # reads the person, which is done once where nothing is written
        without = answers(world.browsers[who], asked())
        make_all_about(OTTO, "Zeta Garage", owner=world.people["otto"])
        having = answers(world.browsers[who], asked())

    told = [f"{one}: {difference}" for one in without if (difference := having[one].difference(without[one]))]
    assert not told, "\n\n".join(told)
    if asked in {of_the_foreign, of_each_kind}:
        assert {answer.status for answer in having.values()} == {404}
    wrong = [
        f"{one}: {answer.status}, {len(answer.statements)} statements"
        for one, answer in having.items()
        if answer.status >= 500 or (one[0] == "get" and len(answer.statements) > MOST_STATEMENTS)
    ]
    assert not wrong, "\n".join(wrong)
