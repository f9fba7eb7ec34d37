"""Asking for an address as somebody, and everything by which they can tell two answers apart."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy, deepcopy
from dataclasses import dataclass
from difflib import unified_diff
from functools import cache
from typing import Any
from unittest.mock import MagicMock
from urllib.parse import urlencode

import pytest
import xlsxwriter
from django.conf import settings
from django.contrib import auth
from django.core.handlers.base import BaseHandler
from django.core.signing import b64_decode
from django.db import connection, transaction
from django.http import HttpRequest
from django.template.backends.django import Template
from django.test import Client as Browser
from django.test import RequestFactory

from clients.signing_in.session_store import SessionStore
from tests.workbooks import body_as_text

# That a page may take.
MOST_STATEMENTS = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person can tell two answers apart by; the statements stand for the time that it took."""

    status: int
    headers: tuple[str, ...]
    body: str
    statements: tuple[str, ...]

    def difference(self, other: Answer) -> str:
        """What is in one of the two only; empty when nobody could tell them apart."""
        mine, theirs = (
            [str(one.status), *one.headers, *one.body.splitlines(), *one.statements] for one in (self, other)
        )
        return "\n".join(list(unified_diff(mine, theirs, n=0, lineterm=""))[2:])

    def header(self, name: str) -> str:
        """Empty where there is no such one."""
        return next((value for found, _, value in (one.partition(": ") for one in self.headers) if found == name), "")

    @property
    def location(self) -> str:
        """Where the answer leads; empty if nowhere."""
        return self.header("Location")


def ask(
    browser: Browser,
    method: str,
    address: str,
    data: Mapping[str, str | list[str]] | str = "",
    ids: Mapping[str, str] | None = None,
    *,
    content_type: str = "application/x-www-form-urlencoded",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """The answer without what differs from request to request: ids that were asked for, nonces and form tokens.

    What the request changed is taken back, and the browser keeps its cookies. It is not the browser that asks: what
    Django's test client does around a request takes as long as the refusal of one.
    """
    statements: list[str] = []
    form = data if isinstance(data, str) else urlencode(data, doseq=True)
    factory = RequestFactory()
    factory.cookies = browser.cookies
    request = factory.generic(method.upper(), address, form, content_type=content_type, headers=headers)
    # As Django's client does.
    request._dont_enforce_csrf_checks = not browser.handler.enforce_csrf_checks  # type: ignore[attr-defined] # Django's own test client sets it
    with transaction.atomic(), connection.execute_wrapper(_noting(statements)):
        answer = handler().get_response(request)
        said = getattr(request, "_messages", ())
        body = text_of(answer) + "".join(f"\nsays: {message}" for message in getattr(said, "_queued_messages", ()))
        # `close` of an answer would close the database, too.
        for close in answer._resource_closers:  # type: ignore[attr-defined] # the stubs leave it out
            close()
        transaction.set_rollback(True)
    ids = ids or {}
    told = (f"{name}: {_plain(value, ids)}" for name, value in answer.items() if name not in _PER_REQUEST)
    return Answer(answer.status_code, tuple(sorted(told)), _plain(body, ids), tuple(statements))


@cache
def handler() -> BaseHandler:
    """The portal's middleware and views."""
    found = BaseHandler()
    found.load_middleware()
    return found


def text_of(answer: Any) -> str:
    """The whole body of an answer, streamed or not."""
    body: bytes = b"".join(answer) if answer.streaming else answer.content
    return body_as_text(body)


def _noting(statements: list[str]) -> Callable[..., Any]:
    def note(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        # Whether the search has its index is asked once by each process.
        if "SAVEPOINT" not in sql and "sqlite_master" not in sql:
            statements.append(sql)
        return execute(sql, *arguments)

    return note


_PER_REQUEST = {"Content-Length", "Expires", "Date", "X-Request-ID"}
_NOISE = re.compile(r"""(?<=nonce[=-])["']?[\w+/=-]+|(?<=csrfmiddlewaretoken" value=")\w+|(?<="x-csrftoken": ")\w+""")


_SIGNED = re.compile(r'(?<=name="confirmation" value=")([\w-]+):[\w:-]+')


def _readable(signed: re.Match[str]) -> str:
    """What a token says to who reads it, without the key that each has of its own."""
    said: dict[str, Any] = json.loads(b64_decode(signed[1].encode()))
    return str({name: value for name, value in said.items() if name != "key"})


def _plain(text: str, ids: Mapping[str, str]) -> str:
    text = _SIGNED.sub(_readable, _NOISE.sub("…", text))
    for kind, one in ids.items():
        text = text.replace(one, f"<{kind}>")
    return text


@contextmanager
def nothing_rendered() -> Iterator[None]:
    """Pages and Excel files are not written, which takes most of their time: of each stays its template and the error.

    Sessions and people are read once and not with each request. Only who is let in, and to what, can be seen then.
    """

    def name_of(template: Template, context: Any = None, request: Any = None) -> str:
        return f"{template.template.name} {(context or {}).get('exception', '')!r}"

    def person_of(request: HttpRequest) -> Any:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if key not in people:
            people[key] = get_user(request)
        # What is remembered on the object lives for one request.
        return copy(people[key])

    def session_of(store: SessionStore) -> dict[str, Any]:
        key = str(store.session_key)
        if key not in sessions:
            sessions[key] = load(store)
        return deepcopy(sessions[key])

    people: dict[str, Any] = {}
    sessions: dict[str, dict[str, Any]] = {}
    get_user, load = auth.get_user, SessionStore.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", name_of)
        patch.setattr(xlsxwriter, "Workbook", MagicMock())
        patch.setattr(auth, "get_user", person_of)
        patch.setattr(SessionStore, "load", session_of)
        logging.disable(logging.ERROR)
        yield
        logging.disable(logging.NOTSET)
