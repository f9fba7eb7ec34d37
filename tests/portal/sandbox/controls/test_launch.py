"""The command as a process: what it prints, how it stops, and what it keeps."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import load_command_class

from portal.sandbox.controls import launch
from portal.sandbox.world import book, store

ROOT = Path(__file__).parents[4]


@contextmanager
def running(*arguments: str, stop_with: int = signal.SIGTERM) -> Iterator[dict[str, str]]:
    """A practice server's process; gives what it printed, in the way a shell would source it."""
    command = [sys.executable, "-m", "portal.sandbox", "--port", "0", *arguments]
    # Nothing of Django is needed: its settings would fail to load.
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "nowhere"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        lines = list(takewhile(lambda line: not line.startswith("Practice Graph server is ready"), process.stdout))
        try:
            yield dict(shlex.split(line)[0].split("=", 1) for line in lines)
        finally:
            begun = time.monotonic()
            process.send_signal(stop_with)
            status = process.wait(5)
        assert status == 0
        assert time.monotonic() - begun < 3


def read(known: dict[str, str], path: str) -> Any:
    headers = {"Authorization": f"Bearer {known['META_SYSTEM_USER_TOKEN']}", "Connection": "close"}
    answer = requests.get(f"{known['GRAPH_API_URL']}/{path}", headers=headers, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()


def control(known: dict[str, str], method: str, path: str, body: Any = None) -> Any:
    answer = requests.request(
        method, f"{known['GRAPH_API_URL']}/_practice/{path}", json=body, headers={"Connection": "close"}, timeout=5
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_prints_what_the_portal_needs_and_stops_at_sigint() -> None:
    with running("--seed", "3", "--wabas", "2", "--numbers", "4", stop_with=signal.SIGINT) as known:
        assert read(known, known["META_BUSINESS_ID"])["id"] == known["META_BUSINESS_ID"]
        assert known == book.credentials(3).environment(known["GRAPH_API_URL"])
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", known["GRAPH_API_URL"])


def test_a_kept_world_comes_back_with_its_changes(tmp_path: Path) -> None:
    state = tmp_path / "kept" / "practice.json"
    arguments = ("--state", str(state), "--still", "--wabas", "20", "--numbers", "60")
    with running(*arguments) as known:
        before = control(known, "GET", "book")
        waba = next(each for each in before["wabas"] if each["relation"] == "client" and each["phone_number_ids"])
        other = next(each for each in before["wabas"] if each["relation"] == "owned")
        number = waba["phone_number_ids"][0]
        control(known, "PATCH", f"numbers/{number}", {"set": {"status": "KEPT"}, "unset": ["throughput"]})
        move = {"phone_number_id": number, "from_waba_id": waba["id"], "to_waba_id": other["id"]}
        control(known, "POST", "move", move)
        shared = control(known, "POST", "wabas", {"numbers": 2, "name": "Later"})
        added = control(known, "POST", f"wabas/{waba['id']}/numbers")
        control(known, "POST", f"tokens/{shared['id']}", {"state": "expired"})
        after = control(known, "GET", "book")
        tokens = control(known, "GET", "tokens")
        changes = control(known, "GET", "changes")
    with running(*arguments) as known:
        assert control(known, "GET", "book") == after
        assert control(known, "GET", "tokens") == tokens
        assert control(known, "GET", "changes") == changes
        assert read(known, f"{number}?fields=status,throughput") == {"status": "KEPT", "id": number}
        again = control(known, "POST", "wabas", {"numbers": 1})
        assert again["id"] not in {each["id"] for each in after["wabas"]}
        assert again["phone_number_ids"][0] not in after["phone_numbers"]
    assert {added["id"], shared["phone_number_ids"][0]} <= after["phone_numbers"].keys()
    assert list(state.parent.iterdir()) == [state]


def test_pins_counters_and_reviews_outlive_a_restart(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "practice.json"), "--still", "--wabas", "2", "--numbers", "8")

    def act(known: dict[str, str], path: str, body: Any) -> int:
        headers = {"Authorization": f"Bearer {known['META_SYSTEM_USER_TOKEN']}", "Connection": "close"}
        url = f"{known['GRAPH_API_URL']}/v25.0/{path}"
        return requests.post(url, json=body, headers=headers, timeout=5).status_code

    with running(*state) as known:
        waba = control(known, "GET", "wabas")["wabas"][0]["id"]
        body = {"cc": "44", "phone_number": "7700900999", "verified_name": "Harbor Bakery"}
        assert act(known, f"{waba}/phone_numbers", body) == 200
        number = control(known, "GET", "wabas")["wabas"][0]["phone_number_ids"][-1]
        assert act(known, f"{number}/request_code", {"code_method": "SMS", "language": "en"}) == 200
        assert act(known, number, {"pin": "314159", "new_display_name": "Harbor Tea"}) == 200
        assert act(known, f"{number}/register", {"messaging_product": "whatsapp", "pin": "314159"}) == 400
        before = control(known, "GET", f"numbers/{number}")
        assert before["code"]
        assert before["review_ends"]
    with running(*state, "--review-seconds", "5", "--lose-replies") as known:
        assert control(known, "GET", f"numbers/{number}") == before
        control(known, "POST", "clock", {"advance_seconds": 61})
        assert control(known, "GET", f"numbers/{number}")["values"]["new_name_status"] == "APPROVED"
        with pytest.raises(requests.ConnectionError):
            act(known, number, {"new_display_name": "Harbor Coffee"})
        after = control(known, "GET", f"numbers/{number}")
        assert (after["values"]["new_name_status"], after["pin"]) == ("PENDING_REVIEW", "314159")


def test_another_seed_or_size_starts_a_new_world(tmp_path: Path) -> None:
    state = tmp_path / "practice.json"
    size = store.Size(7, 3, 6, healthy=False)
    world, kept = store.load(state, size, 1000.0)
    assert not kept
    world.change_number(next(iter(world.numbers())), {"status": "KEPT"})
    store.save(world, state, size)
    assert store.load(state, size, 2000.0)[0].started == 1000.0
    other, kept = store.load(state, store.Size(8, 3, 6, healthy=False), 2000.0)
    assert (kept, other.started) == (False, 2000.0)


@pytest.mark.parametrize("content", ["", "[]", "{}", "my diary", '{"format": "something else"}'])
def test_a_file_that_is_no_practice_world_is_not_overwritten(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "diary"
    state.write_text(content)
    options = launch.Options(port=0, wabas=1, numbers=1, state=state)
    assert launch.run(options, sys.stdout, sys.stderr) == 1
    assert "is no practice world" in capsys.readouterr().err
    assert state.read_text() == content


def test_a_practice_world_that_makes_no_sense_gives_way_to_a_new_one(tmp_path: Path) -> None:
    state = tmp_path / "practice.json"
    size = store.Size(7, 3, 6, healthy=False)
    store.save(store.load(None, size, 1000.0)[0], state, size)
    kept = json.loads(state.read_text())
    state.write_text(json.dumps(kept | {"wabas": [{"id": "1"}]}))
    assert store.load(state, size, 2000.0)[1] is False


def test_a_taken_port_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = launch.Options(port=taken.getsockname()[1], wabas=1, numbers=1)
        assert launch.run(options, sys.stdout, sys.stderr) == 1
        assert "cannot run" in capsys.readouterr().err
        with pytest.raises(OSError, match="in use"), launch.serving(options):
            pass


@pytest.mark.parametrize("arguments", [["--wabas", "0"], ["--numbers", "-1"], ["--port", "70000"], ["--latency", "-1"]])
def test_wrong_options_are_refused(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "portal.sandbox", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert arguments[0] in done.stderr


def test_django_offers_the_same_options() -> None:
    command = load_command_class("portal", "sandbox")
    parser = command.create_parser("manage.py", "sandbox")
    given = ["--wabas", "9", "--numbers", "30", "--latency", "100", "--seed", "4", "--still", "--port", "0"]
    options = launch.Options.from_arguments(vars(parser.parse_args(given)))
    assert options == launch.Options(wabas=9, numbers=30, latency=100, seed=4, still=True, port=0)
