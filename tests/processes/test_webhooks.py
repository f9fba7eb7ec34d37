"""Events on their whole way: something happens at Meta, and the desk of `make run` shows it within seconds."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from portal.sandbox.world.credentials import credentials
from tests.browser.desk import PASSWORD, Desk, running_desk
from tests.phones.events.sending import change, delivery, entry, signature

pytestmark = [pytest.mark.processes, pytest.mark.timeout(500)]

# On a quiet machine it takes two to four seconds. Tests run beside others.
PATIENCE_SECONDS = 60


class Reader:
    """The desk, read by its administrator."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.session = requests.Session()
        self.session.trust_env = False
        page = self.session.get(f"{desk.address}/login/", timeout=10).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        form = {"username": "admin", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        assert self.session.post(f"{desk.address}/login/", form, timeout=10).ok

    def page(self, path: str) -> str:
        answer = self.session.get(f"{self.desk.address}{path}", timeout=10)
        return " ".join(answer.text.split()) if answer.ok else ""

    def numbers(self) -> list[dict[str, Any]]:
        """Numbers of WABAs that we can read and that send us their events."""
        book = self.desk.practice("GET", "book")
        found = []
        for waba in book["wabas"]:
            if waba["relation"] == "client" and not waba["trouble"] and waba["phone_number_ids"]:
                self.subscribe(waba["id"])
                found += [{"id": pk, "waba": waba["id"]} for pk in waba["phone_number_ids"]]
            if len(found) > 12:
                break
        return found

    def subscribe(self, waba_id: str) -> None:
        headers = {"Authorization": f"Bearer {credentials().system_user_token}"}
        assert requests.post(f"{self.desk.graph}/v25.0/{waba_id}/subscribed_apps", headers=headers, timeout=10).ok


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with running_desk() as desk:
        reading = Reader(desk)
        yield reading
        reading.session.close()  # the desk waits for open connections when it stops


def now_of(reader: Reader, phone_number_id: str) -> str:
    """What the number's page says above its history."""
    return reader.page(f"/phones/{phone_number_id}/").partition('id="history"')[0]


def soon(true: Callable[[], bool], reader: Reader) -> float:
    """Wait until it is true; how many seconds it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < PATIENCE_SECONDS, reader.page("/events/")
        time.sleep(0.2)  # other processes are at work; there is no event to wait for
    return time.monotonic() - started


def happen(reader: Reader, kind: str, **wish: object) -> dict[str, Any]:
    return dict(reader.desk.practice("POST", "drift", {"kind": kind, **wish}))


def test_a_quality_drop_a_rejected_name_a_disconnection_and_a_new_client_are_on_the_desk_within_seconds(
    reader: Reader,
) -> None:
    numbers = reader.numbers()
    healthy = [one for one in numbers if "Graph says GREEN" in now_of(reader, one["id"])]
    dropped, rejected = healthy[0], healthy[-1]

    happen(reader, "quality_dropped", phone_number_id=dropped["id"])
    soon(lambda: "Graph says GREEN" not in now_of(reader, dropped["id"]), reader)

    happen(reader, "name_decided", phone_number_id=rejected["id"], decision="REJECTED")
    page = f"/phones/{rejected['id']}/"
    soon(lambda: "Meta rejected the display name" in reader.page(page), reader)

    gone = happen(reader, "business_app_disconnected")
    page = f"/phones/{gone['phone_number_id']}/"
    reader.subscribe(gone["waba_id"])
    soon(lambda: "our access away" in reader.page(page) or "Disconnected from" in reader.page(page), reader)

    shared = happen(reader, "waba_shared")
    soon(lambda: bool(reader.page(f"/wabas/{shared['waba_id']}/")), reader)


def deliver(reader: Reader, body: bytes | Iterator[bytes], signed: str) -> int:
    """Post a delivery; the status of the answer. An iterator is sent in chunks, without a length."""
    address = f"{reader.desk.address}/webhooks/meta/"
    return requests.post(address, body, headers={"X-Hub-Signature-256": signed}, timeout=20).status_code


def signed(body: bytes) -> str:
    return signature(body, credentials().app_secret)


def test_a_delivery_without_a_length_is_read_like_any_other_and_no_further_than_the_limit(reader: Reader) -> None:
    body = delivery(entry("1", change("in_chunks", {})))
    huge = b" " * (5 * 1024 * 1024)

    assert deliver(reader, iter([body[:10], body[10:]]), signed(body)) == 200
    assert deliver(reader, iter([huge]), signed(huge)) == 413
    assert "in_chunks" in reader.page("/events/")


def test_the_same_delivery_from_twenty_sides_at_once_is_one_event(reader: Reader) -> None:
    body = delivery(entry("1", change("twenty_times", {})))

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: deliver(reader, body, signed(body)), range(100)))

    assert answers == [200] * 100
    assert reader.page("/events/?field=twenty_times").count("As it came") == 1


def test_a_flood_of_unsigned_posts_is_refused_and_the_pages_are_answered_meanwhile(reader: Reader) -> None:
    body = delivery(entry("1", change("unsigned_flood", {})))

    with ThreadPoolExecutor(8) as pool:
        flood = [pool.submit(deliver, reader, body, "sha256=" + "0" * 64) for _ in range(150)]
        assert reader.page("/phones/")
        assert {answer.result() for answer in flood} == {403}

    assert "No event fits" in reader.page("/events/?field=unsigned_flood")
