"""Traces for OpenTelemetry: what spans say, and that no secret, code or phone number is among it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.checks import run_checks
from django.test import Client as Browser
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from clients.links import token_of
from clients.models import SyncRun, User, Waba
from phones.onboarding.invitations import address_of
from phones.tasks import tick
from portal import traced_calls, traced_tasks, tracing
from portal.environment import Environment, traces_are_sent_by_http, traces_are_wanted
from portal.graph.http.transport import Transport
from tests.conftest import SignIn
from tests.factories import make_signup_link
from tests.practice import Practice, practice_server


@pytest.fixture
def spans(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Every span that ends, kept in memory."""
    settings.TRACING = True
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(Transport, "watcher", [])
    tracing.start(exporter)
    traced_calls.follow()
    yield exporter
    tracing.stop()


@pytest.fixture
def practice(db: None, settings: Any) -> Iterator[Practice]:
    with practice_server(settings, wabas=3, numbers=6, healthy=True) as server:
        yield server


def named(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == name]


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def said(exporter: InMemorySpanExporter) -> str:
    return "\n".join(span.to_json() for span in exporter.get_finished_spans())


def environment_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **variables: str) -> Environment:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Environment(tmp_path / ".env")


def test_a_request_says_its_pattern_status_and_the_id_that_the_log_has(
    spans: InMemorySpanExporter, team_lead: User, sign_in: SignIn
) -> None:
    answer = sign_in(team_lead).get("/phones/", {"q": "+1 631 555 1234"})
    assert answer.status_code == 200
    (span,) = named(spans, "GET /phones/")
    known = attributes(span)
    assert known.keys() == {"http.request.method", "http.route", "http.response.status_code", "request_id"}
    assert (known["http.route"], known["http.response.status_code"]) == ("/phones/", 200)
    assert not re.search(r"631\D{0,3}555", said(spans))


@pytest.mark.django_db
def test_a_method_that_somebody_made_up_is_on_no_span(spans: InMemorySpanExporter, client: Browser) -> None:
    client.generic("LOOKATME", "/")

    assert "LOOKATME" not in said(spans)
    assert [span.name for span in spans.get_finished_spans()] == ["_OTHER /"]


@pytest.mark.django_db
def test_the_secret_in_a_clients_address_is_on_no_span(spans: InMemorySpanExporter, client: Browser) -> None:
    link = make_signup_link()
    secret = token_of(link)
    path = urlsplit(address_of(link)).path
    assert secret in path
    assert client.get(path).status_code == 200
    assert spans.get_finished_spans()
    assert secret not in said(spans)


def test_a_sync_says_its_run_and_each_waba_with_its_calls_below_it_and_no_token(
    spans: InMemorySpanExporter, practice: Practice, settings: Any
) -> None:
    settings.SYNC_WABAS_A_CALL = 0
    with tracing.span("task", "CONSUMER"):
        run = practice.sync()
    (task,) = named(spans, "task")
    wabas = named(spans, "read WABA")
    calls = named(spans, "GET phone_numbers")
    assert attributes(task)["runs"] == (run.pk,)
    assert {attributes(span)["waba_id"] for span in wabas} == set(Waba.objects.values_list("waba_id", flat=True))
    assert {span.parent.span_id for span in calls if span.parent} == {span.context.span_id for span in wabas}
    assert {span.parent.span_id for span in wabas if span.parent} == {task.context.span_id}
    assert {attributes(span)["node_id"] for span in calls} == {attributes(span)["waba_id"] for span in wabas}
    secrets = [practice.credentials.system_user_token, practice.credentials.app_secret]
    numbers = [number["display_phone_number"] for number in practice.book()["phone_numbers"].values()]
    assert numbers
    assert not [value for value in [*secrets, *numbers] if value in said(spans)]


def test_a_refused_call_says_of_which_kind_and_not_what_meta_wrote(
    spans: InMemorySpanExporter, practice: Practice
) -> None:
    practice.sync()
    spans.clear()
    error = {"code": 80008, "message": "Too many calls for +1 631 555 1234"}
    practice.fault({"status": 400, "graph_error": error}, path_contains="/phone_numbers")
    practice.sync()
    known = attributes(named(spans, "GET phone_numbers")[0])
    assert (known["error.type"], known["http.response.status_code"]) == ("throttled", 400)
    assert not re.search(r"631\D{0,3}555", said(spans))


@pytest.mark.django_db
def test_a_task_says_its_name_and_the_class_of_what_ended_it(spans: InMemorySpanExporter) -> None:
    traced_tasks._begin("1", tick)
    traced_tasks._end("1", state="SUCCESS")
    traced_tasks._begin("2", tick)
    traced_tasks._end("2", state="FAILURE", retval=ValueError("the token EAAsecret is wrong"))
    traced_tasks._end("3")
    first, second = named(spans, "phones.tasks.tick")
    assert (first.status.is_ok or first.status.is_unset, attributes(first)) == (True, {"task_id": "1"})
    assert attributes(second)["error.type"] == "ValueError"
    assert "EAAsecret" not in said(spans)


def test_spans_reach_a_receiver_of_otlp_before_a_process_ends(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TRACING = True
    taken: list[tuple[str, bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        tracing.start()
        with tracing.span("something done"):
            pass
        tracing.stop()
        server.shutdown()
    assert [path for path, _ in taken] == ["/v1/traces"]
    assert b"something done" in taken[0][1]
    assert b"numberdesk" in taken[0][1]


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_the_variables_of_every_program_switch_it_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wanted: bool
) -> None:
    assert traces_are_wanted(environment_of(tmp_path, monkeypatch, **variables)) is wanted


def test_without_the_packages_or_by_another_protocol_nothing_starts_and_it_is_said_why(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TRACING = True
    settings.TRACES_BY_HTTP = traces_are_sent_by_http(
        environment_of(tmp_path, monkeypatch, OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    )
    monkeypatch.setattr("portal.checks.find_spec", lambda _: None)
    found = {str(message.id): str(message.hint) for message in run_checks()}
    assert "requirements-tracing.txt" in found["numberdesk.E034"]
    assert "http/protobuf" in found["numberdesk.E035"]


def test_switched_off_it_loads_and_costs_nothing(team_lead: User, sign_in: SignIn) -> None:
    assert sign_in(team_lead).get("/phones/").status_code == 200
    assert Transport.watcher == []
    with tracing.span("nothing") as span:
        assert span is None
    assert tracing.carried(len) is len
    assert not SyncRun.objects.exists()
