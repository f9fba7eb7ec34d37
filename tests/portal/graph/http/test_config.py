"""A configuration that cannot work, or that would send a token in the clear, makes no client."""

from typing import Any

import pytest

from portal.graph import GraphClient, GraphConfig


@pytest.mark.parametrize(
    "api_url",
    [
        "https://graph.facebook.com",
        "https://graph.facebook.com/",
        "HTTPS://graph.example:8443/prefix",
        "http://127.0.0.1:9009",
        "http://127.8.9.1",
        "http://localhost:9009",
        "http://[::1]:9009",
    ],
)
def test_https_anywhere_and_http_on_this_machine_are_allowed(api_url: str) -> None:
    GraphConfig(api_url=api_url).check()


@pytest.mark.parametrize(
    "api_url",
    [
        "",
        "graph.facebook.com",
        "http://graph.facebook.com",
        "http://10.0.0.1",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://0.0.0.0:9009",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://",
        "https://user:password@graph.facebook.com",
        "http://127.0.0.1@evil.example",
        "https://graph.facebook.com?x=1",
        "https://graph.facebook.com#x",
        "https://graph.facebook.com\n.evil.example",
        "https://graph.facebook.com:port",
        "http://[",
    ],
)
def test_any_other_address_is_refused(api_url: str) -> None:
    with pytest.raises(ValueError, match="Graph address"):
        GraphClient(GraphConfig(api_url=api_url))


@pytest.mark.parametrize("version", ["", "25.0", "v25", "v25.0/", "v25.0\n", "v２５.0", "latest", "v25.0/me?x=", "v.0"])
def test_a_version_that_is_none_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="version"):
        GraphClient(GraphConfig(version=version))


@pytest.mark.parametrize(
    "values",
    [
        {"connect_timeout": 0},
        {"read_timeout": -1},
        {"total_timeout": float("nan")},
        {"max_body_bytes": 0},
        {"max_pages": 0},
        {"pool_size": 0},
        {"page_limit": 0},
        {"page_limit": 101},
        {"retries": -1},
        {"ca_bundle": "/nowhere/authorities.pem"},
        {"user_agent": ""},
        {"user_agent": "Numberdesk\r\nX-Evil: 1"},
    ],
    ids=repr,
)
def test_limits_that_make_no_sense_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        GraphClient(GraphConfig(**values))


def test_a_prefix_in_the_address_is_kept() -> None:
    GraphConfig(api_url="http://127.0.0.1:9009/practice/").check()
