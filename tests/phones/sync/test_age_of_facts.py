"""Graph answers, but leaves out what a number's state rests on: what is said of it is as old as that."""

import csv
import datetime
import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.phones.listing.rows import text_of as whole_text
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def test_a_state_that_graph_no_longer_returns_is_as_old_as_it_was_last_known(
    book: ScriptedBook, administrator: Any, sign_in: SignIn, capsys: Any
) -> None:
    (waba,) = book.add(1, numbers=2)
    sync()
    silent = PhoneNumber.objects.get(phone_number_id=book.wabas[waba][0]["id"])
    del book.wabas[waba][0]["status"]
    last_known = timezone.now()

    with time_machine.travel(timezone.now() + datetime.timedelta(hours=30)):
        desk = sign_in(administrator)
        capsys.readouterr()
        assert sync() == 1
        assert "1 number" in capsys.readouterr().out

        listed = text_of(desk.get("/phones/?queue=stale"))
        assert str(silent) in listed
        assert listed.count("data-phone-number-id=") == 1
        assert 'class="stage ok stale' in text_of(desk.get("/phones/?queue=stale&columns=stage,status"))
        assert "Numbers not read for 24 hours" in text_of(desk.get("/"))
        page = text_of(desk.get(f"/phones/{silent.phone_number_id}/"))
        assert "This rests on what Meta last answered" in page
        assert "30 h ago" in page
        lines = csv.DictReader(io.StringIO(whole_text(desk.get("/phones/export.csv?queue=stale"))))
        assert [line["facts_as_of"][:16] for line in lines] == [f"{last_known:%Y-%m-%dT%H:%M}"]
        first = text_of(desk.get("/phones/?sort=synced_at"))
        assert first.index(str(silent)) < first.index(str(book.wabas[waba][1]["display_phone_number"]))

        book.wabas[waba][0]["status"] = "CONNECTED"
        assert sync() == 0
        assert "data-phone-number-id" not in text_of(desk.get("/phones/?queue=stale"))


def test_a_fact_that_no_statement_rests_on_makes_a_number_no_older(book: ScriptedBook, desk: Browser) -> None:
    (waba,) = book.add(1)
    sync()
    del book.wabas[waba][0]["throughput"]

    with time_machine.travel(timezone.now() + datetime.timedelta(hours=30)):
        assert sync() == 0

    number = PhoneNumber.objects.get()
    assert number.provenance.keys() == {"throughput"}
    assert number.facts_as_of == number.synced_at
