"""A number's business profile as the portal gets it."""

from __future__ import annotations

from typing import Any

import pytest

from portal.graph import GraphClient, ProfileReading
from portal.graph.errors import BadAnswer
from tests.scripted_graph import ScriptedGraph, answer, graph_error

FIELDS = ["about", "address", "description", "email", "websites", "vertical", "profile_picture_url"]


def read(graph: ScriptedGraph, client: GraphClient, data: object) -> ProfileReading:
    graph.script(answer({"data": data}))
    return client.business_profile("7", token="EAAtoken")


def test_the_edge_is_asked_for_all_fields_and_read_as_sent(graph: ScriptedGraph, client: GraphClient) -> None:
    said: dict[str, Any] = {"about": "Bread", "websites": ["https://a.example/", ""], "vertical": "RETAIL"}

    found = read(graph, client, [{"messaging_product": "whatsapp", **said}])

    assert found.values == {"about": "Bread", "websites": ["https://a.example/"], "vertical": "RETAIL"}
    assert found.requested == {*FIELDS}
    (request,) = graph.requests
    assert request.target.partition("?")[0] == "/v25.0/7/whatsapp_business_profile"
    assert request.fields == FIELDS


def test_a_number_without_a_profile_has_no_values(graph: ScriptedGraph, client: GraphClient) -> None:
    assert read(graph, client, []).values == {}


def test_values_of_a_wrong_type_are_set_aside(graph: ScriptedGraph, client: GraphClient) -> None:
    found = read(graph, client, [{"about": ["?"], "websites": "https://a.example", "email": "a@b.example"}])

    assert found.values == {"email": "a@b.example"}
    assert found.odd.keys() == {"about", "websites"}


@pytest.mark.parametrize("data", [None, {}, "profile", [None], [{}, {}]])
def test_what_is_no_list_of_one_profile_is_a_bad_answer(
    graph: ScriptedGraph, client: GraphClient, data: object
) -> None:
    with pytest.raises(BadAnswer):
        read(graph, client, data)


def test_a_field_that_is_refused_is_left_out(graph: ScriptedGraph, client: GraphClient) -> None:
    refusal = "(#100) Tried accessing nonexisting field (vertical) on node type (WhatsAppBusinessProfile)"
    graph.script(graph_error(100, message=refusal))

    found = read(graph, client, [{"about": "Bread"}])

    assert found.values == {"about": "Bread"}
    assert found.requested == {*FIELDS} - {"vertical"}
