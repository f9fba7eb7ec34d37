"""What a log line may hold: everything a person needs, no secret, no second line."""

import io
import logging
import logging.config
from collections.abc import Iterator
from typing import NoReturn
from urllib.parse import quote

import pytest
import structlog
from django.conf import settings
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st

from portal import crypto, gunicorn
from portal.logs import cleaned, logging_config, redact
from tests.factories import TOKEN

SECRET = "S3cretS3cretS3cret"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the portal's own handler writes."""
    config = logging_config("DEBUG")
    formatter = config["formatters"]["lines"]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    for name in config["handlers"]["stderr"].get("filters", ()):
        handler.addFilter(config["filters"][name]["()"]())
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(**{k: v for k, v in formatter.items() if k != "()"}))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(before)
    root.removeHandler(handler)


class Request:
    """Like an object of a library that shows what it holds."""

    def __repr__(self) -> str:
        return f"<Request https://graph.facebook.com/me?access_token={SECRET}>"


def fail(message: str) -> NoReturn:
    raise ValueError(message)


LEAKS = [
    f"Reading with {TOKEN} failed",
    f"GET /v25.0/123?fields=id&access_token={SECRET}&limit=100",
    f"GET https://graph.facebook.com/v25.0/1?appsecret_proof={SECRET}",
    f"/oauth/access_token?client_secret={SECRET}&code={SECRET}",
    f"/debug_token?input_token={SECRET}",
    f"/webhooks/meta/?hub.mode=subscribe&hub.verify_token={SECRET}",
    f"access_token%3D{SECRET}",
    f"{{'Authorization': 'Bearer {SECRET}'}}",
    f"Authorization: Bearer {SECRET}",
    f"authorization: OAuth {SECRET}",
    f'{{"access_token": "{SECRET}", "token_type": "bearer"}}',
    f'body: "{{\\"pin\\": \\"{SECRET}\\"}}"',
    f"postgres://portal:{SECRET}@db.example:5432/portal is not there",
    f"redis://:{SECRET}@cache.example/0 is not there",
    f"Set-Cookie: session={SECRET}; HttpOnly",
    f"123456789012345|{SECRET}abcdef",
    f"pin={SECRET}&messaging_product=whatsapp",
]


@pytest.mark.parametrize("leak", LEAKS)
def test_no_secret_leaves_in_an_event_a_value_a_library_message_or_a_traceback(leak: str, lines: io.StringIO) -> None:
    structlog.get_logger("desk").info(leak)
    structlog.get_logger("desk").info("Event.", url=leak, nested={"deep": [leak, {"er": (leak,)}]}, raw=leak.encode())
    logging.getLogger("library").warning("It said: %s", leak)
    try:
        fail(leak)
    except ValueError as error:
        structlog.get_logger("desk").exception("Broken.", error=error)
        logging.getLogger("library").exception("Broken.")

    written = lines.getvalue()
    assert SECRET not in written
    assert TOKEN not in written
    assert "[redacted]" in written
    assert "ValueError" in written


LINK_SECRET = "Ab-_S3cretS3cretS3cretS3cretS3cretS3cret019"
LINKS = [
    f"GET /signup/{LINK_SECRET}/",
    f"Not Found: /signup/{LINK_SECRET}",
    f"Not Found: /signup/{LINK_SECRET}.",
    f"Forbidden: /signup/{LINK_SECRET}.html",
    f"POST /signup/{LINK_SECRET}/finish/?x=1",
    f"https://desk.example/signup/{LINK_SECRET}/progress/1b671a64-40d5-491e-99b0-da01ff1f3341/",
    f"GET /signup/code/{LINK_SECRET}/",
    f"/signup/status/{LINK_SECRET}?a=b",
    f"{{'tried': [], 'path': 'signup/{LINK_SECRET}/'}}",
    f'"GET /SIGNUP/Code/{LINK_SECRET}/ HTTP/1.1" 410',
    f"/login/?next=%2Fsignup%2Fstatus%2F{LINK_SECRET}%2F",
    f"/login/?next=%252fsignup%252f{LINK_SECRET}",
    f'{{"referer": "https:\\/\\/desk.example\\/signup\\/{LINK_SECRET}\\/"}}',
    f"/signup//{LINK_SECRET}/",
    f"/signup/code//{LINK_SECRET}/",
    f"/signup/attempts{LINK_SECRET}/",
    f"POST /mails/unsubscribe/{LINK_SECRET}:1vabc:d-e_f/",
    f"/login/?next=%2Fmails%2Funsubscribe%2F{LINK_SECRET}%2F",
    f"/account/forgotten/{LINK_SECRET}/",
    f"https://desk.example/account/invitation/{LINK_SECRET}/",
]


@pytest.mark.parametrize("leak", LINKS)
def test_the_secret_in_a_clients_link_does_not_leave(leak: str, lines: io.StringIO) -> None:
    structlog.get_logger("desk").info(leak, request=leak, nested={leak: [leak]})
    logging.getLogger("library").warning("It said: %s", leak)
    try:
        fail(leak)
    except ValueError:
        logging.getLogger("library").exception("Broken.")

    assert LINK_SECRET not in lines.getvalue()
    assert "S3cret" not in lines.getvalue()
    assert "S3cret" not in str(cleaned({"request": {"url": leak, "headers": {"Referer": leak}}}))


def test_a_requests_own_line_tells_the_page_and_not_the_secret(lines: io.StringIO, db: None) -> None:
    Browser().get(f"/signup/code/{LINK_SECRET}/", headers={"referer": f"http://testserver/signup/{LINK_SECRET}/"})

    assert "/signup/code/[redacted]/" in lines.getvalue()
    assert LINK_SECRET not in lines.getvalue()


def test_a_refusal_is_one_line_and_a_fault_of_ours_has_its_traceback(
    lines: io.StringIO, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(enforce_csrf_checks=True, raise_request_exception=False)
    assert browser.get("/nothing/").status_code == 404
    assert browser.post("/login/").status_code == 403
    assert browser.get("/login/", headers={"host": "10.0.0.7"}).status_code == 400
    written = lines.getvalue()
    assert "Not Found: /nothing/" in written
    assert "Forbidden (CSRF cookie not set.): /login/" in written
    assert "Invalid HTTP_HOST header" in written
    assert "Traceback" not in written

    monkeypatch.setattr("allauth.account.views.LoginView.get", lambda *_args: fail("Broken."))
    assert browser.get("/login/").status_code == 500
    assert "Traceback" in lines.getvalue()


def test_the_processs_own_secrets_leave_in_no_text_whatever_it_looks_like(lines: io.StringIO) -> None:
    # In none of the forms that are known by their pattern.
    opened, stored = "hooks+T024/B9-plainly", "anotherOneThatLooksLikeNothing"
    keys = settings.TOKEN_ENCRYPTION_KEYS[0]
    crypto.unseal(crypto.seal(opened, context="row"), context="row")
    crypto.seal(stored, context="row")

    for secret in (settings.SECRET_KEY, keys, opened, stored):
        for said in (secret, quote(secret, safe="")):
            logging.getLogger("library").warning("posting to %s now", f"<{said}>")
            structlog.get_logger("desk").info("Event.", where=said, nested=[{"deep": said}])
            assert said not in lines.getvalue()
    assert "posting to <[redacted]> now" in lines.getvalue()


@pytest.mark.parametrize("name", ["gunicorn.error", "gunicorn.access"])
def test_a_log_that_gunicorn_keeps_of_its_own_holds_no_secret(name: str) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        gunicorn.on_starting(None)
        logger.error("Error handling request %s", f"/signup/{LINK_SECRET}/")
    finally:
        logger.removeHandler(handler)

    assert written.getvalue() == "[ERROR] Error handling request /signup/[redacted]/\n"


@pytest.mark.parametrize(
    "name",
    ["token", "access_token", "token_sealed", "pin", "new_pin", "password", "app_secret", "Authorization", "cookie"],
)
def test_a_value_under_the_name_of_a_secret_does_not_leave(name: str, lines: io.StringIO) -> None:
    structlog.get_logger("desk").info("Event.", **{name: "123456"})
    structlog.get_logger("desk").info("Event.", body={name: "123456"})

    assert "123456" not in lines.getvalue()


def test_a_one_time_code_does_not_leave_but_an_error_code_does(lines: io.StringIO) -> None:
    structlog.get_logger("desk").info("Verified.", code="654321")
    structlog.get_logger("desk").info("Refused.", code=190, is_pin_enabled=True)

    written = lines.getvalue()
    assert "654321" not in written
    assert "code=190" in written
    assert "is_pin_enabled=True" in written


def test_an_object_is_shown_by_what_it_prints_without_its_secret(lines: io.StringIO) -> None:
    structlog.get_logger("desk").info("Event.", request=Request())

    assert SECRET not in lines.getvalue()
    assert "<Request https://graph.facebook.com/me" in lines.getvalue()


@given(text=st.text())
def test_an_event_is_one_line_whatever_is_in_it(text: str) -> None:
    formatter = logging_config("DEBUG")["formatters"]["lines"]
    handler = structlog.stdlib.ProcessorFormatter(**{k: v for k, v in formatter.items() if k != "()"})
    record = logging.LogRecord("library", logging.INFO, __file__, 1, "Name: %s", (text,), None)

    assert len(handler.format(record).splitlines()) == 1


def test_a_forged_line_stays_inside_its_own(lines: io.StringIO) -> None:
    structlog.get_logger("desk").info("Renamed.", name="Shop\n2026-01-01 level='critical' event='All is lost'")
    logging.getLogger("library").info("Not found: %s", "/x\r\nlevel='critical'")

    assert len(lines.getvalue().splitlines()) == 2


@pytest.mark.parametrize(
    "text",
    [
        "The token is dead",
        "code 190/463 at GET /v25.0/123",
        '{"error": {"code": 190, "message": "Invalid OAuth access token."}}',
        "https://graph.facebook.com:443/v25.0/123",
        "spinning: 5 of 6",
        "GET /signup/",
        "GET /signup/attempts/12/",
        "POST /signup/onboarding/3/retry/",
        "POST /signup/links/signup/3/revoke/",
        "templates/signup/page.html",
        "/static/signup.js",
        "GET /mails/settings/",
        "head=e1721bcd7408da75edc0f796166a290f0c907ce506b1e207feaaa27738be0657",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "piece", ["a", "1", "token", "token=", "://a:", "Bearer ", "\\", " ", "?code=", "signup/", "signup//code", "%2F"]
)
def test_no_text_takes_the_redaction_long(piece: str) -> None:
    # A pattern that looks back over everything again and again would need minutes for this.
    redact(piece * (200_000 // len(piece)))


def test_the_configuration_is_one_that_python_accepts() -> None:
    logging.config.dictConfigClass(logging_config("INFO"))
