"""Answers that are not Graph's (fault F20) or have no end (fault F22): one typed error, in bounded memory."""

import json
import tracemalloc

import pytest

from portal.graph import GraphClient, GraphError, Meter, TokenDead
from portal.graph.errors import BadAnswer, Transient
from tests.portal.graph.conftest import MakeClient
from tests.scripted_graph import (
    Answer,
    ScriptedGraph,
    answer,
    body,
    graph_error,
    gzip_bomb,
    gzipped,
    hang_up,
    huge,
    number,
    page_value,
    raw,
    redirect,
    reset,
    silence,
)

TOKEN = "EAAscriptedtoken0123456789"
NUMBER_ID = "200000000000001"
WABA_ID = "100000000000001"


def read(client: GraphClient, meter: Meter | None = None) -> None:
    client.phone_number(NUMBER_ID, token=TOKEN, meter=meter)


# F20: answers that are not Graph's

NOT_GRAPH = {
    "html": body(b"<!doctype html><title>Sign in</title>", content_type="text/html"),
    "empty": body(b""),
    "blank": body(b" \r\n "),
    "cut off": body(json.dumps(number()).encode()[:-5]),
    "not utf-8": body(b'{"id": "200000000000001", "verified_name": "\xff"}'),
    "utf-16": body(json.dumps(number()).encode("utf-16")),
    "NaN": body(b'{"id": "200000000000001", "status": NaN}'),
    "Infinity": body(b'{"id": "200000000000001", "status": -Infinity}'),
    "a name twice": body(b'{"id": "200000000000001", "status": "CONNECTED", "status": "BANNED"}'),
    "too deep": body(b"[" * 200_000),
    "too long a number": body(b'{"id": ' + b"1" * 10_000 + b"}"),
    "a word": body(b'"ok"'),
    "null": body(b"null"),
    "an array": body(b"[]"),
    "no id": answer({"status": "CONNECTED"}),
    "a null id": answer({"id": None}),
    "an id with a fraction": answer({"id": 200000000000001.0}),
    "an id in scientific notation": body(b'{"id": 2.00000000000001e14}'),
    "a word for an id": answer({"id": "me"}),
    "a truth for an id": answer({"id": True}),
    "another number's id": answer(number("200000000000002")),
    "broken gzip": body(b"not gzip", headers={"Content-Encoding": "gzip"}),
    "not http": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "endless header": raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"),
    "no content": raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
    "refused without words": body(b"<html>Forbidden</html>", status=403),
}


@pytest.mark.parametrize("wrong", NOT_GRAPH.values(), ids=NOT_GRAPH.keys())
def test_an_answer_that_is_not_graphs_is_a_bad_one_and_not_asked_for_again(
    graph: ScriptedGraph, make_client: MakeClient, wrong: Answer
) -> None:
    graph.script(wrong)

    with pytest.raises(BadAnswer) as caught:
        read(make_client(retries=2))

    assert len(graph.requests) == 1
    assert caught.value.path == f"/v25.0/{NUMBER_ID}"


@pytest.mark.parametrize(
    "wrong",
    [{}, {"data": None}, {"data": {}}, {"data": "x"}, {"data": [1]}, {"data": [{}]}, [], [[]], "x", {"data": [None]}],
    ids=repr,
)
def test_a_listing_of_the_wrong_shape_is_a_bad_answer(graph: ScriptedGraph, client: GraphClient, wrong: object) -> None:
    graph.script(answer(wrong))

    with pytest.raises(BadAnswer):
        client.phone_numbers(WABA_ID, token=TOKEN)


@pytest.mark.parametrize("wrong", [{}, {"data": []}, {"data": {"is_valid": "yes"}}, []], ids=repr)
def test_token_facts_of_the_wrong_shape_are_a_bad_answer(
    graph: ScriptedGraph, client: GraphClient, wrong: object
) -> None:
    graph.script(answer(wrong))

    with pytest.raises(BadAnswer):
        client.debug_token("EAAcustomer", token=TOKEN)


def test_the_start_of_a_bad_answer_is_kept_without_secrets(graph: ScriptedGraph, make_client: MakeClient) -> None:
    content = f"<html>\n{TOKEN} app-secret access_token=abcdef123456&x=1 {'z' * 5000}".encode()
    graph.script(body(content, content_type="text/html"))

    with pytest.raises(BadAnswer) as caught:
        read(make_client(app_secret="app-secret"))

    excerpt = caught.value.excerpt
    assert excerpt.startswith("<html> [redacted] [redacted] access_token=[redacted]")
    assert len(excerpt) <= 1000


@pytest.mark.parametrize(
    "fine",
    [
        body(b"\xef\xbb\xbf" + json.dumps(number()).encode()),
        body(json.dumps(number()).encode(), content_type="text/javascript; charset=UTF-8"),
        body(json.dumps(number(200000000000001)).encode()),
        gzipped(json.dumps(number()).encode()),
        raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n19\r\n{"id": "200000000000001"}\r\n0\r\n\r\n'),
        raw(b'HTTP/1.0 200 OK\r\n\r\n{"id": "200000000000001"}'),
    ],
    ids=["byte order mark", "another content type", "id as a number", "gzip", "chunked", "until closed"],
)
def test_an_unusual_answer_that_is_right_is_read(graph: ScriptedGraph, client: GraphClient, fine: Answer) -> None:
    graph.script(fine)

    assert client.phone_number(NUMBER_ID, token=TOKEN).phone_number_id == NUMBER_ID


def test_an_id_beyond_the_range_of_floats_keeps_all_its_digits(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(body(b'{"data": [{"id": 9007199254740993}, {"id": "98765432109876543210"}]}'))

    listing = client.phone_numbers(WABA_ID, token=TOKEN)

    assert [found.phone_number_id for found in listing.numbers] == ["9007199254740993", "98765432109876543210"]


def test_the_bare_array_of_metas_guide_is_a_listing(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer([{"code_verification_status": "NOT_VERIFIED", "id": "1754951608042154"}]))

    listing = client.phone_numbers(WABA_ID, token=TOKEN)

    assert [found.phone_number_id for found in listing.numbers] == ["1754951608042154"]


def test_an_error_counts_whatever_the_http_status(graph: ScriptedGraph, client: GraphClient) -> None:
    for status in (200, 400, 500):
        graph.script(graph_error(190, status=status))
        with pytest.raises(TokenDead):
            read(client)


@pytest.mark.parametrize(
    "flood",
    [huge(50 * 2**20), huge(50 * 2**20, promised=True), huge(2**40, promised=True), gzip_bomb(2**30)],
    ids=["chunked", "promised", "a promised terabyte", "compressed"],
)
def test_a_flood_is_cut_off_in_bounded_memory(graph: ScriptedGraph, client: GraphClient, flood: Answer) -> None:
    graph.script(flood)
    tracemalloc.start()
    try:
        with pytest.raises(BadAnswer) as caught:
            read(client)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 30 * 2**20
    assert "larger than allowed" in caught.value.message
    assert caught.value.excerpt == ""


def test_the_cap_is_on_the_decompressed_body_and_exact(graph: ScriptedGraph, make_client: MakeClient) -> None:
    content = json.dumps(page_value(number("1"))).encode()
    graph.script(gzipped(content), gzipped(content + b" "))
    client = make_client(max_body_bytes=len(content))

    assert client.phone_numbers(WABA_ID, token=TOKEN).pages == 1
    with pytest.raises(BadAnswer):
        client.phone_numbers(WABA_ID, token=TOKEN)


def test_a_flood_from_a_failing_server_is_a_failing_server(graph: ScriptedGraph, make_client: MakeClient) -> None:
    graph.script(body(b" " * 2000, status=502))

    with pytest.raises(Transient):
        read(make_client(max_body_bytes=1000))


def test_a_client_works_on_after_every_kind_of_failure(graph: ScriptedGraph, make_client: MakeClient) -> None:
    client = make_client(total_timeout=5, read_timeout=1)
    for wrong in (*NOT_GRAPH.values(), hang_up(), reset(), silence(30), redirect("/"), huge(2**40)):
        graph.script(wrong, answer(number()))
        with pytest.raises(GraphError):
            read(client)
        read(client)
