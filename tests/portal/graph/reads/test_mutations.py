"""Real bodies, damaged at random: a reading or a `GraphError`, never anything else, and never part of a listing."""

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.graph import GraphClient, GraphConfig, GraphError, NumberListing
from portal.graph.writes import GraphWriter
from tests.scripted_graph import ScriptedGraph, body, page

TOKEN = "EAAscriptedtoken0123456789"
WABA_ID = "100000000000001"
NUMBER_ID = "200000000000001"

LISTING = {
    "data": [
        {
            "id": NUMBER_ID,
            "display_phone_number": "+1 555-010-0001",
            "verified_name": "Harbor Bakery ☕",
            "code_verification_status": "VERIFIED",
            "quality_rating": "GREEN",
            "platform_type": "CLOUD_API",
            "throughput": {"level": "STANDARD"},
            "webhook_configuration": {"application": "https://portal.example/hooks/wa"},
            "last_onboarded_time": "2026-03-04T09:08:07+0000",
            "is_pin_enabled": True,
        },
        {"id": "200000000000002", "status": "PENDING", "last_onboarded_time": 1772615287},
    ],
    "paging": {
        "cursors": {"before": "QVFI-b", "after": "QVFI-a"},
        "next": "https://graph.facebook.com/v25.0/x?after=y",
    },
}
ERROR = {
    "error": {
        "message": "(#100) Tried accessing nonexisting field (is_on_biz_app) on node type (X)",
        "type": "OAuthException",
        "code": 100,
        "error_subcode": 2388091,
        "is_transient": False,
        "error_data": {"messaging_product": "whatsapp", "details": "…"},
        "fbtrace_id": "AbCdEf",
    }
}
TOKEN_FACTS = {
    "data": {
        "app_id": "4",
        "is_valid": True,
        "expires_at": 0,
        "scopes": ["a"],
        "granular_scopes": [{"scope": "a", "target_ids": ["1"]}],
    }
}
WABA = {"id": WABA_ID, "name": "Harbor", "creation_time": 1772615287, "owner_business_info": {"id": "3", "name": "H"}}
POOLED = {
    "id": NUMBER_ID,
    "phone_number": "15550100077",
    "code_verification_time": "2026-05-01T10:00:00+0000",
    "verification_expiry_time": 1785405600,
    "owner_business": {"id": "3", "name": "H"},
}
APPS = {
    "data": [{"whatsapp_business_api_data": {"id": "4", "name": "P"}, "override_callback_uri": "https://x.example"}]
}
SUBSCRIPTIONS = {"data": [{"object": "page", "callback_url": "https://x.example", "active": True, "fields": ["a"]}]}
BUSINESS_TOKEN = {"access_token": "EAAfresh0123456789", "token_type": "bearer", "expires_in": 5183944}
BODIES = [json.dumps(value).encode() for value in (LISTING, LISTING["data"], ERROR, TOKEN_FACTS, WABA)]
NEWER_BODIES = [json.dumps(value).encode() for value in (ERROR, POOLED, APPS, SUBSCRIPTIONS, BUSINESS_TOKEN)]

ODD_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        "",
        "x",
        "\x00",
        "\ud800",
        [],
        [[]],
        {},
        {"id": 5},
        "9" * 5000,
        "true",
        33,
        190,
        80008,
    ]
)


@st.composite
def damaged_bytes(draw: st.DrawFn, bodies: list[bytes] = BODIES) -> bytes:
    """A body with bytes changed, dropped, repeated or inserted."""
    content = bytearray(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        upto = draw(st.integers(at, min(at + 40, len(content))))
        content[at:upto] = draw(
            st.sampled_from([b"", content[at:upto] * 2, b"NaN", b"\xff\xfe", b"null", b"{", b'"', b"e400"])
        )
    return bytes(content)


@st.composite
def damaged_values(draw: st.DrawFn, bodies: list[bytes] = BODIES) -> bytes:
    """A body that is JSON still, with values replaced, or names dropped or exchanged."""
    value = json.loads(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(1, 3))):
        container = draw(st.sampled_from(list(containers(value))))
        if not container:
            continue
        key = draw(st.sampled_from(sorted(container) if isinstance(container, dict) else list(range(len(container)))))
        if draw(st.booleans()):
            container[key] = copy.deepcopy(draw(ODD_VALUES))
        else:
            del container[key]
    return json.dumps(value).encode()


def containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedGraph]:
    with ScriptedGraph() as running:
        yield running


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=damaged_bytes() | damaged_values(), status=st.sampled_from([200, 200, 200, 400, 429, 500]))
def test_a_damaged_body_gives_a_reading_or_a_typed_error(server: ScriptedGraph, content: bytes, status: int) -> None:
    server.always(body(content, status=status))
    client = GraphClient(GraphConfig(api_url=server.url, retries=0, max_pages=3))
    for ask in (
        lambda: client.phone_numbers(WABA_ID, token=TOKEN),
        lambda: client.phone_number(NUMBER_ID, token=TOKEN),
        lambda: client.waba(WABA_ID, token=TOKEN),
        lambda: list(client.client_wabas("3", token=TOKEN)),
        lambda: client.debug_token("EAAother", token=TOKEN),
    ):
        with contextlib.suppress(GraphError):
            ask()
    client.close()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=damaged_bytes(NEWER_BODIES) | damaged_values(NEWER_BODIES),
    status=st.sampled_from([200, 200, 200, 400, 500]),
)
def test_so_does_one_about_a_signup_a_subscription_or_the_pool(
    server: ScriptedGraph, content: bytes, status: int
) -> None:
    server.always(body(content, status=status))
    client = GraphClient(GraphConfig(api_url=server.url, retries=0, max_pages=3))
    writer = GraphWriter(client.transport)
    for ask in (
        lambda: client.exchange_code(app_id="4", app_secret="app-secret", code="AQDcode"),
        lambda: client.subscribed_apps(WABA_ID, token=TOKEN),
        lambda: client.app_subscriptions("4", token=TOKEN),
        lambda: client.preverified_numbers("3", token=TOKEN),
        lambda: client.preverified_number(NUMBER_ID, token=TOKEN),
        lambda: client.preverified_partners(NUMBER_ID, token=TOKEN),
        lambda: writer.share_credit_line("7", token=TOKEN, waba_id=WABA_ID, waba_currency="USD"),
    ):
        with contextlib.suppress(GraphError):
            ask()
    client.close()


@settings(max_examples=100, deadline=None)
@given(content=damaged_bytes() | damaged_values())
def test_a_damaged_page_never_makes_a_listing_shorter(server: ScriptedGraph, content: bytes) -> None:
    """Either the listing has what both pages hold, or there is none."""
    server.forget()
    server.always(body(content))
    server.script(page({"id": "1"}, after="c1"))
    client = GraphClient(GraphConfig(api_url=server.url, retries=0, max_pages=2))
    try:
        listing = client.phone_numbers(WABA_ID, token=TOKEN)
    except GraphError:
        return
    finally:
        client.close()
    assert isinstance(listing, NumberListing)
    data = json.loads(content.decode("utf-8-sig"))
    items = data if isinstance(data, list) else data["data"]
    assert {number.phone_number_id for number in listing.numbers} == {"1"} | {str(item["id"]) for item in items}
