"""The message links of a number as the portal gets them."""

from __future__ import annotations

import pytest

from portal.graph import GraphClient
from portal.graph.errors import BadAnswer
from portal.graph.reads.message_links import MessageLinkReading
from tests.scripted_graph import ScriptedGraph, answer


def test_all_links_are_asked_for_with_the_fields_that_are_used(graph: ScriptedGraph, client: GraphClient) -> None:
    link = {"code": "A1", "prefilled_message": "Hello", "deep_link_url": "https://wa.me/message/A1"}
    graph.script(answer({"data": [link, {"code": "A2"}]}))

    assert client.message_links("7", token="EAAtoken") == [
        MessageLinkReading("A1", "Hello", "https://wa.me/message/A1"),
        MessageLinkReading("A2", "", ""),
    ]
    (request,) = graph.requests
    assert request.target.partition("?")[0] == "/v25.0/7/message_qrdls"
    assert request.fields == ["code", "prefilled_message", "deep_link_url"]


@pytest.mark.parametrize("link", [{}, {"code": ""}, {"code": ["A1"]}, {"code": "A/1"}, "A1"])
def test_a_link_without_a_code_makes_the_whole_list_useless(
    graph: ScriptedGraph, client: GraphClient, link: object
) -> None:
    graph.script(answer({"data": [{"code": "A1"}, link]}))

    with pytest.raises(BadAnswer):
        client.message_links("7", token="EAAtoken")
