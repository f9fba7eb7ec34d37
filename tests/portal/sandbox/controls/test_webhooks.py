"""Webhook events on their way to an app's callback: signed, repeated, out of order, or not at all."""

import argparse
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from portal.sandbox.controls import launch
from portal.sandbox.controls.launch import Options, serving
from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.receiver import Receiver, receiving

EVENTS = [{"field": "security", "value": {"event": "PIN_CHANGED", "place": place}} for place in range(6)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def partner(start: Partner, receiver: Receiver) -> Caller:
    return start(webhook=receiver.url)


def mode(partner: Caller, **wish: object) -> Any:
    return partner.control("POST", "webhooks/mode", wish)


def state(partner: Caller) -> Any:
    return partner.control("GET", "webhooks")


def settled(partner: Caller) -> Any:
    """What the controls say once nothing waits any more."""
    while (found := state(partner))["waiting"]:
        pass
    return found


def send_all(partner: Caller) -> None:
    for each in EVENTS:
        partner.control("POST", "webhooks/send", each)


def places(updates: list[Any]) -> list[int]:
    return [update["value"]["place"] for update in updates]


def subscribed(partner: Caller) -> str:
    """The id of a number whose WABA the app is subscribed to."""
    for waba in partner.wabas(relation="client"):
        if partner.read(f"{waba['id']}/subscribed_apps")["data"] and waba["phone_number_ids"]:
            number_id: str = waba["phone_number_ids"][0]
            return number_id
    raise AssertionError("the app is subscribed to nothing")


def app_token(partner: Caller) -> str:
    return f"{partner.known.app_id}|{partner.known.app_secret}"


def subscribe(partner: Caller, url: str, **more: object) -> Any:
    body = {"object": "whatsapp_business_account", "callback_url": url, "verify_token": "letmein"} | more
    return partner.post(f"{partner.known.app_id}/subscriptions", body, token=app_token(partner))


def test_a_change_reaches_the_callback_signed_over_its_raw_bytes(partner: Caller, receiver: Receiver) -> None:
    number = subscribed(partner)
    change = {"new_display_name": "Bäckerei 24/7", "new_name_status": "DECLINED"}
    partner.control("PATCH", f"numbers/{number}", {"set": change})
    (post,) = receiver.posts()
    assert post.is_signed(partner.known.app_secret)
    assert not post.is_signed(partner.known.app_secret[::-1])
    assert b"B\\u00e4ckerei 24\\/7" in post.body
    assert post.headers["content-type"] == "application/json"
    assert post.headers["user-agent"].startswith("facebook")
    (update,) = post.updates
    assert update["field"] == "phone_number_name_update"
    assert update["entry_id"] in {waba["id"] for waba in partner.wabas()}
    assert update["value"]["requested_verified_name"] == "Bäckerei 24/7"


def test_what_a_partner_does_is_told(partner: Caller, receiver: Receiver) -> None:
    number = subscribed(partner)
    partner.do(number, {"pin": "314159"})
    partner.do(number, {"new_display_name": "Harbor Tea"})
    partner.forward(61)
    fields = [(each["field"], each["value"].get("decision")) for each in receiver.updates(3)]
    assert fields == [
        *(("security", None), ("phone_number_name_update", "PENDING"), ("phone_number_name_update", "APPROVED")),
    ]


def test_a_review_ends_although_nobody_calls(start: Partner, receiver: Receiver) -> None:
    partner = start(webhook=receiver.url, review_seconds=0.1)
    partner.do(subscribed(partner), {"new_display_name": "Harbor Tea"})
    decisions = [each["value"]["decision"] for each in receiver.updates(2)]
    assert decisions == ["PENDING", "APPROVED"]


def test_an_owner_who_turns_two_step_verification_off_is_told_of(partner: Caller, receiver: Receiver) -> None:
    number = subscribed(partner)
    partner.control("PATCH", f"numbers/{number}", {"pin": "123456"})
    partner.control("PATCH", f"numbers/{number}", {"pin": None})
    events = [each["value"]["event"] for each in receiver.updates(3)]
    assert events == ["PIN_CHANGED", "PIN_RESET_REQUEST", "PIN_REQUEST_SUCCESS"]


def test_settings_badges_and_trials_are_told(partner: Caller, receiver: Receiver) -> None:
    number = subscribed(partner)
    for before, after in (
        ({"search_visibility": "VISIBLE"}, {"search_visibility": "NON_VISIBLE"}),
        (
            {"official_business_account": {"oba_status": "PENDING"}},
            {"official_business_account": {"oba_status": "REJECTED"}},
        ),
        ({"account_mode": "SANDBOX"}, {"account_mode": "LIVE"}),
    ):
        for values in (before, after):
            partner.control("PATCH", f"numbers/{number}", {"set": values})
    settled(partner)
    found = {each["field"]: each["value"] for each in receiver.updates()}
    assert found["account_settings_update"]["phone_number_settings"]["search_visibility"] == "NON_VISIBLE"
    assert found["account_alerts"]["alert_info"]["alert_type"] == "OBA_REJECTED"
    assert found["account_update"]["event"] == "VERIFIED_ACCOUNT"


def test_only_a_waba_that_the_app_is_subscribed_to_is_heard_of(partner: Caller, receiver: Receiver) -> None:
    number = subscribed(partner)
    waba = next(each["id"] for each in partner.wabas() if number in each["phone_number_ids"])
    drop = {"kind": "account_violated", "waba_id": waba}
    assert partner.session.delete(
        f"{partner.url}/v25.0/{waba}/subscribed_apps",
        headers={"Authorization": f"Bearer {partner.known.system_user_token}"},
        timeout=10,
    ).ok
    partner.control("POST", "drift", drop)
    partner.control("POST", "drift", {"kind": "waba_shared"})
    partner.do(f"{waba}/subscribed_apps")
    partner.control("POST", "drift", drop)
    events = [each["value"]["event"] for each in receiver.updates(3)]
    assert events == ["PARTNER_ADDED", "PARTNER_APP_INSTALLED", "ACCOUNT_VIOLATION"]


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


def test_a_callback_that_echoes_the_challenge_is_subscribed(start: Partner, receiver: Receiver) -> None:
    partner = start()
    assert subscribe(partner, receiver.url, fields="security, account_update").json() == {"success": True}
    (handshake,) = receiver.handshakes
    assert handshake["hub.mode"] == ["subscribe"]
    assert handshake["hub.challenge"][0].isdigit()
    (shown,) = partner.read(f"{partner.known.app_id}/subscriptions", token=app_token(partner))["data"]
    assert shown == {
        "object": "whatsapp_business_account",
        "callback_url": receiver.url,
        "active": True,
        "fields": [{"name": name, "version": "v25.0"} for name in ("account_update", "security")],
    }
    number = subscribed(partner)
    partner.do(number, {"new_display_name": "Harbor Tea"})
    partner.do(number, {"pin": "314159"})
    assert [each["field"] for each in receiver.updates()] == ["security"]


def test_a_callback_may_call_the_server_during_the_handshake(start: Partner, receiver: Receiver) -> None:
    partner = start()

    def echo(challenge: str) -> tuple[int, str]:
        called = requests.get(f"{partner.url}/_practice", headers={"Connection": "close"}, timeout=5)
        return called.status_code, challenge

    receiver.echoes = echo
    assert subscribe(partner, receiver.url).status_code == 200


@pytest.mark.parametrize("echo", [(200, "no"), (403, "{}"), (500, "{}"), (302, "{}")])
def test_a_callback_that_does_not_echo_the_challenge_is_refused(
    start: Partner, receiver: Receiver, echo: tuple[int, str]
) -> None:
    partner = start()
    receiver.echoes = lambda challenge: (echo[0], echo[1].format(challenge))
    answer = subscribe(partner, receiver.url)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2200)
    assert partner.read(f"{partner.known.app_id}/subscriptions", token=app_token(partner)) == {"data": []}


def test_a_callback_with_another_verify_token_or_none_at_all_is_refused(start: Partner, receiver: Receiver) -> None:
    partner = start()
    receiver.verify_token = "something else"
    assert subscribe(partner, receiver.url).json()["error"]["code"] == 2200
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert subscribe(partner, f"http://127.0.0.1:{port}/").json()["error"]["code"] == 2200


@pytest.mark.parametrize(
    "wish", [{"object": "page"}, {"callback_url": "ftp://example"}, {"verify_token": ""}, {"fields": "[1]"}]
)
def test_a_subscription_with_wrong_parameters_asks_nobody(
    start: Partner, receiver: Receiver, wish: dict[str, object]
) -> None:
    answer = subscribe(start(), receiver.url, **wish)
    assert answer.json()["error"]["code"] == 100
    assert receiver.handshakes == []


def test_subscriptions_take_the_apps_own_token_only(start: Partner, receiver: Receiver) -> None:
    partner = start()
    path = f"{partner.known.app_id}/subscriptions"
    body = {"object": "whatsapp_business_account", "callback_url": receiver.url, "verify_token": "letmein"}
    assert partner.refusal(path, body)["code"] == 15
    assert partner.refusal(path, body, token="nonsense")["code"] == 190
    assert partner.error(path)["code"] == 15
    assert receiver.handshakes == []


def test_the_callback_outlives_a_restart(start: Partner, receiver: Receiver, tmp_path: Path) -> None:
    kept = tmp_path / "practice.json"
    with serving(Options(port=0, still=True, wabas=3, numbers=12, state=kept)) as server:
        first = Caller(server)
        assert subscribe(first, receiver.url).ok
        first.session.close()
    partner = start(state=kept)
    partner.control("POST", "webhooks/send", EVENTS[3])
    assert places(receiver.updates()) == [3]


def test_the_portal_is_told_its_verify_token(start: Partner, receiver: Receiver) -> None:
    environment = start().known.environment("http://127.0.0.1:1")
    assert len(environment["WEBHOOK_VERIFY_TOKEN"]) == 24
    chosen = start(webhook=receiver.url, webhook_verify_token="my own")
    assert chosen.known.environment("http://127.0.0.1:1")["WEBHOOK_VERIFY_TOKEN"] == "my own"


def test_the_command_takes_a_callback(receiver: Receiver) -> None:
    parser = argparse.ArgumentParser()
    launch.add_arguments(parser)
    given = parser.parse_args(["--webhook", receiver.url, "--webhook-verify-token", "my own"])
    assert launch.Options.from_arguments(vars(given)) == Options(webhook=receiver.url, webhook_verify_token="my own")
    with pytest.raises(SystemExit):
        parser.parse_args(["--webhook", "portal.example"])


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
