"""A fact of a WABA is as old as the last reading that had it: an older one takes no report of Meta's back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Waba
from phones.models import EventFact
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import Answer, Request, page

pytestmark = pytest.mark.django_db

DISABLED, REJECTED = "<strong>Meta disabled this WABA", "<strong>Meta rejected the account"


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def listed_with(waba_id: str, **facts: str) -> Any:
    def trouble(request: Request) -> Answer | None:
        is_edge = request.path.endswith("/client_whatsapp_business_accounts")
        return page({"id": waba_id, "name": "Bakery", "currency": "EUR", **facts}) if is_edge else None

    return trouble


def test_what_graph_said_of_a_waba_before_a_report_ends_it_only_when_it_is_said_again(
    book: ScriptedBook, desk: Browser
) -> None:
    [waba_id] = book.add(1)
    in_order = listed_with(waba_id, status="ACTIVE", account_review_status="APPROVED")
    book.trouble = in_order
    sync()
    waba = Waba.objects.get()
    for name, value in [("ban", {"ban_info": {"waba_ban_state": "DISABLE"}}), ("review", {"decision": "REJECTED"})]:
        EventFact.objects.create(waba=waba, name=name, value=value, at=timezone.now(), decided_by="1")

    book.trouble = listed_with(waba_id)
    assert sync() == 0
    assert sync() == 0
    shown = text_of(desk.get(f"/wabas/{waba_id}/"))
    assert (DISABLED in shown, REJECTED in shown) == (True, True)
    assert shown.count("Last returned") == 2

    book.trouble = listed_with(waba_id, status="ACTIVE")
    sync()
    shown = text_of(desk.get(f"/wabas/{waba_id}/"))
    assert (DISABLED in shown, REJECTED in shown) == (False, True)
    assert shown.count("Last returned") == 1

    book.trouble = in_order
    sync()
    assert REJECTED not in text_of(desk.get(f"/wabas/{waba_id}/"))
    assert Waba.objects.get().provenance == {}
