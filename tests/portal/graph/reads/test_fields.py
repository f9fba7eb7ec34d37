"""Fields that a server does not know, or that a token may not see, cost a call once and nothing else."""

import pytest

from portal.graph import BadRequest, GraphClient, Meter, NotVisible, PermissionMissing
from portal.graph.errors import UnknownField
from portal.graph.reads.accounts import WABA
from portal.graph.reads.numbers import PHONE_NUMBER
from tests.scripted_graph import Answer, Request, ScriptedGraph, answer, graph_error, number, page

TOKEN = "EAAscriptedtoken0123456789"
NUMBER_ID = "200000000000001"
WABA_ID = "100000000000001"
ALL = [*PHONE_NUMBER.core, *PHONE_NUMBER.extra]


def unknown(field: str) -> Answer:
    return graph_error(
        100, message=f"(#100) Tried accessing nonexisting field ({field}) on node type (WhatsAppBusinessPhoneNumber)"
    )


UNNAMED = graph_error(100, message="(#100) Tried accessing nonexisting field")


def without(*fields: str) -> list[str]:
    return [name for name in ALL if name not in fields]


def test_an_unknown_field_is_left_out_for_that_node_and_noted(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(unknown("is_on_biz_app"), answer(number()), page(number()))
    meter = Meter()

    reading = client.phone_number(NUMBER_ID, token=TOKEN, meter=meter)
    client.phone_numbers(WABA_ID, token=TOKEN)

    assert [request.fields for request in graph.requests] == [ALL, without("is_on_biz_app"), ALL]
    assert reading.requested == set(without("is_on_biz_app"))
    assert meter.refused == {("phone_number", "is_on_biz_app", NUMBER_ID)}


def test_the_pages_of_a_listing_pay_once_for_an_unknown_field(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(unknown("status"), page(number("1"), after="c1"), page(number("2")))

    assert len(client.phone_numbers(WABA_ID, token=TOKEN).numbers) == 2

    assert [request.fields for request in graph.requests] == [ALL, without("status"), without("status")]


def test_fields_given_up_are_not_asked_for(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer(number()), answer(number()))

    client.leave_out({"phone_number": frozenset({"throughput"}), "waba": frozenset({"status"})})
    client.phone_number(NUMBER_ID, token=TOKEN)
    client.leave_out({})
    client.phone_number(NUMBER_ID, token=TOKEN)

    assert [request.fields for request in graph.requests] == [without("throughput"), ALL]


def test_several_unknown_fields_are_left_out_one_after_another(graph: ScriptedGraph, client: GraphClient) -> None:
    gone = {"is_on_biz_app", "throughput", "new_display_name"}

    def server(request: Request) -> Answer:
        wrong = next((name for name in request.fields if name in gone), None)
        return unknown(wrong) if wrong else answer(number())

    graph.always(server)

    reading = client.phone_number(NUMBER_ID, token=TOKEN)

    assert reading.requested == set(without(*gone))
    assert len(graph.requests) == 4


def test_what_one_node_type_lacks_another_may_have(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(unknown("status"), answer(number()), answer({"id": WABA_ID}))

    client.phone_number(NUMBER_ID, token=TOKEN)
    client.waba(WABA_ID, token=TOKEN)

    assert graph.requests[-1].fields == [*WABA.core, *WABA.extra]


def test_a_refusal_that_names_no_field_costs_the_extra_fields_and_then_all_but_only_this_once(
    graph: ScriptedGraph, client: GraphClient
) -> None:
    graph.script(UNNAMED, UNNAMED, answer(number()), answer(number()))
    meter = Meter()

    reading = client.phone_number(NUMBER_ID, token=TOKEN, meter=meter)
    client.phone_number(NUMBER_ID, token=TOKEN)

    assert [request.fields for request in graph.requests] == [ALL, list(PHONE_NUMBER.core), [], ALL]
    assert "fields" not in graph.requests[2].query
    assert not meter.refused
    assert reading.requested == frozenset()
    assert reading.values["status"] == "CONNECTED", "what came unasked is still a value"


def test_a_server_that_refuses_even_no_fields_is_an_error(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.always(UNNAMED)

    with pytest.raises(UnknownField):
        client.phone_number(NUMBER_ID, token=TOKEN)

    assert len(graph.requests) == 3


@pytest.mark.parametrize("named", ["phone_numbers", "id", "message_template_namespace"])
def test_a_refusal_of_something_not_asked_for_or_of_the_id_is_an_error(
    graph: ScriptedGraph, client: GraphClient, named: str
) -> None:
    graph.always(unknown(named))

    with pytest.raises(UnknownField):
        client.phone_number(NUMBER_ID, token=TOKEN)

    assert len(graph.requests) == 1


@pytest.mark.parametrize("node_type", ["Business", "WhatsAppBusinessAccount"])
def test_a_node_of_another_type_is_not_asked_for_less(
    graph: ScriptedGraph, client: GraphClient, node_type: str
) -> None:
    graph.script(
        graph_error(100, message=f"(#100) Tried accessing nonexisting field (status) on node type ({node_type})")
    )

    with pytest.raises(UnknownField) as caught:
        client.phone_number(NUMBER_ID, token=TOKEN)

    assert caught.value.node_type == node_type


def test_the_sentence_is_understood_in_another_language(graph: ScriptedGraph, client: GraphClient) -> None:
    foreign = (
        "(#100) Se intentó acceder al campo inexistente (account_mode) en el tipo de nodo (WhatsAppBusinessPhoneNumber)"
    )
    graph.script(graph_error(100, message=foreign), answer(number()))

    assert client.phone_number(NUMBER_ID, token=TOKEN).requested == set(without("account_mode"))


@pytest.mark.parametrize(
    "message",
    [
        "(#100) Param account_mode must be one of {LIVE, SANDBOX}",
        "Invalid parameter",
        "(#100) The parameter (limit) is out of range (1-100)",
        "",
    ],
)
def test_another_bad_request_costs_no_field(graph: ScriptedGraph, client: GraphClient, message: str) -> None:
    graph.script(graph_error(100, message=message))

    with pytest.raises(BadRequest) as caught:
        client.phone_number(NUMBER_ID, token=TOKEN)

    assert type(caught.value) is BadRequest
    assert len(graph.requests) == 1


def test_an_object_that_is_not_visible_costs_no_field(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(graph_error(100, subcode=33, message="Object does not exist (status) or cannot be loaded (id)"))

    with pytest.raises(NotVisible):
        client.phone_number(NUMBER_ID, token=TOKEN)

    assert len(graph.requests) == 1


def test_a_missing_permission_that_names_no_field_is_just_that(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(graph_error(10, message="(#10) Application does not have permission for this action"))

    with pytest.raises(PermissionMissing) as caught:
        client.waba(WABA_ID, token=TOKEN)

    assert caught.value.field_name == ""
    assert len(graph.requests) == 1


def test_a_field_that_a_token_may_not_see_is_left_out_for_that_call_only(
    graph: ScriptedGraph, client: GraphClient
) -> None:
    graph.script(
        graph_error(10, message="(#10) No permission to access field (owner_business_info)"),
        answer({"id": WABA_ID, "name": "Harbor"}),
        answer({"id": WABA_ID, "name": "Harbor"}),
    )

    reading = client.waba(WABA_ID, token=TOKEN)
    client.waba(WABA_ID, token="EAAanothertoken")

    assert "owner_business_info" not in reading.requested
    assert "owner_business_info" in graph.requests[2].fields


@pytest.mark.parametrize(("code", "field"), [(10, "name"), (200, "owner_business_info")])
def test_a_core_field_or_another_permission_is_an_error(
    graph: ScriptedGraph, client: GraphClient, code: int, field: str
) -> None:
    graph.script(graph_error(code, message=f"No permission to access field ({field})"))

    with pytest.raises(PermissionMissing) as caught:
        client.waba(WABA_ID, token=TOKEN)

    assert caught.value.field_name == field
