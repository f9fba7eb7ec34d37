"""The practice server's stand-ins for Meta's SDK and login dialog, opened from a page with a portal's headers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.sandbox.controls.launch import Options, Serving, serving
from tests.browser.looks import AS_LOOKED_AT, faults_of
from tests.browser.signing_up import end
from tests.browser.windows import PATIENCE_MS

PAGE = """<!doctype html><title>A portal</title><button id="signup">Connect</button><script src="/page.js"></script>
<script src="{url}/en_US/sdk.js" async defer crossorigin="anonymous"></script>"""
SCRIPT = """
window.heard = [];
window.addEventListener("message", (event) => {{
  if (event.origin === "{url}" && typeof event.data === "string") heard.push(["message", JSON.parse(event.data)]);
}});
window.fbAsyncInit = () => {{
  FB.init({{ appId: "{app_id}", autoLogAppEvents: true, xfbml: true, version: "v25.0" }});
  document.body.dataset.ready = "yes";
}};
const options = {{ config_id: "{config_id}", response_type: "code", override_default_response_type: true }};
const setup = {{ business: {{ name: "Quayside Books" }}, phone: {{ displayName: "Quayside" }} }};
window.login = (more) => FB.login((response) => heard.push(["callback", response]), {{ ...options, ...more }});
document.getElementById("signup").addEventListener("click", () => login({{ extras: {{ setup }} }}));
"""
NOTHING = {"status": "unknown", "authResponse": None}


@dataclass(frozen=True, slots=True)
class Portal:
    """A page with the button, in a window of its own."""

    page: Page
    graph: Serving

    def open_dialog(self) -> Page:
        """Press the button; the dialog's window."""
        with self.page.expect_popup() as popup:
            self.page.locator("#signup").click()
        popup.value.wait_for_load_state()
        return popup.value

    def heard(self, count: int) -> Any:
        """What the page heard, once that is so many things."""
        self.page.wait_for_function("count => heard.length >= count", arg=count)
        return self.page.evaluate("heard")


@contextmanager
def page_server(answers: dict[str, tuple[str, str]], policy: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = answers.get(self.path, ("text/plain", ""))
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def graph() -> Iterator[Serving]:
    with serving(Options(port=0, still=True, wabas=12, numbers=24)) as server:
        yield server


@pytest.fixture(scope="module")
def window(browser: Browser, graph: Serving) -> Iterator[tuple[Page, str, list[str]]]:
    """A window for all tests, the address of the page with the button, and what went wrong in it."""
    known = graph.credentials
    script = SCRIPT.format(url=graph.url, app_id=known.app_id, config_id=known.login_config_id)
    answers = {"/": ("text/html", PAGE.format(url=graph.url)), "/page.js": ("application/javascript", script)}
    policy = f"default-src 'none'; script-src 'self' {graph.url}; connect-src 'self' {graph.url}; img-src 'self'"
    problems: list[str] = []
    with page_server(answers, policy) as address, browser.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        yield page, address, problems


@pytest.fixture
def portal(window: tuple[Page, str, list[str]], graph: Serving) -> Iterator[Portal]:
    page, address, problems = window
    page.goto(address)
    page.locator("body[data-ready=yes]").wait_for()
    yield Portal(page, graph)
    for popup in page.context.pages[1:]:
        popup.close()
    found, problems[:] = list(problems), []
    assert found == []


def choose(dialog: Page, **values: str) -> None:
    for name, value in values.items():
        dialog.locator(f"input[name='{name}'][value='{value}']").check()


def test_a_finished_signup_brings_the_message_event_and_the_code(portal: Portal) -> None:
    dialog = portal.open_dialog()
    expect(dialog.get_by_text("Practice: this stands in for Meta’s dialog")).to_be_visible()
    expect(dialog.locator("#shown_business_name")).to_have_text("Quayside Books")
    expect(dialog.locator("#business_name")).to_have_value("Quayside Books")
    expect(dialog.locator("#display_name")).to_have_value("Quayside")
    dialog.locator("#phone_number").fill("+49 30 23125 777")
    end(dialog)
    (first, message), (second, response) = portal.heard(2)
    assert (first, second) == ("message", "callback")
    assert (message["type"], message["event"]) == ("WA_EMBEDDED_SIGNUP", "FINISH")
    number = portal.graph.world.number(message["data"]["phone_number_id"])
    assert number is not None
    assert number.own["display_phone_number"] == "+49 3023125777"
    assert response["status"] == "connected"
    code = response["authResponse"].pop("code")
    assert response["authResponse"] == {"userID": None, "expiresIn": None, "signedRequest": None}
    assert code in portal.graph.world.login_codes


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        ("only_waba", "FINISH_ONLY_WABA"),
        ("coexistence", "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"),
        ("cancel", "CANCEL"),
        ("error", "CANCEL"),
    ],
)
def test_every_other_ending_says_so_before_the_callback(portal: Portal, outcome: str, event: str) -> None:
    dialog = portal.open_dialog()
    choose(dialog, outcome=outcome)
    dialog.locator("select[name=current_step]").select_option("PHONE_NUMBER_SETUP")
    end(dialog)
    (_, message), (_, response) = portal.heard(2)
    assert message["event"] == event
    assert (response["authResponse"] is not None) == event.startswith("FINISH")
    assert message["data"].get("current_step") == ("PHONE_NUMBER_SETUP" if outcome == "cancel" else None)


def test_a_dialog_that_is_closed_calls_back_without_a_code(portal: Portal) -> None:
    choose(dialog := portal.open_dialog(), outcome="closed")
    end(dialog)
    assert portal.heard(1) == [["callback", NOTHING]]
    portal.open_dialog().close()
    assert portal.heard(2) == [["callback", NOTHING]] * 2


def test_the_message_or_the_callback_can_be_lost(portal: Portal) -> None:
    choose(dialog := portal.open_dialog(), outcome="lost_message")
    end(dialog)
    ((kind, response),) = portal.heard(1)
    assert (kind, response["status"]) == ("callback", "connected")
    choose(dialog := portal.open_dialog(), outcome="lost_callback")
    end(dialog)
    portal.heard(2)
    choose(dialog := portal.open_dialog(), outcome="cancel")
    end(dialog)
    assert [kind for kind, _ in portal.heard(4)] == ["callback", "message", "message", "callback"]


def test_a_business_comes_back_with_its_own_accounts_to_choose_from(portal: Portal) -> None:
    waba = next(each for each in portal.graph.world.related("client") if each.numbers)
    before = {number.id for number in waba.numbers}
    dialog = portal.open_dialog()
    dialog.locator("select[name=business]").select_option(waba.owner.id)
    expect(dialog.locator("#business_name")).to_be_hidden()
    offered = dialog.locator("select[name=waba] option:not([hidden])").evaluate_all(
        "all => all.map(each => each.value)"
    )
    assert set(offered) == {"new", *(each.id for each in portal.graph.world.wabas.values() if each.owner is waba.owner)}
    dialog.locator("select[name=waba]").select_option(waba.id)
    choose(dialog, number="unverified", targets="absent", token_app="foreign", expires="60_days")
    end(dialog)
    (_, message), _ = portal.heard(2)
    assert message["data"]["waba_id"] == waba.id
    assert {number.id for number in waba.numbers} == before | {message["data"]["phone_number_id"]}
    (grant,) = [each for each in portal.graph.world.grants.values() if not each.is_ours]
    assert (grant.lists_targets, grant.expires > 0) == (False, True)


def test_what_cannot_be_done_is_said_in_the_dialog_and_can_be_set_right(portal: Portal) -> None:
    dialog = portal.open_dialog()
    dialog.locator("#phone_number").fill("123")
    dialog.locator("#continue").click()
    expect(dialog.locator("#problem")).to_contain_text("7 to 15 digits")
    dialog.locator("#phone_number").fill("")
    end(dialog)
    assert len(portal.heard(2)) == 2


def test_a_preverified_number_that_is_offered_is_taken_unless_another_is(portal: Portal) -> None:
    entry = next(each for each in portal.graph.world.pool.values() if each.code_verification_status == "VERIFIED")
    with portal.page.expect_popup() as popup:
        setup = f"{{ preVerifiedPhone: {{ ids: ['{entry.id}'] }} }}"
        portal.page.evaluate(f"login({{ extras: {{ setup: {setup} }} }})")
    expect(popup.value.locator("#shown_preverified")).to_have_text(f"+{entry.phone_number}")
    expect(popup.value.locator("input[name=number][value=preverified]")).to_be_checked()
    end(popup.value)
    (_, message), _ = portal.heard(2)
    number = portal.graph.world.number(message["data"]["phone_number_id"])
    assert number is not None
    assert number.own["is_preverified_number"] is True
    assert entry.id not in portal.graph.world.pool


def test_a_blocked_popup_calls_back_without_a_code(portal: Portal) -> None:
    portal.page.evaluate("window.open = () => null")
    portal.page.locator("#signup").click()
    assert portal.heard(1) == [["callback", NOTHING]]


def test_the_dialog_turns_an_unknown_configuration_away(portal: Portal) -> None:
    with portal.page.expect_popup() as popup:
        portal.page.evaluate("login({ override_default_response_type: false })")
    expect(popup.value.locator("#reason")).to_contain_text("override_default_response_type")
    popup.value.close()
    assert portal.heard(1) == [["callback", NOTHING]]


Blank = Callable[[str], tuple[Any, list[str]]]


@pytest.fixture
def blank(browser: Browser, graph: Serving) -> Iterator[Blank]:
    """A function that runs a script on a page with the SDK only; its value, and the errors on the console."""
    context = browser.new_context()

    def run(script: str) -> tuple[Any, list[str]]:
        page = context.new_page()
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{graph.url}/dialog/dialog.css")
        page.evaluate("heard = []; hear = (response) => heard.push(response); null")
        page.evaluate(
            "url => new Promise(r => { const s = document.createElement('script'); s.src = url; s.onload = r; "
            "document.documentElement.append(s); })",
            f"{graph.url}/en_US/sdk.js",
        )
        return page.evaluate(script), errors

    yield run
    context.close()


def test_a_login_too_early_or_without_a_configuration_is_an_error_on_the_console(blank: Blank) -> None:
    heard, errors = blank("FB.login(hear, { config_id: '1' }), heard")
    assert (heard, len(errors)) == ([NOTHING], 1)
    heard, errors = blank("FB.init({ appId: '1', version: 'v25.0' }), FB.login(hear, {}), heard")
    assert (heard, len(errors)) == ([NOTHING], 1)


@pytest.mark.parametrize("script", ["FB.init({ appId: '1' })", "FB.login(async () => 1, { config_id: '1' })"])
def test_the_sdk_throws_where_the_real_one_does(blank: Blank, script: str) -> None:
    value, _ = blank(f"(() => {{ try {{ {script}; return ''; }} catch (error) {{ return error.message; }} }})()")
    assert value.startswith("FB.")


def test_the_dialog_fits_and_has_no_accessibility_violation(browser: Browser, graph: Serving) -> None:
    known = graph.credentials
    asked = f"app_id={known.app_id}&config_id={known.login_config_id}&response_type=code"
    with browser.new_context(**AS_LOOKED_AT) as context:
        page = context.new_page()
        for query in (f"{asked}&override_default_response_type=true", asked):
            page.goto(f"{graph.url}/dialog/oauth?{query}")
            assert faults_of(page) == {}
