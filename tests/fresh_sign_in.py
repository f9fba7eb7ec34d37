"""Browsers of people who have just signed in, made without the sign-in: that has tests of its own."""

import time
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client as Browser

from clients.models import User
from clients.signing_in.session_store import SessionStore
from clients.signing_in.sessions import BEGAN, SEEN

# Until then nothing is written down of a session that is used.
_MONTH = 30 * 24 * 3600


def browser_of(person: User, **options: Any) -> Browser:
    """The browser of `person`, who has typed their password a moment ago."""
    now, session = time.time(), SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session[BEGAN], session[SEEN] = now, now + _MONTH
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(person.pk)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": now}]
    session.save()
    browser = Browser(**options)
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return browser
