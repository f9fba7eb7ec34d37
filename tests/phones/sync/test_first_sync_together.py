"""The first sync of a partner: nobody knows how many WABAs there are, and they come many in one call all the same."""

from collections.abc import Iterator
from typing import Any

import pytest

from clients.models import Credential, Waba
from phones.choices import ChangeKind
from phones.models import Change, Listing, PhoneNumber
from tests.phones.sync.lane_book import TOGETHER, WABAS, empty, in_order, read_by_itself, sync, together
from tests.practice import Practice, practice_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_book(db: None, settings: Any) -> Iterator[Practice]:
    """A partner of whose WABAs the desk knows nothing."""
    with practice_server(settings, wabas=WABAS, numbers=140, healthy=True) as server:
        yield server


def rows() -> tuple[object, ...]:
    """What a first sync stores, but for keys and times."""
    facts = [field.name for field in PhoneNumber._meta.concrete_fields if field.get_internal_type() != "DateTimeField"]
    facts = [name for name in facts if name not in {"id", "waba", "client"}]
    return (
        list(PhoneNumber.objects.order_by("phone_number_id").values_list(*facts, "waba__waba_id")),
        list(Waba.objects.order_by("waba_id").values_list("waba_id", "name", "status", "client__name", "origin")),
        sorted(Listing.objects.values_list("number__phone_number_id", "waba__waba_id", "is_current", "is_further")),
        sorted(Change.objects.values_list("kind", "field", "waba__waba_id")),
    )


def test_a_first_sync_brings_wabas_many_in_a_call_and_the_next_finds_nothing_new(new_book: Practice) -> None:
    run = sync(new_book)

    assert in_order(run) == (WABAS, 0, WABAS)
    assert read_by_itself(new_book) == empty(new_book)
    assert len(together(new_book)) <= WABAS / 20
    assert run.added == PhoneNumber.objects.count() > WABAS
    assert run.numbers == Listing.objects.count()
    assert Change.objects.filter(kind=ChangeKind.ADDED, number=None).count() == WABAS
    assert not Change.objects.filter(kind=ChangeKind.ADDED, number__isnull=False).exists()
    assert not Waba.objects.exclude(lease_token=None, attempts=0, sync_run=None).exists()
    assert not Credential.objects.filter(brings_numbers=True).exists()
    lines = Change.objects.count()

    again = sync(new_book)

    assert (again.unchanged, again.added, again.changed) == (run.numbers, 0, 0)
    assert Change.objects.count() == lines
    assert read_by_itself(new_book) == empty(new_book)


def test_a_first_sync_stores_together_what_it_stores_one_by_one(new_book: Practice, settings: Any) -> None:
    sync(new_book)
    stored = rows()
    for model in (Change, Listing, PhoneNumber, Waba):
        model._default_manager.all().delete()
    settings.SYNC_WABAS_A_CALL = 0

    sync(new_book)

    assert not together(new_book)
    assert rows() == stored


def test_a_first_sync_that_gets_no_wabas_together_reads_them_one_by_one_at_once(new_book: Practice) -> None:
    new_book.fault({"status": 403, "graph_error": {"code": 200, "message": "No."}}, fields_contain=TOGETHER)

    run = sync(new_book)

    assert in_order(run) == (WABAS, 0, WABAS)
    assert read_by_itself(new_book) == {waba["id"] for waba in new_book.wabas()}
    assert run.added == PhoneNumber.objects.count() > WABAS


def test_a_partner_with_few_wabas_has_them_read_together_the_first_time_alone(settings: Any) -> None:
    with practice_server(settings, wabas=6, numbers=30, healthy=True) as server:
        first, calls = sync(server), together(server)
        assert first.read == 6
        assert calls

        assert sync(server).read == 6
        assert not together(server)
