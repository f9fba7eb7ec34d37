"""A field of WABAs that a business edge refuses, and what becomes of a field that is answered again."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import RefusedField
from portal.graph.reads.waba_details import OWNER
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import Answer, Request, graph_error, page

pytestmark = pytest.mark.django_db

CLIENTS, OURS = "client_whatsapp_business_accounts", "owned_whatsapp_business_accounts"
SAID = "Meta no longer answers “Account review”"


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def refusing(field: str, *parents: str) -> Any:
    """Trouble: what is asked under these paths refuses the field."""

    def trouble(request: Request) -> Answer | None:
        if field in request.fields and any(one in request.path for one in parents):
            return graph_error(100, message=f"(#100) Tried accessing nonexisting field ({field})")
        return None

    return trouble


def test_a_field_that_the_edges_refuse_for_several_wabas_is_given_up_and_said(
    book: ScriptedBook, desk: Browser
) -> None:
    book.add(3)
    book.trouble = refusing("account_review_status", CLIENTS, OURS)

    assert sync() == 0
    assert SAID in text_of(desk.get("/"))
    book.graph.requests.clear()
    assert sync() == 0

    assert len(book.asked(CLIENTS)) == len(book.asked(OURS)) == 1, "nobody is asked for it"


@pytest.mark.parametrize("wabas", [1, 2])
def test_a_field_that_all_of_a_few_wabas_refuse_for_an_hour_is_given_up_until_another_comes(
    book: ScriptedBook, desk: Browser, time_machine: Any, wabas: int
) -> None:
    book.add(wabas)
    book.trouble = refusing("account_review_status", CLIENTS, OURS)
    assert sync() == 0
    assert SAID not in text_of(desk.get("/")), "one or two may be wrong for a moment"

    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=61))
    assert sync() == 0
    assert SAID in text_of(desk.get("/"))
    book.graph.requests.clear()
    assert sync() == 0
    assert len(book.asked(CLIENTS)) == len(book.asked(OURS)) == 1, "nobody is asked for it"

    book.add(1)
    sync()
    book.graph.requests.clear()
    book.trouble = lambda _: None
    assert sync() == 0
    assert all("account_review_status" in request.fields for request in book.asked(CLIENTS))


def test_a_field_that_one_edge_answers_is_not_given_up_for_the_other(book: ScriptedBook) -> None:
    book.add(3)
    refused = refusing("account_review_status", CLIENTS)
    ours = page({"id": "700", "name": "Ours", "account_review_status": "APPROVED"})
    book.trouble = lambda request: ours if request.path.endswith(OURS) else refused(request)

    for _ in range(2):
        assert sync() == 0

    assert RefusedField.objects.get().given_up_at is None


def test_a_field_that_was_given_up_is_asked_for_as_soon_as_one_node_answers_and_all_that_day(
    book: ScriptedBook, desk: Browser, time_machine: Any
) -> None:
    wabas = book.add(5)
    book.trouble = refusing("throughput", "/phone_numbers")
    sync()
    assert RefusedField.objects.exclude(given_up_at=None).count() == 1

    time_machine.move_to(timezone.now() + datetime.timedelta(hours=25))
    book.trouble = refusing("throughput", *wabas[:4])
    sync()
    assert not RefusedField.objects.exclude(given_up_at=None).exists()

    book.trouble = lambda _: None
    sync()
    book.trouble = refusing("throughput", "/phone_numbers")
    sync()
    assert not RefusedField.objects.exclude(given_up_at=None).exists(), "it was answered a moment ago"


def test_a_field_of_the_business_that_owns_wabas_has_another_name_than_that_of_wabas(
    desk: Browser, settings: Any
) -> None:
    RefusedField.objects.create(
        version=settings.GRAPH_API_VERSION,
        node_type=OWNER.node_type,
        field="whatsapp_business_manager_messaging_limit",
        first_refused_at=timezone.now(),
        refused_at=timezone.now(),
        given_up_at=timezone.now(),
    )
    assert "no longer answers “Owner’s messaging limit”" in text_of(desk.get("/"))
