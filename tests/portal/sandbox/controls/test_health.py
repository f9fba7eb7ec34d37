"""What keeps messages from being sent, as the practice server shows it in `health_status`."""

from __future__ import annotations

from typing import Any

from tests.portal.sandbox.conftest import REGISTERED, Caller, Partner


def health(practice: Caller, node_id: str) -> Any:
    return practice.read(node_id, fields="health_status")["health_status"]


def said(practice: Caller, node_id: str) -> dict[str, str]:
    """What each entity says, by its type; under "" what the whole says."""
    found = health(practice, node_id)
    entities = {each["entity_type"]: each["can_send_message"] for each in found["entities"]}
    return {"": found["can_send_message"], **entities}


def test_a_waba_without_payment_blocks_itself_and_its_numbers(start: Partner) -> None:
    practice = start()
    number, waba = practice.number(**REGISTERED), practice.wabas()[0]
    assert set(said(practice, number).values()) == {"AVAILABLE"}

    practice.control("POST", f"wabas/{waba['id']}/health")

    assert said(practice, number) == {
        "": "BLOCKED",
        "PHONE_NUMBER": "AVAILABLE",
        "WABA": "BLOCKED",
        "BUSINESS": "AVAILABLE",
    }
    entity = next(each for each in health(practice, waba["id"])["entities"] if each["entity_type"] == "WABA")
    assert entity["id"] == waba["id"]
    assert [set(error) for error in entity["errors"]] == [{"error_code", "error_description", "possible_solution"}]
    assert entity["errors"][0]["error_code"] == 141006
    # Nothing else shows it, and no field of this name can be asked for.
    assert practice.read(waba["id"], fields="status")["status"] == "ACTIVE"
    assert practice.error(waba["id"], fields="held_back")["code"] == 100
    assert practice.control("GET", f"wabas/{waba['id']}")["values"].keys().isdisjoint({"held back", "held_back"})

    practice.control("POST", f"wabas/{waba['id']}/health", {"can_send_message": "AVAILABLE"})
    assert set(said(practice, number).values()) == {"AVAILABLE"}


def test_a_business_holds_back_all_its_wabas_and_the_app_holds_back_everything(start: Partner) -> None:
    practice = start()
    number, waba = practice.number(**REGISTERED), practice.wabas()[0]
    others = [each["id"] for each in practice.wabas() if each["owner_business_id"] != waba["owner_business_id"]]
    limited = {"entity_type": "BUSINESS", "can_send_message": "LIMITED", "info": "Not verified yet"}

    practice.control("POST", f"wabas/{waba['id']}/health", limited)
    assert said(practice, number)["BUSINESS"] == said(practice, number)[""] == "LIMITED"
    assert all(said(practice, other)[""] == "AVAILABLE" for other in others)

    practice.control("POST", f"wabas/{waba['id']}/health", {"entity_type": "APP", "code": 1, "solution": "Appeal"})
    assert all(said(practice, other)["APP"] == "BLOCKED" for other in others)
    app = next(each for each in health(practice, number)["entities"] if each["entity_type"] == "APP")
    assert app["id"] == practice.known.app_id
    assert said(practice, number)["BUSINESS"] == "LIMITED"


def test_the_book_has_a_waba_that_owes_a_payment(practice: Caller) -> None:
    [waba] = [each for each in practice.wabas() if each["values"]["health_status"]["can_send_message"] == "BLOCKED"]
    registered = [
        number_id
        for number_id in waba["phone_number_ids"]
        if practice.values(number_id, "status", "platform_type") == ("CONNECTED", "CLOUD_API")
    ]
    assert registered
