"""What `debug_token` says of a token, and what is made of an answer that says it oddly."""

from datetime import UTC, datetime

import pytest

from portal.graph import GraphClient, TokenFacts
from portal.graph.errors import BadAnswer
from portal.graph.errors.redaction import Redactor
from portal.graph.payloads import ShapeError
from portal.graph.reads.tokens import read_token
from tests.scripted_graph import ScriptedGraph, answer

MANAGEMENT, MESSAGING = "whatsapp_business_management", "whatsapp_business_messaging"
INPUT = "CUSTOMERSENTINEL0123456789"


def facts_of(**data: object) -> TokenFacts:
    return read_token({"data": {"is_valid": True, **data}}, Redactor([]))


@pytest.mark.parametrize("odd", [7, [], ["x"], {"data": 5}], ids=repr)
def test_token_facts_survive_odd_details(odd: object) -> None:
    facts = facts_of(app_id=odd, type=odd, scopes=odd, error=odd, issued_at=odd, data_access_expires_at=odd)

    assert facts.is_valid
    assert facts.waba_ids == ()


def test_scopes_come_in_metas_order_and_once() -> None:
    assert facts_of(scopes=[MESSAGING, MANAGEMENT, MESSAGING]).scopes == (MESSAGING, MANAGEMENT)


@pytest.mark.parametrize(
    ("granular", "target_ids"),
    [
        (None, None),
        ([], None),
        ([{"scope": MESSAGING, "target_ids": ["1"]}], None),
        ([{"scope": MANAGEMENT}], None),
        ([{"scope": MANAGEMENT, "target_ids": None}], None),
        ([{"scope": MANAGEMENT, "target_ids": []}], None),
        ([{"scope": MANAGEMENT, "target_ids": ["12", 11, "12"]}], ("12", "11")),
        ([{"scope": MANAGEMENT, "target_ids": ["2"]}, {"scope": MANAGEMENT, "target_ids": ["1"]}], ("2", "1")),
        ([{"scope": MANAGEMENT, "target_ids": ["2"]}, {"scope": MANAGEMENT}], ("2",)),
        ([{"scope": MANAGEMENT, "target_ids": ["me", "2"]}], ("2",)),
        ([{"scope": MANAGEMENT, "target_ids": ["me", {}, 1.5]}], ()),
        ([{"scope": MANAGEMENT, "target_ids": "1"}], ()),
        ([{"scope": MANAGEMENT, "target_ids": {"0": "1"}}], ()),
    ],
)
def test_a_narrowing_is_told_or_not_and_never_made_out_of_what_cannot_be_read(
    granular: object, target_ids: tuple[str, ...] | None
) -> None:
    facts = facts_of(granular_scopes=granular)

    assert facts.target_ids(MANAGEMENT) == target_ids
    assert facts.waba_ids == (target_ids or ())


@pytest.mark.parametrize("wrong", [7, "x", {}, {"scope": MANAGEMENT}, ["x"], [{}], [{"scope": [], "target_ids": []}]])
def test_a_narrowing_that_cannot_be_read_at_all_is_a_bad_answer(wrong: object) -> None:
    with pytest.raises(ShapeError, match="narrowed"):
        facts_of(granular_scopes=wrong)


@pytest.mark.parametrize(
    ("said", "expires_at"),
    [
        (0, None),
        ("0", None),
        (None, None),
        (1772615287, datetime.fromtimestamp(1772615287, UTC)),
        ("2026-03-04T09:08:07+0000", datetime(2026, 3, 4, 9, 8, 7, tzinfo=UTC)),
    ],
)
def test_a_token_ends_at_a_time_or_never(said: object, expires_at: datetime | None) -> None:
    assert facts_of(expires_at=said).expires_at == expires_at


@pytest.mark.parametrize("wrong", [True, False, -1, "soon", [], {}, 10**30], ids=repr)
def test_an_end_that_cannot_be_read_is_not_taken_for_never(wrong: object) -> None:
    with pytest.raises(ShapeError, match="ends"):
        facts_of(expires_at=wrong)


@pytest.mark.parametrize("wrong", [{}, [], None, {"data": []}, {"data": {}}, {"data": {"is_valid": "true"}}], ids=repr)
def test_an_answer_that_does_not_say_whether_a_token_is_valid_is_a_bad_one(
    graph: ScriptedGraph, client: GraphClient, wrong: object
) -> None:
    graph.script(answer(wrong))

    with pytest.raises(BadAnswer):
        client.debug_token(INPUT, token="4000001|appsecret")


def test_why_a_token_is_not_valid_is_told_without_the_token(graph: ScriptedGraph, client: GraphClient) -> None:
    trouble = {"code": 190, "subcode": 463, "message": f"Session of {INPUT} by 4000001|appsecret has expired"}
    graph.script(answer({"data": {"is_valid": False, "error": trouble, "scopes": []}}))

    facts = client.debug_token(INPUT, token="4000001|appsecret")

    assert (facts.is_valid, facts.error_code, facts.error_subcode) == (False, 190, 463)
    assert facts.error_message == "Session of [redacted] by [redacted] has expired"
    assert INPUT not in repr(facts)
