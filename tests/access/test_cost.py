"""What a page costs: never more than twelve statements, whoever asks and whatever is there to be shown.

Of an account manager, a viewer and who has no role, `test_foreign.py` counts the statements.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.urls import reverse

from phones.listing.selection import NumberList
from phones.models import PhoneNumber
from tests.access.asking import MOST_STATEMENTS, ask
from tests.access.route import AUDITING, OF_PERSONS
from tests.access.routes import ROUTES, address_of
from tests.access.world import ALICE, World, ids_of

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access of lists")]

# How lists are asked besides.
ASKED = {
    "phones:list": ["?q=bakery", "?q=7100&status=CONNECTED", "?sort=client", "?label=1&owner=alice"],
    "phones:clients": ["?q=bakery", "?label=1", "?owner=alice"],
    "phones:wabas": ["?q=bakery"],
    "phones:audit": ["?q=bakery&person=tess&since=2020-01-01", "?q=7100&kind=refusal"],
    "phones:find": ["?q=bakery", "?q=7100"],
    "phones:changes": ["?days=30"],
    "signup:ledger": ["?q=bakery", "?state=refused"],
}


def pages(world: World) -> Iterator[tuple[str, str]]:
    """Every page of the desk, with who is asked for it: a team lead, and for the audit log an administrator."""
    for name, route in ROUTES.items():
        if name.endswith("-excel"):
            continue  # reads what the CSV does
        if route.get and route.gets == 200 and not route.is_open and route.thing not in OF_PERSONS:
            who = "ada" if route.get == AUDITING else "tess"
            for query in ("", *ASKED.get(name, [])):
                yield who, address_of(name, ALICE) + query
    number = PhoneNumber.objects.get(phone_number_id=ids_of(ALICE)["number"])
    # As rows of lists lead there: at its place, with the number that follows.
    for query in ("q=bakery", "status=CONNECTED&sort=verified_name", "queue=quality", "label=1&sort=status"):
        trail = NumberList(QueryDict(query), world.people["tess"]).trail_of(number)
        yield "tess", address_of("phones:number", ALICE) + trail
    yield "alice", reverse("phones:list") + f"?view={ids_of(ALICE)['view']}"
    yield "alice", address_of("phones:mail", ALICE)


def test_no_page_takes_more_than_twelve_statements(world: World) -> None:
    too_many = []
    for who, address in pages(world):
        cache.clear()
        answer = ask(world.browsers[who], "get", address)
        assert answer.status == 200, address
        if len(answer.statements) > MOST_STATEMENTS:
            too_many.append(f"{who}: {address} {len(answer.statements)}")
    assert not too_many, "\n".join(too_many)
