"""HTTPS_PROXY as a setting: the way that every reading goes."""

from typing import Any

import pytest
from django.test import Client as Browser

from clients import access
from clients.models import SyncRun
from portal.graph import GraphClient
from tests.factories import TOKEN
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import BUSINESS_ID, sync
from tests.scripted_graph import ScriptedGraph, raw

pytestmark = pytest.mark.django_db


def test_a_sync_goes_through_the_proxy_of_the_settings_and_says_when_that_refuses(
    settings: Any, desk: Browser, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_client_of", lambda _, config: GraphClient(config, sleep=lambda _: None))
    settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN = BUSINESS_ID, TOKEN
    settings.GRAPH_API_URL = "https://graph.facebook.com"
    with ScriptedGraph() as proxy:
        proxy.always(raw(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"))
        settings.HTTPS_PROXY = f"http://desk:hunter2@127.0.0.1:{proxy.port}"
        assert sync() == 1
        assert {(one.method, one.target) for one in proxy.requests} == {("CONNECT", "graph.facebook.com:443")}
        said = capsys.readouterr().out + text_of(desk.get(f"/syncs/{SyncRun.objects.get().pk}/"))
        assert "proxy" in said
        assert "hunter2" not in said
