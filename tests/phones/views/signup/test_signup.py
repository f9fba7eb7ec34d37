"""The client's signup page and its progress, as a browser sees them; Meta is the practice server."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients import links, signups
from clients.choices import AttemptState, CredentialKind
from clients.models import Client, Credential, SignupAttempt, SignupLink, User
from phones.models import Onboarding, PhoneNumber
from phones.onboarding import claiming
from tests.conftest import SignIn
from tests.factories import make_portfolio, make_waba
from tests.phones.onboarding.signing_up import work
from tests.phones.onboarding.visiting import Visitor
from tests.phones.pool.pooling import make_row
from tests.phones.reading import text_of
from tests.practice import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(app: Practice, link: SignupLink) -> Visitor:
    return Visitor(link)


def said(event: str, **data: object) -> dict[str, object]:
    """A message event as Meta's dialog posts it."""
    return {"type": "WA_EMBEDDED_SIGNUP", "event": event, "version": 3, "data": data}


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_what_is_needed_and_carries_what_its_script_needs(visitor: Visitor, settings: Settings) -> None:
    answer = visitor.get()
    page = answer.content.decode()

    assert answer.status_code == 200
    for sentence in (
        "A phone number for this alone",
        "able to take an SMS or a call",
        "Use no test name",
        "A landline",
    ):
        assert sentence in page
    assert f'data-app-id="{settings.META_APP_ID}"' in page
    assert f'data-config-id="{settings.META_LOGIN_CONFIG_ID}"' in page
    assert settings.META_APP_SECRET not in page
    assert settings.META_SYSTEM_USER_TOKEN not in page
    assert "Two ways to add a number" not in page


def test_the_page_is_kept_nowhere_and_found_by_no_search_engine(visitor: Visitor) -> None:
    answer = visitor.get()

    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "strict-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


def policy_of(answer: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_only_the_signup_page_lets_metas_script_in(visitor: Visitor, settings: Settings) -> None:
    settings.META_SDK_URL = "https://connect.facebook.net/en_US/sdk.js"
    settings.META_MESSAGE_ORIGIN = "https://facebook.com"
    policy = policy_of(visitor.get())

    metas = "https://connect.facebook.net https://facebook.com https://*.facebook.com"
    assert policy["script-src"] == "'self' https://connect.facebook.net"
    assert policy["connect-src"] == f"'self' {metas}"
    assert policy["frame-src"] == metas
    assert policy["default-src"] == "'none'"
    assert "facebook" not in Browser().get("/login/")["Content-Security-Policy"]


def test_a_message_origin_with_a_port_lets_no_subdomains_in(visitor: Visitor, settings: Settings) -> None:
    settings.META_MESSAGE_ORIGIN = "http://127.0.0.1:9009"

    assert "*" not in visitor.get()["Content-Security-Policy"]


def extras_of(answer: Any) -> Any:
    return json.loads(answer.context["launch"]["extras"])


def test_the_dialog_is_prefilled_with_what_the_desk_knows_of_the_client(
    app: Practice, baker: Client, lead: User
) -> None:
    named = Visitor(links.make_signup_link(client=baker, actor=lead, display_name="Harbor Bakery Orders"))
    setup = extras_of(named.get())["setup"]
    assert setup == {"business": {"name": "Harbor Bakery"}, "phone": {"displayName": "Harbor Bakery Orders"}}

    portfolio = make_portfolio(baker)
    assert extras_of(named.get())["setup"]["business"] == {"id": portfolio.business_id}


def test_a_number_of_our_pool_is_offered_in_the_dialog(visitor: Visitor, link: SignupLink) -> None:
    row = make_row(reserved_for=link, reserved_at=timezone.now())
    answer = visitor.get()

    assert extras_of(answer)["setup"]["preVerifiedPhone"] == {"ids": [row.preverified_id]}
    assert "we have a number for you" in answer.content.decode()


def test_an_existing_client_reads_of_both_ways_to_add_a_number(visitor: Visitor, baker: Client) -> None:
    make_waba(baker)
    page = visitor.get().content.decode()

    assert "Two ways to add a number" in page
    assert "Here (recommended)" in page
    assert "WhatsApp Manager can’t verify it" in page


def test_a_portal_that_is_not_set_up_says_so_and_has_no_button(visitor: Visitor, settings: Settings) -> None:
    for name in ("META_APP_ID", "META_APP_SECRET", "META_LOGIN_CONFIG_ID"):
        known = getattr(settings, name)
        setattr(settings, name, "")
        page = visitor.get().content.decode()
        setattr(settings, name, known)

        assert "Signup can’t be opened yet." in page, name
        assert 'id="launch"' not in page, name


def test_opening_the_page_is_written_down(visitor: Visitor, link: SignupLink) -> None:
    visitor.get()
    link.refresh_from_db()

    assert link.opened_at is not None


# --- Closed links -----------------------------------------------------------------------------------------------------


def test_an_unknown_link_looks_like_a_closed_one(visitor: Visitor) -> None:
    for token in ("x", "a" * 43, "%00", "ü"):
        visitor.token = token
        answer = visitor.get()
        assert answer.status_code == 404
        assert "This link is closed" in answer.content.decode()


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"expires_at": timezone.now() - timedelta(days=1)}, "It has expired"),
        ({"revoked_at": timezone.now()}, "withdrawn"),
    ],
)
def test_a_closed_link_is_friendly_and_does_nothing(
    visitor: Visitor, link: SignupLink, columns: dict[str, Any], sentence: str
) -> None:
    visitor.begin()
    SignupLink.objects.filter(pk=link.pk).update(**columns)
    answer = visitor.get()

    assert answer.status_code == 410
    assert sentence in answer.content.decode()
    assert link.client.name not in answer.content.decode()
    for name in ("begin", "event", "finish"):
        closed = visitor.post(name, {"state": visitor.state, "code": "anything"})
        assert closed.status_code == 410
        assert "ask your account manager" in closed.json()["error"]
    assert not Onboarding.objects.exists()


# --- What the page posts ----------------------------------------------------------------------------------------------


def test_a_signup_becomes_an_onboarding_with_a_page_of_its_own(visitor: Visitor, app: Practice) -> None:
    visitor.begin()
    ending = app.control("POST", "signups", {})
    visitor.post("event", {"state": visitor.state, "started": True})
    visitor.post("event", {"state": visitor.state, "message": ending["message"]})
    answer = visitor.finish(ending["code"])

    onboarding = Onboarding.objects.get()
    assert answer.json() == {"next": reverse("signup:progress", args=[visitor.token, onboarding.public_id])}
    work(onboarding)
    assert visitor.browser.get(answer.json()["next"]).status_code == 200
    assert PhoneNumber.objects.get(phone_number_id=ending["phone_number_id"]).status == "CONNECTED"
    assert SignupAttempt.objects.get().state == AttemptState.FINISHED


def test_a_waba_id_that_was_swapped_in_the_browser_changes_nothing(visitor: Visitor, app: Practice) -> None:
    foreign = make_waba(name="Somebody else’s")
    visitor.begin()
    ending = app.control("POST", "signups", {})
    swapped = said("FINISH", waba_id=foreign.waba_id, business_id="1", phone_number_id="2")
    visitor.post("event", {"state": visitor.state, "message": swapped})
    visitor.finish(ending["code"])

    onboarding = work(Onboarding.objects.get())
    assert onboarding.waba is not None
    assert onboarding.waba.waba_id == ending["waba_id"]
    foreign.refresh_from_db()
    assert foreign.client != onboarding.client


def test_a_code_works_once_even_with_the_same_state(visitor: Visitor, app: Practice) -> None:
    visitor.begin()
    code = app.control("POST", "signups", {})["code"]

    assert visitor.finish(code).status_code == 200
    again = visitor.finish(code)
    assert again.status_code == 409
    assert "has been sent to us already" in again.json()["error"]
    assert Onboarding.objects.count() == 1


def test_a_code_that_is_none_is_refused_in_a_sentence(visitor: Visitor) -> None:
    visitor.begin()

    answer = visitor.finish("no-such-code")
    assert answer.status_code == 422
    assert answer.json()["error"].endswith(".")
    assert not Credential.objects.exists()


def test_a_state_of_another_browser_or_link_or_none_at_all_is_refused(
    visitor: Visitor, app: Practice, baker: Client, lead: User
) -> None:
    code = app.control("POST", "signups", {})["code"]
    other = Visitor(links.make_signup_link(client=baker, actor=lead))
    theirs = other.begin()
    visitor.begin()

    for state in (theirs, "", "forged", "a:b:c", None, 7, "x" * 9_000, [visitor.state]):
        answer = visitor.post("finish", {"state": state, "code": code})
        assert answer.status_code == 409, state
        assert answer.json()["error"].endswith(".")
    stolen = Visitor(SignupLink.objects.get(pk=SignupAttempt.objects.order_by("pk").first().link_id))  # type: ignore[union-attr] # there are two
    stolen.get()
    assert stolen.post("finish", {"state": visitor.state, "code": code}).status_code == 409
    assert not Onboarding.objects.exists()


def test_a_robot_gets_no_further_state_and_no_session(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signups, "MOST_TRIES", 1)
    visitor.begin()
    robot = Visitor(SignupLink.objects.get())

    answer = robot.post("begin", {})

    assert answer.status_code == 429
    assert answer.json()["error"].endswith("a new one.")
    assert "session" not in robot.browser.cookies
    assert visitor.begin()


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
def test_a_link_that_is_closed_during_the_dialog_leaves_the_signup_to_staff(
    visitor: Visitor, app: Practice, lead: User, sign_in: SignIn, column: str
) -> None:
    visitor.begin()
    visitor.post("event", {"state": visitor.state, "started": True})
    code = app.control("POST", "signups", {})["code"]
    app.control("POST", "log/clear")
    SignupLink.objects.update(**{column: timezone.now()})

    assert visitor.finish(code).status_code == 410
    assert visitor.finish(code).status_code == 410

    attempt = SignupAttempt.objects.get()
    assert (attempt.state, attempt.refusal) == (AttemptState.FAILED, "link_closed")
    assert list(claiming.left_to_staff()) == [attempt]
    assert app.calls() == []
    assert not Credential.objects.filter(kind=CredentialKind.BUSINESS).exists()
    told = text_of(sign_in(lead).get(reverse("signup:attempt", args=[attempt.pk])))
    assert "The link was closed meanwhile" in told


def test_what_the_browser_says_is_kept_as_said(visitor: Visitor) -> None:
    visitor.begin()
    visitor.post("event", {"state": visitor.state, "started": True})
    told = said("CANCEL", current_step="PHONE_NUMBER_SETUP", error_message="Number <b>taken", session_id="abc")
    assert visitor.post("event", {"state": visitor.state, "message": told}).json() == {}

    attempt = SignupAttempt.objects.get()
    assert (attempt.state, attempt.said_step) == (AttemptState.ERROR, "PHONE_NUMBER_SETUP")
    assert (attempt.said_error, attempt.said_session_id) == ("Number <b>taken", "abc")


def test_a_message_that_comes_after_the_code_is_still_noted(visitor: Visitor, app: Practice) -> None:
    visitor.begin()
    ending = app.control("POST", "signups", {})
    visitor.finish(ending["code"])

    assert visitor.post("event", {"state": visitor.state, "message": ending["message"]}).status_code == 200
    assert SignupAttempt.objects.get().said_event == "FINISH"


def test_what_no_page_of_ours_sends_is_a_bad_request(visitor: Visitor) -> None:
    for name in ("event", "finish"):
        for body in ("", "no json", "[]", '"text"', "[" * 10_000, b"\xff\xfe", json.dumps({"a": "x" * 30_000})):
            assert visitor.post(name, body).status_code == 400, (name, body[:20])


def test_a_form_with_files_in_place_of_json_is_a_bad_request(visitor: Visitor) -> None:
    visitor.begin()
    csrf = {"X-CSRFToken": visitor.browser.cookies["csrf"].value}
    for name in ("event", "finish"):
        address = reverse(f"signup:{name}", args=[visitor.token])
        answer = visitor.browser.post(address, {"state": visitor.state, "code": "x"}, headers=csrf)
        assert answer.status_code == 400


def test_nothing_is_started_by_a_get_or_from_another_site(visitor: Visitor) -> None:
    for name in ("begin", "event", "finish"):
        assert visitor.get(name).status_code == 405
        address = reverse(f"signup:{name}", args=[visitor.token])
        assert visitor.browser.post(address, {}, content_type="application/json").status_code == 403


def test_neither_code_nor_token_nor_link_reaches_a_log_a_page_or_the_session(
    visitor: Visitor, app: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        visitor.begin()
        code = app.control("POST", "signups", {})["code"]
        answer = visitor.finish(code)
        work(Onboarding.objects.get())
        page = visitor.browser.get(answer.json()["next"]).content.decode()
    token = Credential.objects.get(kind="business").open_token()

    session = repr(dict(visitor.browser.session.items()))
    for secret in (code, token):
        assert secret not in page + answer.content.decode() + session
        assert not [one for one in caplog.records if secret in one.getMessage()]
    kept = json.dumps([*SignupAttempt.objects.values(), *Onboarding.objects.values("steps__details")], default=str)
    assert code not in kept
    assert token not in kept
    assert not cache.get(code)
