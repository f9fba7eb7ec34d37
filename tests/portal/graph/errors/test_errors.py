"""Which error stands for which of Meta's codes, and what it carries."""

import json
from datetime import timedelta

import pytest

from portal.graph import BadRequest, GraphClient, GraphError, Meter, NotVisible, PermissionMissing, Throttled, TokenDead
from portal.graph.calls import Call
from portal.graph.errors import AccountState, BadAnswer, Transient, UnknownError
from portal.graph.errors.redaction import Redactor
from portal.graph.errors.verdicts import verdict
from tests.portal.graph.conftest import MakeClient
from tests.scripted_graph import ScriptedGraph, answer, body, graph_error, number

TOKEN = "EAAscriptedtoken0123456789"
NUMBER_ID = "200000000000001"
WABA_ID = "100000000000001"


def failure(client: GraphClient, node_id: str = NUMBER_ID) -> GraphError:
    with pytest.raises(GraphError) as caught:
        client.phone_number(node_id, token=TOKEN)
    return caught.value


CLASSES: list[tuple[int, int | None, type[GraphError]]] = [
    *((190, subcode, TokenDead) for subcode in (None, 458, 459, 460, 463, 464, 467, 492)),
    (102, None, TokenDead),
    (104, None, TokenDead),
    (0, None, TokenDead),
    *((code, None, PermissionMissing) for code in (3, 10, 200, 210, 299)),
    (200, 1349174, PermissionMissing),
    (100, 33, NotVisible),
    (803, None, NotVisible),
    (33, None, NotVisible),
    (100, None, BadRequest),
    (100, 2388001, BadRequest),
    (2500, None, BadRequest),
    (131009, None, BadRequest),
    *((code, None, Transient) for code in (1, 2, 131000, 131016, 131057, 133004)),
    *((code, None, AccountState) for code in (131031, 368, 131042)),
    *((code, None, UnknownError) for code in (300, 199, 135000, 200000, 99999, -1)),
]


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404])
@pytest.mark.parametrize(("code", "subcode", "kind"), CLASSES)
def test_the_code_decides_and_not_the_http_status(
    code: int, subcode: int | None, kind: type[GraphError], status: int
) -> None:
    envelope = {"message": "no", "code": code, "error_subcode": subcode, "type": "OAuthException"}

    error = verdict(envelope, Call("/v25.0/1"), status, None, Redactor([]))

    assert type(error) is kind
    assert (error.code, error.subcode, error.http_status) == (code, subcode, status)


@pytest.mark.parametrize(
    ("scope", "codes"),
    [("app", [4, 17, 32, 613]), ("waba", [80007, 80008]), ("number", [133016, 130429, 131048, 131056])],
)
def test_throttling_tells_whose_budget_is_used_up(
    graph: ScriptedGraph, make_client: MakeClient, scope: str, codes: list[int]
) -> None:
    client = make_client(retries=2)
    for code in codes:
        graph.script(graph_error(code, status=429, is_transient=True))
        error = failure(client)
        assert isinstance(error, Throttled)
        assert error.scope == scope
        assert error.retry_after is None
    assert len(graph.requests) == len(codes), "throttled calls are never repeated"


@pytest.mark.parametrize("content", [b"", b"<html>Too many requests</html>", b"{}"])
def test_http_429_without_an_error_is_throttling_of_the_app(
    graph: ScriptedGraph, make_client: MakeClient, content: bytes
) -> None:
    graph.script(body(content, status=429))

    error = failure(make_client(retries=2))

    assert isinstance(error, Throttled)
    assert (error.scope, error.code, error.http_status) == ("app", None, 429)


def test_an_unknown_code_with_http_429_is_throttling_of_the_app(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(graph_error(4711, status=429))

    assert isinstance(failure(client), Throttled)


def usage_of(**minutes: object) -> dict[str, str]:
    entries = {
        object_id.removeprefix("id"): [
            {"type": "whatsapp_business_management", "estimated_time_to_regain_access": given}
        ]
        for object_id, given in minutes.items()
    }
    return {"X-Business-Use-Case-Usage": json.dumps(entries)}


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        (usage_of(id100000000000001=19), 19),
        (usage_of(id100000000000001=19, id555=300), 19),
        (usage_of(id555=7, id666=300), None),
        ({"Retry-After": "120"}, 2),
        ({"Retry-After": "Fri, 27 Nov 2026 10:05:00 GMT", "Date": "Fri, 27 Nov 2026 10:00:00 GMT"}, 5),
        ({"Retry-After": "Fri, 27 Nov 2026 10:05:00 GMT", "Date": "soon"}, None),
        ({"Retry-After": "999999"}, 60),
        ({"Retry-After": "120", **usage_of(id100000000000001=19)}, 19),
        (usage_of(id100000000000001="19"), 19),
        (usage_of(id100000000000001=19.5), 19),
        (usage_of(id100000000000001=0), None),
        (usage_of(id100000000000001=-5), None),
        (usage_of(id100000000000001=True), None),
        (usage_of(id100000000000001=None), None),
        (usage_of(id100000000000001=999_999), 60),
        (usage_of(id100000000000001=10**30), None),
        ({"X-Business-Use-Case-Usage": "not json"}, None),
        ({"X-Business-Use-Case-Usage": "[1, 2]"}, None),
        ({"X-Business-Use-Case-Usage": '{"100000000000001": 5}'}, None),
        ({"X-Business-Use-Case-Usage": '{"100000000000001": [5, null]}'}, None),
        ({"X-Business-Use-Case-Usage": '{"1": [{"estimated_time_to_regain_access": Infinity}]}'}, None),
        ({"X-Business-Use-Case-Usage": "[" * 50_000}, None),
        ({"X-App-Usage": "", "X-Business-Use-Case-Usage": ""}, None),
        ({}, None),
    ],
)
def test_the_wait_comes_from_the_usage_header_when_it_is_readable(
    graph: ScriptedGraph, client: GraphClient, headers: dict[str, str], minutes: int | None
) -> None:
    graph.script(graph_error(80008, status=429, headers=headers))

    error = failure(client, WABA_ID)

    assert isinstance(error, Throttled)
    assert error.scope == "waba"
    assert error.retry_after == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "headers",
    [
        {"X-App-Usage": "broken", "X-Business-Use-Case-Usage": "{"},
        {"X-App-Usage": "[" * 60_000},
        {"X-App-Usage": '{"call_count": "a lot", "total_time": null, "total_cputime": NaN}'},
        {"X-App-Usage": '{"call_count": -3, "total_time": 1e999, "total_cputime": [1]}'},
        {"X-Business-Use-Case-Usage": '{"1": {"call_count": {}}, "2": [[1]], "3": "x"}'},
    ],
)
def test_unreadable_usage_headers_never_fail_a_call(
    graph: ScriptedGraph, client: GraphClient, headers: dict[str, str]
) -> None:
    graph.script(answer(number(), headers=headers))
    meter = Meter()

    client.phone_number(NUMBER_ID, token=TOKEN, meter=meter)

    assert meter.usage.worst_percent() == 0


@pytest.mark.parametrize(("code", "status"), [(2, 500), (99999, 500), (131057, 400)])
def test_a_transient_error_is_asked_again(
    graph: ScriptedGraph, make_client: MakeClient, code: int, status: int
) -> None:
    graph.script(graph_error(code, status=status), answer(number()))

    make_client(retries=1).phone_number(NUMBER_ID, token=TOKEN)

    assert len(graph.requests) == 2


@pytest.mark.parametrize(
    ("code", "subcode"), [(190, None), (10, None), (100, None), (100, 33), (131031, None), (99999, None)]
)
def test_an_error_that_will_not_pass_by_itself_is_not_asked_again(
    graph: ScriptedGraph, make_client: MakeClient, code: int, subcode: int | None
) -> None:
    graph.script(graph_error(code, subcode=subcode))

    failure(make_client(retries=3))

    assert len(graph.requests) == 1


def test_metas_own_flag_makes_an_unknown_error_of_a_read_transient() -> None:
    envelope = {"message": "no", "code": 4711, "is_transient": True}

    assert isinstance(verdict(envelope, Call("/v25.0/1"), 400, None, Redactor([])), Transient)


@pytest.mark.parametrize("code", [4711, 133000, 131045, 133016])
def test_neither_flag_nor_status_makes_an_error_of_a_change_transient(code: int) -> None:
    envelope = {"message": "no", "code": code, "is_transient": True}

    error = verdict(envelope, Call("/v25.0/1/register", method="POST"), 500, None, Redactor([]))

    assert not isinstance(error, Transient)
    assert error.is_transient


def test_code_0_of_another_type_says_nothing_about_the_token() -> None:
    envelope = {"message": "no", "code": 0, "type": "FacebookApiException"}

    assert type(verdict(envelope, Call("/v25.0/1"), 400, None, Redactor([]))) is UnknownError


def test_an_error_carries_what_meta_said(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(
        graph_error(
            136024,
            subcode=2388091,
            message="(#136024) Could not\nrequest the code",
            error_data={"messaging_product": "whatsapp", "details": "wait an hour"},
            error_user_title="Try later",
            error_user_msg="The code could not be sent.",
            fbtrace_id="AbCdEf123",
        )
    )

    error = failure(client)

    assert (error.code, error.subcode, error.http_status) == (136024, 2388091, 400)
    assert error.message == "(#136024) Could not request the code"
    assert error.details == "wait an hour"
    assert (error.user_title, error.user_message) == ("Try later", "The code could not be sent.")
    assert error.fbtrace_id == "AbCdEf123"
    assert error.is_transient is False
    assert (error.method, error.path) == ("GET", f"/v25.0/{NUMBER_ID}")
    assert str(error) == (
        f"unknown (code 136024/2388091, HTTP 400, GET /v25.0/{NUMBER_ID}, trace AbCdEf123): "
        "(#136024) Could not request the code"
    )


@pytest.mark.parametrize(
    ("error_data", "details"),
    [
        ('{"details": "as text"}', "as text"),
        ("plain words", "plain words"),
        ({"details": {"a": 1}}, ""),
        ([1], ""),
        (None, ""),
        ("[" * 100_000, "[" * 500),
    ],
)
def test_details_come_in_several_forms(
    graph: ScriptedGraph, client: GraphClient, error_data: object, details: str
) -> None:
    graph.script(graph_error(100, error_data=error_data))

    assert failure(client).details == details


@pytest.mark.parametrize(
    ("envelope", "kind"),
    [
        ("boom", UnknownError),
        ({"message": None, "code": None}, UnknownError),
        ({"message": {"a": 1}, "code": "190"}, TokenDead),
        ({"code": 190.0}, UnknownError),
        ({"code": True}, UnknownError),
        ({"code": 10**30}, UnknownError),
        ([190], UnknownError),
        ({"code": 190, "error_subcode": "463", "fbtrace_id": 7, "is_transient": "maybe"}, TokenDead),
    ],
    ids=repr,
)
def test_an_envelope_of_odd_types_is_still_an_error(
    graph: ScriptedGraph, client: GraphClient, envelope: object, kind: type[GraphError]
) -> None:
    graph.script(answer({"error": envelope}, status=400))

    assert type(failure(client)) is kind


def test_an_empty_error_is_none(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer({**number(), "error": None}))

    client.phone_number(NUMBER_ID, token=TOKEN)


def test_an_http_refusal_without_an_error_is_a_bad_answer(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer({"id": NUMBER_ID}, status=404))

    error = failure(client)

    assert isinstance(error, BadAnswer)
    assert error.http_status == 404


def test_long_messages_are_cut(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(graph_error(100, message="m" * 100_000, error_user_msg="u" * 100_000, fbtrace_id="f" * 1000))

    error = failure(client)

    assert (len(error.message), len(error.user_message), len(error.fbtrace_id)) == (500, 500, 64)


def test_every_kind_has_a_key_of_its_own() -> None:
    classes = [GraphError]
    for each in classes:
        classes += each.__subclasses__()

    assert len({each.kind for each in classes}) == len(classes) == 43


def test_an_error_has_no_library_exception_behind_it(graph: ScriptedGraph, client: GraphClient) -> None:
    """A traceback of one would print the whole address, secrets in its query included."""
    graph.script(body(b"not gzip", headers={"Content-Encoding": "gzip"}), body(b"{"))
    for _ in range(2):
        error = failure(client)
        assert error.__cause__ is None
        assert error.__context__ is None
    graph.stop()
    error = failure(client)
    assert error.__cause__ is None
    assert error.__context__ is None
