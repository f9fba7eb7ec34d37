"""Graph refuses a field: by one node, which is that node's affair, or by all, which is said and asked again."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import RefusedField, SyncFailure, Waba
from phones.models import NumberAge, PhoneNumber
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import Answer, Request, graph_error

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def refusing(field: str, node_type: str, *nodes: str) -> Any:
    """Trouble: these nodes (all, when none is named) refuse the field whenever it is asked for."""

    def trouble(request: Request) -> Answer | None:
        concerned = request.path.endswith("/phone_numbers") and (not nodes or request.path.split("/")[2] in nodes)
        named = f" ({field}) on node type ({node_type})" if field else ""
        if not concerned or (field in PHONE_FIELDS and field not in request.fields):
            return None
        return graph_error(100, message=f"(#100) Tried accessing nonexisting field{named}")

    return trouble


PHONE_FIELDS = {"status", "throughput", "platform_type"}


def test_a_node_of_another_type_fails_alone_and_every_other_waba_is_asked_as_before(book: ScriptedBook) -> None:
    wrong, other = book.add(2)
    sync()
    book.trouble = refusing("phone_numbers", "Business", wrong)
    book.wabas[other][0]["status"] = "FLAGGED"

    assert sync() == 1
    book.graph.requests.clear()
    assert sync() == 1

    assert SyncFailure.objects.latest("pk").waba == Waba.objects.get(waba_id=wrong)
    assert PhoneNumber.objects.get(waba__waba_id=other).status == "FLAGGED"
    assert not RefusedField.objects.exists()
    assert all("status" in request.fields for request in book.asked())
    assert len(book.asked()) == 2, "one call each"


def test_nodes_of_another_type_that_name_a_field_of_ours_have_it_given_up_for_nobody(book: ScriptedBook) -> None:
    book.add(4)
    book.trouble = refusing("status", "Business")

    assert sync() == 1

    assert not RefusedField.objects.exists()
    book.trouble = lambda _: None
    assert sync() == 0
    assert PhoneNumber.objects.filter(status="CONNECTED").count() == 4


def test_a_refusal_that_names_no_field_is_remembered_by_nobody(book: ScriptedBook) -> None:
    wrong, _other = book.add(2)
    book.trouble = refusing("", "", wrong)

    sync()
    book.graph.requests.clear()
    book.trouble = lambda _: None
    assert sync() == 0

    assert all("status" in request.fields for request in book.asked())


def test_a_field_that_one_node_refuses_is_left_out_for_that_node_only(book: ScriptedBook) -> None:
    some = book.add(5)[:2]
    book.trouble = refusing("throughput", "WhatsAppBusinessPhoneNumber", *some)

    for _ in range(3):
        assert sync() == 0

    assert PhoneNumber.objects.exclude(throughput=None).count() == 3
    book.graph.requests.clear()
    sync()
    assert sum("throughput" in request.fields for request in book.asked()) == 5


def test_a_field_that_several_nodes_refuse_is_given_up_said_and_asked_again_after_a_day(
    book: ScriptedBook, desk: Browser, time_machine: Any
) -> None:
    book.add(8)
    sync()
    NumberAge.objects.update(synced_at=timezone.now() - datetime.timedelta(days=30))
    book.trouble = refusing("status", "WhatsAppBusinessPhoneNumber")

    sync()
    book.graph.requests.clear()
    sync()

    assert len(book.asked()) == 8, "given up: nobody is asked for it"
    number = PhoneNumber.objects.first()
    assert number is not None
    said = "Meta no longer answers “Connection”"
    assert said in text_of(desk.get("/"))
    assert said in text_of(desk.get("/syncs/"))
    page = text_of(desk.get(f"/phones/{number.phone_number_id}/"))
    assert f"{said}</strong>, last known" in page
    assert "30 days ago" in page

    time_machine.move_to(timezone.now() + datetime.timedelta(hours=25))
    book.trouble = lambda _: None
    desk.logout()
    sync()

    assert not RefusedField.objects.exclude(given_up_at=None).exists()
    assert PhoneNumber.objects.filter(provenance={}).count() == 8
