"""Whom a request comes from is what a trusted proxy says, never what the client writes."""

import logging

import pytest
from django.test import Client as Browser
from django.test import RequestFactory
from pytest_django import Settings

from portal.web.client_address import client_address

PROXY, CLIENT, FORGED = "10.0.0.5", "203.0.113.7", "192.0.2.66"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "address"),
    [
        ([], CLIENT, FORGED, CLIENT),
        (["10.0.0.0/8"], PROXY, CLIENT, CLIENT),
        (["10.0.0.0/8"], PROXY, f"{FORGED}, {CLIENT}", CLIENT),
        (["10.0.0.0/8"], PROXY, f"{FORGED}, {CLIENT}, 10.9.9.9", CLIENT),
        (["10.0.0.0/8"], CLIENT, FORGED, CLIENT),
        (["10.0.0.0/8"], PROXY, "", PROXY),
        (["10.0.0.0/8"], PROXY, f"{FORGED}, nonsense", PROXY),
        (["10.0.0.0/8"], PROXY, f"{CLIENT}:4711", CLIENT),
        (["10.0.0.0/8"], f"::ffff:{PROXY}", "[2001:db8::7]:4711", "2001:db8::7"),
        (["unix"], "", CLIENT, CLIENT),
        (["10.0.0.0/8"], "", CLIENT, "None"),
    ],
)
def test_the_address_is_read_from_the_end_as_far_as_proxies_are_trusted(
    trusted: list[str], peer: str, forwarded: str, address: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded})

    assert str(client_address(request)) == address


@pytest.mark.django_db
def test_log_lines_of_a_request_have_that_address(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    caplog.set_level(logging.WARNING)
    login, guess = {"x-forwarded-for": f"{FORGED}, {CLIENT}"}, {"username": "nobody", "password": "wrong"}

    Browser(REMOTE_ADDR=PROXY).post("/login/", guess, headers=login)
    Browser(REMOTE_ADDR=CLIENT).post("/login/", guess, headers={"x-forwarded-for": FORGED})

    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [line["ip"] for line in lines if line["event"] == "A password was wrong."] == [CLIENT, CLIENT]


@pytest.mark.parametrize(
    ("peer", "said", "leads_to_https"),
    [
        (PROXY, "https", False),
        (PROXY, "http, https", False),
        (PROXY, "https, http", True),
        (PROXY, "", True),
        (CLIENT, "https", True),
        ("", "https", True),
    ],
)
@pytest.mark.django_db
def test_only_a_trusted_proxy_says_that_a_request_was_encrypted(
    peer: str, said: str, leads_to_https: bool, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES, settings.SECURE_SSL_REDIRECT = ["10.0.0.0/8"], True
    answer = Browser(REMOTE_ADDR=peer).get("/login/", headers={"x-forwarded-proto": said} if said else {})

    assert (answer.status_code, answer.get("Location", "")) == (
        (301, "https://testserver/login/") if leads_to_https else (200, "")
    )
