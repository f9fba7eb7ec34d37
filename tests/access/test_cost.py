"""What a page costs: never more than twelve statements, whoever asks and whatever is there to be shown."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Label, SavedView, User
from phones.bulk_choices import BulkKind
from phones.listing.selection import NumberList
from phones.models import BulkRun, PhoneNumber, PreverifiedNumber
from tests.access.routes import FOR_LEADS, FOR_READERS_OF_THE_AUDIT_LOG, LISTS, OF_ONE, address_of
from tests.access.world import World, text_of

pytestmark = pytest.mark.django_db

MOST = 12
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
# Pages that are in no table of routes by a thing of somebody's.
OTHERS = ("phones:client-new", "phones:mail-settings", "preverified:add")


@pytest.fixture
def pages(world: World) -> dict[str, str]:
    """An address for each page of the desk. Most are about Alice's client, whom she and leads see."""
    return _pages_about(world.things["alice"]) | dict(_made_for_alice(world.things["alice"]))


def _pages_about(ids: dict[str, str]) -> dict[str, str]:
    found = {f"{name}{query}": reverse(name) + query for name in LISTS for query in ("", *ASKED.get(name, []))}
    found |= {name: address_of(name, ids) for name, route in OF_ONE.items() if route.method == "get"}
    found |= {name: reverse(name) for name, method in FOR_LEADS.items() if method == "get"}
    found |= {name: reverse(name) for name in OTHERS}
    of_the_log = (name for name, method in FOR_READERS_OF_THE_AUDIT_LOG.items() if method == "get")
    found |= {f"{name}{query}": reverse(name) + query for name in of_the_log for query in ("", *ASKED.get(name, []))}
    found |= {f"from the list{query}": address for query, address in _from_lists(ids)}
    return found


def _from_lists(ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The page of a number as rows of lists lead there: at its place, with the number that follows."""
    number, tess = PhoneNumber.objects.get(phone_number_id=ids["number"]), User.objects.get(username="tess")
    for query in ("q=bakery", "status=CONNECTED&sort=verified_name", "queue=quality", "label=1&sort=status"):
        trail = NumberList(QueryDict(query), tess).trail_of(number)
        yield query, address_of("phones:number", ids) + trail


def _made_for_alice(ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    alice, now = User.objects.get(username="alice"), timezone.now()
    number = PhoneNumber.objects.get(phone_number_id=ids["number"])
    run = BulkRun.objects.create(kind=BulkKind.values[0], requested_by=alice, created_at=now, chosen=1)
    run.items.create(position=0, number=number, waba=number.waba)
    yield "phones:bulk-run", reverse("phones:bulk-run", args=[run.pk])
    view = SavedView.objects.create(owner=alice, list_name="numbers", name="Mine", slug="mine")
    yield "phones:view", f"{reverse('phones:list')}?view={view.slug}"
    pool = PreverifiedNumber.objects.create(
        preverified_id="5001", phone_number="+15550001", first_seen_at=now, synced_at=now, added_at=now
    )
    yield "preverified:number", reverse("preverified:number", args=[pool.preverified_id])
    dispatch = alice.dispatches.create(
        kind="digest", key="today", since=now - timedelta(days=1), until=now, created_at=now
    )
    yield "phones:mail", reverse("phones:mail", args=[dispatch.public_id])
    assert Label.objects.count() == 1


def test_no_page_takes_more_than_twelve_statements(world: World, pages: dict[str, str]) -> None:
    too_many = []
    of_a_viewer = _pages_about(world.things["vera"])
    of_the_log = {name: address for name, address in pages.items() if "audit" in name}
    for who, theirs in {"tess": pages, "alice": pages, "vera": of_a_viewer, "ada": of_the_log}.items():
        for name, address in theirs.items():
            browser = world.browsers[who]
            cache.clear()
            with CaptureQueriesContext(connection) as statements:
                answer = browser.get(address)
                text_of(answer)
            assert answer.status_code in {200, 302, 403, 404}, (who, name)
            if len(statements) > MOST:
                too_many.append(f"{who}: {name} {len(statements)}")
    assert not too_many, "\n".join(too_many)
