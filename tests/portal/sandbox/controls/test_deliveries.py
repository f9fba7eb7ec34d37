"""How webhook events come to a callback: repeated, out of order, in batches, late, or not at all."""

import json
import socket
from typing import Any

import pytest

from portal.sandbox.controls.launch import Options, serving
from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.controls.webhook_controls import EVENTS, mode, places, send_all, settled, state
from tests.portal.sandbox.receiver import Receiver


@pytest.fixture
def partner(start: Partner, receiver: Receiver) -> Caller:
    return start(webhook=receiver.url)


def test_an_event_is_sent_again_until_it_is_taken(partner: Caller, receiver: Receiver) -> None:
    receiver.statuses.extend([500, 403, 302])
    partner.control("POST", "webhooks/send", EVENTS[0])
    first, second = receiver.posts(2)[:2]
    assert first.body == second.body
    while state(partner)["failed"] < 3:
        partner.control("POST", "webhooks/retry")
    partner.control("POST", "webhooks/retry")
    assert receiver.posts(4)[3].is_signed(partner.known.app_secret)
    found = settled(partner)
    assert (found["sent"], found["failed"], found["lost"]) == (1, 3, 0)
    assert found["latest"][0]["outcomes"] == ["500", "403", "302", "200"]


def test_a_pause_grows_from_attempt_to_attempt(partner: Caller, receiver: Receiver) -> None:
    receiver.statuses.extend([500] * 2)
    partner.control("POST", "webhooks/send", EVENTS[0])
    receiver.posts(2)
    while state(partner)["failed"] < 2:
        pass
    found = state(partner)
    assert (found["waiting"], [post["attempts"] for post in found["next"]]) == (1, [2])
    receiver.posts(3)


def test_events_wait_for_a_portal_that_starts_later(start: Partner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    partner = start(webhook=f"http://127.0.0.1:{port}/")
    partner.control("POST", "webhooks/send", EVENTS[0])
    while not state(partner)["failed"]:
        pass
    assert state(partner)["waiting"] == 1
    assert partner.read(partner.known.business_id)


def test_each_event_is_sent_as_often_as_asked(partner: Caller, receiver: Receiver) -> None:
    mode(partner, duplicates=5, parallel=5)
    partner.control("POST", "webhooks/send", EVENTS[0])
    posts = receiver.posts(5)
    assert {post.body for post in posts} == {posts[0].body}
    assert settled(partner)["sent"] == 5


def test_events_come_in_order_unless_they_are_shuffled(partner: Caller, receiver: Receiver) -> None:
    send_all(partner)
    assert places(receiver.updates(6)) == [0, 1, 2, 3, 4, 5]
    mode(partner, shuffle=True, paused=True)
    send_all(partner)
    mode(partner, paused=False)
    shuffled = places(receiver.updates(12)[6:])
    assert sorted(shuffled) == [0, 1, 2, 3, 4, 5] != shuffled


def test_events_come_in_batches(partner: Caller, receiver: Receiver) -> None:
    mode(partner, batch=4, paused=True)
    send_all(partner)
    mode(partner, paused=False)
    assert [len(post.updates) for post in receiver.posts(2)] == [4, 2]


def test_nothing_is_sent_while_paused(partner: Caller, receiver: Receiver) -> None:
    mode(partner, paused=True)
    send_all(partner)
    assert state(partner)["waiting"] == 6
    mode(partner, paused=False)
    assert places(receiver.updates(6)) == [0, 1, 2, 3, 4, 5]


def test_a_delayed_event_waits_and_can_be_hurried(partner: Caller, receiver: Receiver) -> None:
    mode(partner, delay=3600)
    partner.control("POST", "webhooks/send", EVENTS[0])
    mode(partner, delay=0)
    partner.control("POST", "webhooks/send", EVENTS[1])
    assert places(receiver.updates(1)) == [1]
    partner.control("POST", "webhooks/retry")
    assert places(receiver.updates(2)) == [1, 0]


def test_a_wrong_signature_is_sent_on_demand(partner: Caller, receiver: Receiver) -> None:
    mode(partner, bad_signature=True)
    partner.control("POST", "webhooks/send", EVENTS[0])
    (post,) = receiver.posts()
    assert post.headers["x-hub-signature-256"].startswith("sha256=")
    assert not post.is_signed(partner.known.app_secret)


def test_what_was_sent_is_replayed_byte_for_byte(partner: Caller, receiver: Receiver) -> None:
    send_all(partner)
    settled(partner)
    assert partner.control("POST", "webhooks/replay", {"last": 2})["replayed"] == 2
    posts = receiver.posts(8)
    assert [post.body for post in posts[6:]] == [post.body for post in posts[4:6]]


def test_a_flood_comes_in_one_post_or_in_many_and_every_event_is_another(partner: Caller, receiver: Receiver) -> None:
    partner.control("POST", "webhooks/flood", {"count": 1000, "one_post": True})
    (post,) = receiver.posts()
    assert len(post.updates) == 1000
    assert len({json.dumps(update) for update in post.updates}) == 1000
    mode(partner, parallel=8)
    partner.control("POST", "webhooks/flood", {"count": 40})
    assert [len(post.updates) for post in receiver.posts(41)[1:]] == [1] * 40


def test_an_event_by_hand_goes_where_and_when_it_is_told(partner: Caller, receiver: Receiver) -> None:
    event = {"field": "brand_new", "value": {"anything": [1]}, "waba_id": "123", "time": 5}
    partner.control("POST", "webhooks/send", event)
    partner.control("POST", "webhooks/send", {"field": "brand_new", "value": {}})
    first, second = receiver.updates(2)
    assert first == {"entry_id": "123", "time": 5, "field": "brand_new", "value": {"anything": [1]}}
    assert second["entry_id"] == partner.known.business_id


def test_what_waits_can_be_dropped(partner: Caller, receiver: Receiver) -> None:
    mode(partner, paused=True)
    send_all(partner)
    assert partner.control("DELETE", "webhooks") == {"waiting": 0}
    mode(partner, paused=False)
    partner.control("POST", "webhooks/send", EVENTS[5])
    assert places(receiver.updates(1)) == [5]


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("mode", {"duplicates": 0}),
        ("mode", {"batch": 1001}),
        ("mode", {"shuffle": 1}),
        ("mode", {"speed": 1}),
        ("mode", {"delay": "long"}),
        ("send", {"field": "security"}),
        ("send", {"field": "security", "value": {}, "time": "now"}),
        ("flood", {"count": 0}),
        ("flood", {"count": 5, "one_post": "yes"}),
        ("replay", {"last": 0}),
    ],
)
def test_wrong_use_is_refused_in_words(partner: Caller, path: str, wish: dict[str, Any]) -> None:
    answer = partner.session.post(f"{partner.url}/_practice/webhooks/{path}", json=wish, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_without_a_callback_nothing_is_sent_and_a_flood_is_refused(start: Partner) -> None:
    partner = start()
    partner.control("POST", "drift", {"kind": "waba_shared"})
    found = state(partner)
    assert (found["callback"], found["sent"], found["waiting"]) == (None, 0, 0)
    answer = partner.session.post(f"{partner.url}/_practice/webhooks/flood", json={"count": 5}, timeout=10)
    assert answer.status_code == 409


def test_a_server_stops_while_a_callback_keeps_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = Options(
            port=0, still=True, wabas=3, numbers=12, webhook=f"http://127.0.0.1:{silent.getsockname()[1]}/"
        )
        with serving(options) as server:
            partner = Caller(server)
            partner.control("POST", "webhooks/send", EVENTS[0])
            connection, _ = silent.accept()
            assert connection.recv(100).startswith(b"POST / HTTP/1.1")
            partner.session.close()
        connection.close()


def test_a_portal_that_answers_no_http_is_tried_again(start: Partner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as odd:
        partner = start(webhook=f"http://127.0.0.1:{odd.getsockname()[1]}/")
        partner.control("POST", "webhooks/send", EVENTS[0])
        for answer in (b"", b"what?\r\n\r\n"):
            connection, _ = odd.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(answer)
        while state(partner)["failed"] < 2:
            pass
        assert state(partner)["waiting"] == 1
