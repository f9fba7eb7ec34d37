"""Who is subscribed to what: lists that come whole or not at all."""

import pytest

from portal.graph import GraphClient, PermissionMissing, SubscribedApp
from portal.graph.errors import BadAnswer, PagingLoop, TooManyPages, Transient, UnknownField
from portal.graph.reads.subscriptions import AppSubscription
from tests.portal.graph.conftest import MakeClient
from tests.scripted_graph import ScriptedGraph, graph_error, page

TOKEN = "EAAscriptedtoken0123456789"
WABA_ID = "100000000000001"
APP_ID = "400000000000001"
APP_TOKEN = f"{APP_ID}|appsecret0123456789"


def app(app_id: object, **more: object) -> dict[str, object]:
    return {"whatsapp_business_api_data": {"id": app_id, "name": "Portal", "link": "https://portal.example/"}, **more}


def test_the_apps_of_a_waba_come_with_their_callbacks(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(
        page(app("1"), app(2, override_callback_uri="https://other.example/hooks"), after="c1"),
        page({"whatsapp_business_api_data": {"id": "3"}, "override_callback_uri": ""}),
    )

    apps = client.subscribed_apps(WABA_ID, token=TOKEN)

    assert apps == [
        SubscribedApp("1", "Portal", "https://portal.example/", None),
        SubscribedApp("2", "Portal", "https://portal.example/", "https://other.example/hooks"),
        SubscribedApp("3", "", "", None),
    ]
    assert [request.path for request in graph.requests] == [f"/v25.0/{WABA_ID}/subscribed_apps"] * 2
    assert [request.query for request in graph.requests] == [{"limit": "100"}, {"limit": "100", "after": "c1"}]


def test_a_waba_without_apps_has_none(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page())

    assert client.subscribed_apps(WABA_ID, token=TOKEN) == []


def test_an_app_on_two_pages_is_listed_once_as_last_seen(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(app("1"), after="c1"), page(app("1", override_callback_uri="https://other.example/")))

    (found,) = client.subscribed_apps(WABA_ID, token=TOKEN)

    assert found.override_callback_uri == "https://other.example/"


def test_a_list_whose_cursor_died_starts_again(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(
        page(app("1"), after="c1"),
        graph_error(100, message="Invalid cursors values"),
        page(app("2")),
    )

    assert [found.app_id for found in client.subscribed_apps(WABA_ID, token=TOKEN)] == ["2"]


def test_a_list_is_whole_or_an_error(graph: ScriptedGraph, make_client: MakeClient) -> None:
    graph.script(page(app("1"), after="c1"), graph_error(2, status=500))
    with pytest.raises(Transient):
        make_client().subscribed_apps(WABA_ID, token=TOKEN)

    graph.script(page(app("1"), after="c1"), page(app("2"), after="c1"))
    with pytest.raises(PagingLoop):
        make_client().subscribed_apps(WABA_ID, token=TOKEN)

    graph.script(page(app("1"), after="c1"), page(app("2"), after="c2"))
    with pytest.raises(TooManyPages):
        make_client(max_pages=2).subscribed_apps(WABA_ID, token=TOKEN)


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        {},
        {"id": "1"},
        {"whatsapp_business_api_data": []},
        {"whatsapp_business_api_data": {"name": "Portal"}},
        {"whatsapp_business_api_data": {"id": 1.5}},
        app("1", override_callback_uri=["https://other.example/"]),
        app("1", override_callback_uri="x" * 3000),
    ],
    ids=lambda wrong: repr(wrong)[:60],
)
def test_an_app_that_cannot_be_read_spoils_the_list(graph: ScriptedGraph, client: GraphClient, wrong: object) -> None:
    graph.script(page(app("1"), wrong))

    with pytest.raises(BadAnswer):
        client.subscribed_apps(WABA_ID, token=TOKEN)


def subscription(**more: object) -> dict[str, object]:
    return {
        "object": "whatsapp_business_account",
        "callback_url": "https://portal.example/webhooks/meta/",
        "active": True,
        "fields": [{"name": "messages", "version": "v25.0"}, {"name": "account_update", "version": "v25.0"}],
        **more,
    }


def test_an_app_tells_what_it_is_subscribed_to(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(subscription(), subscription(object="page", callback_url=None, fields=["feed"], active="false")))

    subscriptions = client.app_subscriptions(APP_ID, token=APP_TOKEN)

    assert subscriptions == [
        AppSubscription(
            "whatsapp_business_account",
            "https://portal.example/webhooks/meta/",
            ("messages", "account_update"),
            active=True,
        ),
        AppSubscription("page", "", ("feed",), active=False),
    ]
    (request,) = graph.requests
    assert request.path == f"/v25.0/{APP_ID}/subscriptions"
    assert request.headers["authorization"] == f"Bearer {APP_TOKEN}"
    assert "appsecret0123456789" not in request.target


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        {},
        subscription(object=None),
        subscription(object=["page"]),
        subscription(callback_url={}),
        subscription(active=None),
        subscription(active="yes"),
        subscription(fields="messages"),
        subscription(fields=[{"version": "v25.0"}]),
        subscription(fields=[[]]),
        subscription(fields=[""]),
    ],
    ids=lambda wrong: repr(wrong)[:60],
)
def test_a_subscription_that_cannot_be_read_spoils_the_list(
    graph: ScriptedGraph, client: GraphClient, wrong: object
) -> None:
    graph.script(page(wrong))

    with pytest.raises(BadAnswer):
        client.app_subscriptions(APP_ID, token=APP_TOKEN)


def test_a_token_that_is_not_the_apps_may_not_ask(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(graph_error(10, message="(#10) An app access token is required"))

    with pytest.raises(PermissionMissing):
        client.app_subscriptions(APP_ID, token=TOKEN)


def test_fields_that_a_server_refuses_unasked_are_an_error(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(graph_error(100, message="(#100) Tried accessing nonexisting field (subscribed_apps)"))

    with pytest.raises(UnknownField):
        client.subscribed_apps(WABA_ID, token=TOKEN)

    assert len(graph.requests) == 1
