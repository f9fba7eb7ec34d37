"""An app's callback: the handshake, whose token may subscribe it, and where its address comes from."""

import argparse
import socket
from pathlib import Path

import pytest
import requests

from portal.sandbox.controls import launch
from portal.sandbox.controls.launch import Options, serving
from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.controls.webhook_controls import EVENTS, app_token, places, subscribe, subscribed
from tests.portal.sandbox.receiver import Receiver


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
