"""The pre-verified pool: what is asked, what is read, and what a code is sent for."""

from datetime import UTC, datetime

import pytest

from portal.graph import GraphClient, Meter, NotVisible, PreverifiedReading
from portal.graph.errors import BadAnswer
from portal.graph.reads.pool import PREVERIFIED, read_preverified
from portal.graph.writes import GraphWriter
from tests.scripted_graph import ScriptedGraph, answer, graph_error, page

TOKEN = "EAAscriptedtoken0123456789"
BUSINESS_ID = "300000000000001"
POOL_ID = "500000000000001"
ALL = [*PREVERIFIED.core, *PREVERIFIED.extra]


def pooled(preverified_id: object = POOL_ID, **values: object) -> dict[str, object]:
    return {
        "id": preverified_id,
        "phone_number": "15550100077",
        "code_verification_status": "VERIFIED",
        "code_verification_time": "2026-05-01T10:00:00+0000",
        "verification_expiry_time": "2026-07-30T10:00:00+0000",
        "owner_business": {"id": "300000000000009", "name": "Example Partner"},
        **values,
    }


def reading_of(**values: object) -> PreverifiedReading:
    return read_preverified({"id": POOL_ID, **values}, frozenset(ALL))


def test_one_number_of_the_pool_is_read(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer(pooled()))

    reading = client.preverified_number(POOL_ID, token=TOKEN)

    assert (graph.requests[0].path, graph.requests[0].fields) == (f"/v25.0/{POOL_ID}", ALL)
    assert reading.preverified_id == POOL_ID
    assert reading.phone_number == "15550100077"
    assert reading.code_verification_status == "VERIFIED"
    assert reading.code_verification_time == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert reading.verification_expiry_time == datetime(2026, 7, 30, 10, tzinfo=UTC)
    assert (reading.owner_business_id, reading.owner_business_name) == ("300000000000009", "Example Partner")
    assert reading.requested == set(ALL)


def test_a_time_comes_as_seconds_too() -> None:
    reading = reading_of(code_verification_time=1777629600, verification_expiry_time="1785405600")

    assert reading.code_verification_time == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert reading.verification_expiry_time == datetime(2026, 7, 30, 10, tzinfo=UTC)


def test_what_graph_did_not_return_is_none() -> None:
    for reading in (reading_of(), reading_of(**dict.fromkeys(ALL[1:]))):
        assert reading.phone_number is None
        assert reading.code_verification_status is None
        assert reading.code_verification_time is None
        assert reading.verification_expiry_time is None
        assert (reading.owner_business_id, reading.owner_business_name) == (None, None)


@pytest.mark.parametrize("odd", [[], ["x"], {"a": []}, 1.5], ids=repr)
def test_a_value_of_a_wrong_type_is_set_aside_and_named(odd: object) -> None:
    reading = reading_of(**dict.fromkeys(ALL[1:5], odd), owner_business=7)

    assert reading.values == {"id": POOL_ID}
    assert set(reading.odd) == set(ALL[1:])
    assert reading.owner_business_id is None


def test_another_word_of_metas_is_kept() -> None:
    assert reading_of(code_verification_status="UNVERIFIED").code_verification_status == "UNVERIFIED"


def test_the_pool_is_listed_whole(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(pooled("1"), pooled("2"), after="c1"), page(pooled("1", code_verification_status="EXPIRED")))

    numbers = client.preverified_numbers(BUSINESS_ID, token=TOKEN)

    assert [(each.preverified_id, each.code_verification_status) for each in numbers] == [
        ("1", "EXPIRED"),
        ("2", "VERIFIED"),
    ]
    assert {request.path for request in graph.requests} == {f"/v25.0/{BUSINESS_ID}/preverified_numbers"}
    assert [request.query.get("after") for request in graph.requests] == [None, "c1"]


def test_a_pool_that_does_not_come_whole_is_an_error(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(pooled("1"), {"phone_number": "15550100078"}))

    with pytest.raises(BadAnswer):
        client.preverified_numbers(BUSINESS_ID, token=TOKEN)


def test_a_field_that_this_version_lacks_is_left_out(graph: ScriptedGraph, client: GraphClient) -> None:
    node_type = "WhatsAppBusinessPreVerifiedPhoneNumber"
    message = f"(#100) Tried accessing nonexisting field (owner_business) on node type ({node_type})"
    missing = graph_error(100, message=message)
    graph.script(missing, page(pooled()))

    meter = Meter()
    (reading,) = client.preverified_numbers(BUSINESS_ID, token=TOKEN, meter=meter)

    assert "owner_business" not in reading.requested
    assert meter.refused == {("preverified_number", "owner_business", BUSINESS_ID)}


def test_a_number_of_the_pool_that_was_claimed_is_not_visible(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(graph_error(100, subcode=33))

    with pytest.raises(NotVisible):
        client.preverified_number(POOL_ID, token=TOKEN)


def test_an_answer_about_another_number_is_a_bad_one(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer(pooled("500000000000002")))

    with pytest.raises(BadAnswer):
        client.preverified_number(POOL_ID, token=TOKEN)


def test_the_partners_of_a_number_are_listed_by_id_and_name(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page({"id": "31", "name": "Harbor Partners"}, {"id": 32}, after="c1"), page({"id": "33", "name": []}))

    partners = client.preverified_partners(POOL_ID, token=TOKEN)

    assert partners == [("31", "Harbor Partners"), ("32", ""), ("33", "")]
    assert (graph.requests[0].path, graph.requests[0].fields) == (f"/v25.0/{POOL_ID}/partners", ["id", "name"])


def test_a_partner_without_an_id_spoils_the_list(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page({"name": "Harbor Partners"}))

    with pytest.raises(BadAnswer):
        client.preverified_partners(POOL_ID, token=TOKEN)


def test_a_code_is_asked_for_and_handed_in_by_the_id_in_the_pool(graph: ScriptedGraph, writer: GraphWriter) -> None:
    graph.script(answer({"success": True}), answer({"success": True}))

    writer.request_code(POOL_ID, token=TOKEN, code_method="VOICE", language="en_US")
    writer.verify_code(POOL_ID, token=TOKEN, code="123830")

    assert [request.path for request in graph.requests] == [
        f"/v25.0/{POOL_ID}/request_code",
        f"/v25.0/{POOL_ID}/verify_code",
    ]


@pytest.mark.parametrize("wrong", ["", "me", "1/2", "1\n"])
def test_an_id_that_is_not_made_of_digits_is_refused(graph: ScriptedGraph, client: GraphClient, wrong: str) -> None:
    for method in (
        client.preverified_numbers,
        client.preverified_number,
        client.preverified_partners,
        client.subscribed_apps,
        client.app_subscriptions,
    ):
        with pytest.raises(ValueError, match="digits"):
            method(wrong, token=TOKEN)

    assert graph.connections == 0
