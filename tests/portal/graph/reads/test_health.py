"""`health_status` as the portal gets it: Meta's words as sent, and no error for what is odd about them."""

from __future__ import annotations

from typing import Any

import pytest

from portal.graph import GraphClient, HealthReading
from portal.graph.reads.health import HealthEntity, HealthError, HealthStatus
from tests.scripted_graph import ScriptedGraph, answer, graph_error


def read(graph: ScriptedGraph, client: GraphClient, **values: Any) -> HealthReading:
    graph.script(answer({"id": "7", **values}))
    return client.number_health("7", token="EAAtoken")


def test_the_field_is_asked_for_alone_and_read_with_codes_and_advice(graph: ScriptedGraph, client: GraphClient) -> None:
    error = {"error_code": 141006, "error_description": "No payment.", "possible_solution": "Add one."}
    blocked = {"entity_type": "WABA", "id": "9", "can_send_message": "BLOCKED", "errors": [error]}
    limited = {"entity_type": "PHONE_NUMBER", "id": "7", "can_send_message": "LIMITED", "additional_info": ["Name"]}

    found = read(graph, client, health_status={"can_send_message": "BLOCKED", "entities": [limited, blocked]})

    assert found.health == HealthStatus(
        "BLOCKED",
        (
            HealthEntity("PHONE_NUMBER", "7", "LIMITED", additional_info=("Name",)),
            HealthEntity("WABA", "9", "BLOCKED", (HealthError(141006, "No payment.", "Add one."),)),
        ),
    )
    assert graph.requests[-1].fields == ["id", "health_status"]


@pytest.mark.parametrize("odd", [None, [], "BLOCKED", {}, {"entities": []}, {"entities": [7], "can_send_message": 0.5}])
def test_what_says_nothing_is_no_health(graph: ScriptedGraph, client: GraphClient, odd: object) -> None:
    assert read(graph, client, health_status=odd).health is None


def test_odd_parts_are_passed_over(graph: ScriptedGraph, client: GraphClient) -> None:
    errors = ["?", {"error_code": "141006", "error_description": ["?"], "possible_solution": "x" * 9000}]
    entity = {"entity_type": "NEW_THING", "id": 9, "can_send_message": "PAUSED", "errors": errors}

    found = read(graph, client, health_status={"can_send_message": "PAUSED", "entities": [entity, None]})

    assert found.health == HealthStatus(
        "PAUSED", (HealthEntity("NEW_THING", "9", "PAUSED", (HealthError(141006, "", "x" * 500),)),)
    )


def test_a_server_that_does_not_know_the_field_returns_no_health(graph: ScriptedGraph, client: GraphClient) -> None:
    refusal = "(#100) Tried accessing nonexisting field (health_status) on node type (WhatsAppBusinessPhoneNumber)"
    graph.script(graph_error(100, message=refusal))

    assert read(graph, client).health is None
