"""WABAs that come with their numbers: what is asked, what is followed, and what a digest tells apart."""

from typing import Any

import pytest

from portal.graph import GraphClient, GraphError, Meter, SharedWaba, UnknownField
from tests.scripted_graph import Request, ScriptedGraph, graph_error, number, page, page_value

EDGE = "client_whatsapp_business_accounts"
BUSINESS = "900000000000001"


def waba(waba_id: object = "100000000000001", *numbers: object, after: str | None = None, **facts: object) -> Any:
    edge = {"phone_numbers": page_value(*numbers, after=after)} if numbers else {}
    return {"id": waba_id, "name": "Harbor Bakery", **facts, **edge}


def ask(client: GraphClient, limit: int = 50) -> list[SharedWaba]:
    return client.shared_wabas(BUSINESS, EDGE, token="a-token", meter=Meter(), limit=limit).items


def test_one_call_asks_for_wabas_and_for_a_hundred_numbers_of_each(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(waba("1", number("11"), number("12")), waba("2", number("21")), after="next"))
    found = client.shared_wabas(BUSINESS, EDGE, token="a-token", meter=Meter(), limit=20, after="here")
    (asked,) = graph.requests
    assert (asked.query["limit"], asked.query["after"], found.after) == ("20", "here", "next")
    assert "phone_numbers.limit(100){id,display_phone_number," in asked.query["fields"]
    listings = [one.listing() for one in found.items]
    assert [[each.phone_number_id for each in one.numbers] for one in listings if one] == [["11", "12"], ["21"]]
    assert found.items[0].facts().values["name"] == "Harbor Bakery"


def test_further_pages_of_a_waba_are_followed(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(waba("1", number("11"), after="b")), page(number("12"), after="c"), page(number("13")))
    (found,) = ask(client)
    assert [request.query.get("after") for request in graph.requests] == [None, "b", "c"]
    assert found.raw_numbers is not None
    assert len(found.raw_numbers) == 3


def test_a_waba_whose_further_pages_fail_comes_without_numbers_and_the_others_whole(
    graph: ScriptedGraph, client: GraphClient
) -> None:
    graph.script(page(waba("1", number("11"), after="b"), waba("2", number("21"))), graph_error(100, subcode=33))
    broken, whole = ask(client)
    assert (broken.listing(), broken.facts().waba_id) == (None, "1")
    assert whole.listing() is not None


@pytest.mark.parametrize(
    "edge",
    [
        {},
        {"phone_numbers": {"data": []}},
        {"phone_numbers": {"data": "odd"}},
        {"phone_numbers": {"error": {"code": 200, "message": "Permissions error"}}},
    ],
)
def test_numbers_that_graph_leaves_out_are_not_taken_for_none(
    graph: ScriptedGraph, client: GraphClient, edge: dict[str, object]
) -> None:
    graph.script(page({"id": "1", "name": "A WABA", **edge}))
    (found,) = ask(client)
    assert (found.raw_numbers, found.listing()) == (None, None)


def test_a_number_without_an_id_makes_no_part_of_a_listing(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(waba("1", number("11"), {"verified_name": "no id"})))
    (found,) = ask(client)
    assert found.listing() is None


def test_a_number_that_comes_twice_is_one_as_last_seen(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(waba("1", number("11", status="PENDING"), number("11", status="CONNECTED"))))
    listing = ask(client)[0].listing()
    assert listing is not None
    assert [one.values["status"] for one in listing.numbers] == ["CONNECTED"]


def test_a_waba_that_comes_twice_is_one_as_last_seen(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(waba("1", number("11")), waba("2", number("21")), waba("1", number("12"))))
    listings = {one.waba_id: one.listing() for one in ask(client)}
    assert {waba_id: [each.phone_number_id for each in one.numbers] for waba_id, one in listings.items() if one} == {
        "1": ["12"],
        "2": ["21"],
    }


def test_a_refused_field_is_an_error_and_nothing_is_asked_for_again(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(graph_error(100, message="(#100) Tried accessing nonexisting field (status) on node type (X)"))
    with pytest.raises(UnknownField):
        ask(client)


def test_fields_that_were_given_up_are_not_asked_for(graph: ScriptedGraph, client: GraphClient) -> None:
    client.leave_out({"phone_number": frozenset({"is_pin_enabled"}), "waba": frozenset({"country"})})
    graph.script(page(waba("1", number("11"))))
    (found,) = ask(client)
    assert "is_pin_enabled" not in graph.requests[0].query["fields"]
    assert "country" not in found.asked.waba


def digests(graph: ScriptedGraph, client: GraphClient, *wabas: object) -> set[str]:
    graph.script(*(page(one) for one in wabas))
    return {one.digest for _ in wabas for one in ask(client)}


def test_the_order_in_which_things_are_said_does_not_change_a_digest(graph: ScriptedGraph, client: GraphClient) -> None:
    one, other = number("11", status="CONNECTED"), number("12")
    turned = dict(reversed(list(one.items())))
    assert len(digests(graph, client, waba("1", one, other), waba("1", other, turned))) == 1


def test_whatever_else_is_said_changes_it(graph: ScriptedGraph, client: GraphClient) -> None:
    said = [
        waba("1", number("11")),
        waba("1", number("11", status="PENDING")),
        waba("1", number("11"), number("12")),
        waba("1", number("12")),
        waba("1", number("11", status=None)),
        waba("1", number("11"), status="ACTIVE"),
        waba("1", number("11", unknown_to_us="x")),
        waba("2", number("11")),
    ]
    assert len(digests(graph, client, *said)) == len(said)
    client.leave_out({"phone_number": frozenset({"is_pin_enabled"})})
    assert not digests(graph, client, said[0]) & digests(graph, GraphClient(client._config), said[0])


def test_a_dead_token_behind_a_page_is_an_error(graph: ScriptedGraph, client: GraphClient) -> None:
    def answer(request: Request) -> Any:
        return graph_error(190) if "after" in request.query else page(waba("1", number("11"), after="b"))

    graph.always(answer)
    with pytest.raises(GraphError):
        ask(client)
