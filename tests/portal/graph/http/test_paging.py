"""Listings of several pages: whole or not at all, and nothing of `paging.next` but its cursor."""

import logging
from collections.abc import Callable

import pytest

from portal.graph import GraphClient, GraphError, Throttled, TokenDead
from portal.graph.errors import BadAnswer, BadCursor, PagingLoop, TooManyPages, Transient
from portal.graph.reads.numbers import PHONE_NUMBER
from tests.portal.graph.conftest import MakeClient
from tests.scripted_graph import Answer, Request, ScriptedGraph, answer, body, graph_error, number, page, page_value

TOKEN = "EAAscriptedtoken0123456789"
WABA_ID = "100000000000001"
BUSINESS_ID = "300000000000001"


def ids_of(client: GraphClient) -> list[str]:
    return [found.phone_number_id for found in client.phone_numbers(WABA_ID, token=TOKEN).numbers]


def test_pages_are_followed_by_cursor(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(number("1"), number("2"), after="c1=="), page(number("3"), after="c2&x"), page(number("4")))

    listing = client.phone_numbers(WABA_ID, token=TOKEN)

    assert [found.phone_number_id for found in listing.numbers] == ["1", "2", "3", "4"]
    assert listing.pages == 3
    assert [request.query.get("after") for request in graph.requests] == [None, "c1==", "c2&x"]
    assert {request.query["limit"] for request in graph.requests} == {"100"}
    assert {request.path for request in graph.requests} == {f"/v25.0/{WABA_ID}/phone_numbers"}


def test_a_waba_without_numbers_has_an_empty_listing(graph: ScriptedGraph, client: GraphClient) -> None:
    for empty in (page(), answer({"data": [], "paging": {}}), answer({"data": [], "paging": []})):
        graph.script(empty)
        assert ids_of(client) == []


def test_a_cursor_without_a_next_page_ends_the_listing(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(number("1"), paging={}, cursors={"before": "a", "after": "b"}))

    assert ids_of(client) == ["1"]


def test_an_empty_page_in_the_middle_ends_nothing(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(number("1"), after="c1"), page(after="c2"), page(number("2")))

    assert ids_of(client) == ["1", "2"]


def test_a_number_on_two_pages_is_listed_once_as_last_seen(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(number("1", status="PENDING"), number("2"), after="c1"), page(number("1", status="CONNECTED")))

    listing = client.phone_numbers(WABA_ID, token=TOKEN)

    assert [(found.phone_number_id, found.values["status"]) for found in listing.numbers] == [
        ("1", "CONNECTED"),
        ("2", "CONNECTED"),
    ]


@pytest.mark.parametrize("cursors", [{}, [], {"before": "x"}, {"after": None}])
def test_a_next_page_without_cursors_is_reached_by_the_cursor_in_its_address(
    graph: ScriptedGraph, client: GraphClient, cursors: object
) -> None:
    following = "https://evil.example/v1.0/666/phone_numbers?fields=pin&limit=9999&after=QVFI%3D%3D&access_token=stolen"
    graph.script(page(number("1"), cursors=cursors, next=following), page(number("2")))

    assert ids_of(client) == ["1", "2"]

    first, second = graph.requests
    assert second.path == first.path
    assert second.query == {**first.query, "after": "QVFI=="}


@pytest.mark.parametrize(
    "paging",
    [
        {"next": "https://graph.facebook.com/x"},
        {"next": "https://graph.facebook.com/x?after="},
        {"next": "http://[", "cursors": {}},
        {"next": 7},
        {"next": {}, "cursors": {"after": 7}},
        {"next": "x", "cursors": {"after": ""}},
        {"next": "x", "cursors": {"after": "ü"}},
        {"next": "x", "cursors": {"after": "x" * 5000}},
        "next",
        [1],
    ],
    ids=repr,
)
def test_a_listing_that_goes_on_without_a_usable_cursor_is_a_bad_answer(
    graph: ScriptedGraph, client: GraphClient, paging: object
) -> None:
    graph.script(answer({"data": [number("1")], "paging": paging}))

    with pytest.raises(BadAnswer):
        client.phone_numbers(WABA_ID, token=TOKEN)

    assert len(graph.requests) == 1


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]], ids=repr)
def test_a_listing_that_runs_in_a_circle_is_noticed(
    graph: ScriptedGraph, client: GraphClient, cursors: list[str]
) -> None:
    graph.script(*(page(number(str(at)), after=cursor) for at, cursor in enumerate(cursors, 1)))

    with pytest.raises(PagingLoop) as caught:
        client.phone_numbers(WABA_ID, token=TOKEN)

    assert len(graph.requests) == len(cursors)
    assert caught.value.path == f"/v25.0/{WABA_ID}/phone_numbers"


def test_a_listing_without_end_is_cut_off(graph: ScriptedGraph, make_client: MakeClient) -> None:
    def endless(request: Request) -> Answer:
        at = int(request.query.get("after", 0)) + 1
        return page(number(str(at)), after=str(at))

    graph.always(endless)

    with pytest.raises(TooManyPages):
        make_client(max_pages=7).phone_numbers(WABA_ID, token=TOKEN)

    assert len(graph.requests) == 7


def test_as_many_pages_as_allowed_are_a_whole_listing(graph: ScriptedGraph, make_client: MakeClient) -> None:
    graph.script(page(number("1"), after="c1"), page(number("2"), after="c2"), page(number("3")))

    assert make_client(max_pages=3).phone_numbers(WABA_ID, token=TOKEN).pages == 3


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (body(b"", status=500), Transient),
        (graph_error(190, subcode=460), TokenDead),
        (graph_error(80008), Throttled),
        (body(b"<html>"), BadAnswer),
    ],
)
def test_a_page_that_fails_fails_the_listing(
    graph: ScriptedGraph, client: GraphClient, failure: Answer, kind: type[GraphError]
) -> None:
    graph.script(page(number("1"), after="c1"), page(number("2"), after="c2"), failure)

    with pytest.raises(kind):
        client.phone_numbers(WABA_ID, token=TOKEN)


def test_a_page_that_fails_for_a_moment_is_asked_for_again_alone(graph: ScriptedGraph, make_client: MakeClient) -> None:
    graph.script(page(number("1"), after="c1"), body(b"", status=502), page(number("2")))

    listing = make_client(retries=1).phone_numbers(WABA_ID, token=TOKEN)

    assert [request.query.get("after") for request in graph.requests] == [None, "c1", "c1"]
    assert len(listing.numbers) == 2


BAD_CURSOR = graph_error(
    100, message="(#100) The After Cursor specified exceeds the max limit supported by this endpoint"
)


def test_a_cursor_that_died_starts_the_listing_again(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(number("1"), after="c1"), BAD_CURSOR, page(number("2"), after="c1"), page(number("3")))

    listing = client.phone_numbers(WABA_ID, token=TOKEN)

    assert [found.phone_number_id for found in listing.numbers] == ["2", "3"]
    assert listing.pages == 2


def test_a_listing_is_started_again_once_only(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(number("1"), after="c1"), BAD_CURSOR, page(number("1"), after="c1"), BAD_CURSOR)

    with pytest.raises(BadCursor):
        client.phone_numbers(WABA_ID, token=TOKEN)


def test_a_lazy_listing_that_starts_again_hands_out_no_waba_twice(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(
        page({"id": "11"}, after="c1"), BAD_CURSOR, page({"id": "11"}, {"id": "12"}, after="c1"), page({"id": "13"})
    )

    pages = client.client_wabas(BUSINESS_ID, token=TOKEN)

    assert [[waba.waba_id for waba in wabas] for wabas in pages] == [["11"], ["12"], ["13"]]


def test_the_address_of_the_next_page_is_never_requested_or_logged(
    graph: ScriptedGraph, client: GraphClient, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedGraph() as evil, caplog.at_level(logging.DEBUG, logger="urllib3"):
        following = f"{evil.url}/v25.0/{WABA_ID}/phone_numbers?access_token=sentinel-9f3a&after=other"
        paging = {"cursors": {"before": "b", "after": "c1"}, "next": following, "previous": following}
        graph.script(
            answer({"data": [number("1")], "paging": paging}), page(number("2"), cursors=[1], next=following + "\x00")
        )
        graph.script(body(b"{", headers={"X-Next": following}))

        with pytest.raises(BadAnswer) as caught:
            client.phone_numbers(WABA_ID, token=TOKEN)

        assert evil.connections == 0
    assert "sentinel" not in caplog.text
    assert "sentinel" not in str(vars(caught.value))
    assert graph.requests[1].query["after"] == "c1"
    assert graph.requests[2].query["after"] == "other\x00"


def test_a_field_refused_in_the_middle_of_a_listing_is_given_up_from_there_on(
    graph: ScriptedGraph, client: GraphClient
) -> None:
    refused = graph_error(
        100,
        message="(#100) Tried accessing nonexisting field (is_on_biz_app) on node type (WhatsAppBusinessPhoneNumber)",
    )
    graph.script(page(number("1"), after="c1"), refused, page(number("2"), after="c2"), page(number("3")))

    first, second, third = client.phone_numbers(WABA_ID, token=TOKEN).numbers

    assert first.requested == {*PHONE_NUMBER.core, *PHONE_NUMBER.extra}
    assert second.requested == third.requested == first.requested - {"is_on_biz_app"}
    assert [request.query.get("after") for request in graph.requests] == [None, "c1", "c1", "c2"]


def test_nothing_is_left_of_a_page_value_without_paging() -> None:
    assert page_value() == {"data": []}


@pytest.mark.parametrize(
    ("name_of", "error", "most"),
    [(lambda _: "1", PagingLoop, 4), (str, TooManyPages, 40)],
    ids=["the same number for ever", "a new number for ever"],
)
def test_a_listing_that_is_made_up_without_end_ends_soon(
    graph: ScriptedGraph, client: GraphClient, name_of: Callable[[int], str], error: type[GraphError], most: int
) -> None:
    graph.always(lambda request: page(number(name_of(len(graph.requests))), after=f"c{len(graph.requests)}"))

    with pytest.raises(error):
        ids_of(client)

    assert len(graph.requests) == most
