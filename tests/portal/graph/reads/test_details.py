"""The details of a number as the portal gets them: what is shown, and nothing that could be a secret."""

from __future__ import annotations

from typing import Any

import pytest

from portal.graph import GraphClient
from portal.graph.errors import BadAnswer
from tests.scripted_graph import ScriptedGraph, answer, graph_error

TOKEN = "EAAtoken"
WEDNESDAY = {"day_of_week": "WEDNESDAY", "open_time": "0900", "close_time": "1700"}


def test_the_node_is_asked_for_the_fields_that_no_other_reading_has(graph: ScriptedGraph, client: GraphClient) -> None:
    said: dict[str, Any] = {
        "quality_score": {"score": "RED", "reasons": ["BLOCKS"], "date": 1_764_288_000},
        "official_business_account": {"oba_status": "REJECTED", "status_message": "Not notable."},
        "conversational_automation": {
            "enable_welcome_message": True,
            "prompts": ["Opening hours?", 7, None],
            "commands": [{"command_name": "menu", "command_description": "The menu"}, "odd"],
        },
        "country_dial_code": "1",
    }
    graph.script(answer({"id": "7", **said}))

    found = client.number_details("7", token=TOKEN).values

    assert found["quality_score"] == {"score": "RED", "reasons": ["BLOCKS"], "date": "1764288000"}
    assert found["official_business_account"] == said["official_business_account"]
    assert found["conversational_automation"] == {
        "enable_welcome_message": True,
        "prompts": ["Opening hours?", "7"],
        "commands": [{"command_name": "menu", "command_description": "The menu"}],
    }
    assert "search_visibility" in graph.requests[-1].fields


def test_a_field_that_the_version_does_not_know_is_left_out(graph: ScriptedGraph, client: GraphClient) -> None:
    refusal = "(#100) Tried accessing nonexisting field (search_visibility) on node type (WhatsAppBusinessPhoneNumber)"
    graph.script(graph_error(100, message=refusal), answer({"id": "7", "host_platform": "CLOUD_API"}))

    assert client.number_details("7", token=TOKEN).values == {"id": "7", "host_platform": "CLOUD_API"}


def test_of_the_settings_only_what_is_shown_is_kept(graph: ScriptedGraph, client: GraphClient) -> None:
    sip = {"status": "ENABLED", "servers": [{"hostname": "sip.example", "sip_user_password": "secret"}]}
    hours = {"status": "ENABLED", "timezone_id": "America/Manaus", "weekly_operating_hours": [WEDNESDAY, {}]}
    calling = {"status": "ENABLED", "sip": sip, "call_hours": hours}
    graph.script(
        answer(
            {
                "calling": calling,
                "storage_configuration": {"status": "IN_COUNTRY_STORAGE_ENABLED", "data_localization_region": "DE"},
                "payload_encryption": {"status": "ENABLED", "cloud_encryption_key": "secret"},
            }
        )
    )

    found = client.number_settings("7", token=TOKEN).values

    assert found == {
        "calling": {"status": "ENABLED", "call_hours": {**hours, "weekly_operating_hours": [WEDNESDAY]}},
        "storage_configuration": {"status": "IN_COUNTRY_STORAGE_ENABLED", "data_localization_region": "DE"},
        "payload_encryption": {"status": "ENABLED"},
    }
    assert graph.requests[-1].target == "/v25.0/7/settings"


@pytest.mark.parametrize(("said", "expected"), [({}, {}), ({"username": "bakery", "status": "reserved"}, None)])
def test_a_number_has_a_username_or_none(
    graph: ScriptedGraph, client: GraphClient, said: dict[str, str], expected: dict[str, str] | None
) -> None:
    graph.script(answer(said))

    assert client.username("7", token=TOKEN).values == (said if expected is None else expected)


@pytest.mark.parametrize("odd", [[], "settings", 7])
def test_what_is_no_object_is_a_bad_answer(graph: ScriptedGraph, client: GraphClient, odd: object) -> None:
    graph.script(answer(odd))

    with pytest.raises(BadAnswer):
        client.number_settings("7", token=TOKEN)


def test_suggestions_come_as_lists_in_a_list(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(
        answer({"data": [{"username_suggestions": ["bakery", None]}, {"odd": 1}, {"username_suggestions": ["b2"]}]})
    )

    assert client.username_suggestions("7", token=TOKEN).values == {"username_suggestions": ["bakery", "b2"]}
