"""What tests do with browsers and second factors of people."""

import re
import time
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client as Browser

from clients.models import User
from clients.signing_in.sessions import BEGAN, SEEN
from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def changed(browser: Browser, **values: Any) -> Browser:
    """The browser with these values in its session."""
    session = browser.session
    session.update(values)
    session.save()
    return browser


def stale(browser: Browser) -> Browser:
    """The browser, as if its person had typed their password an hour ago."""
    return changed(browser, **{AUTHENTICATION_METHODS_SESSION_KEY: [{"method": "password", "at": time.time() - 3600}]})


def signed_in_since(browser: Browser, hours: float, *, seen_minutes_ago: float = 0) -> Browser:
    now = time.time()
    return changed(browser, **{BEGAN: now - hours * 3600, SEEN: now - seen_minutes_ago * 60})


def typed_in(name: str, password: str = PASSWORD, **where: str) -> Browser:
    """A browser in which this was typed at the login."""
    browser = Browser(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"})
    browser.post("/login/", {"username": name, "password": password, **where})
    return browser


def with_app(person: User, secret: str = SECRET) -> User:
    TOTP.activate(person, secret)
    return person


def code_of(secret: str = SECRET, *, steps: int = 0) -> str:
    """What an authenticator app with this secret shows, so many steps of half a minute from now."""
    code: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))
    return code


def link_in(text: str) -> str:
    """The path of the one link to choose a password with that stands in `text`."""
    found = re.findall(r"https?://[^/\s]+(/account/(?:forgotten|invitation)/[^\s<]+)", text)
    assert len(set(found)) == 1, text
    return str(found[0])
