"""Somebody who is signed in at a running portal, by requests. What a browser adds has tests in tests/browser."""

from __future__ import annotations

from typing import Any

import requests

from tests.phones.reading import in_one_line

# Beside other tests on a small machine a page takes its time.
PATIENCE_SECONDS = 30


class Person:
    """Signs in at once; then reads pages and sends forms."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self.address, self.session = address, requests.Session()
        self.session.trust_env = False
        self.get("/login/")
        self.post("/login/", username=name, password=password)

    def get(self, path: str) -> str:
        """The page, in one line."""
        answer = self.session.get(f"{self.address}{path}", timeout=PATIENCE_SECONDS)
        assert answer.ok, answer.text
        return in_one_line(answer.text)

    def post(self, path: str, **form: Any) -> str:
        """Send a form; the address that it leads to."""
        form["csrfmiddlewaretoken"] = self.session.cookies["csrf"]
        answer = self.session.post(f"{self.address}{path}", form, timeout=PATIENCE_SECONDS)
        assert answer.ok, answer.text
        return answer.url.removeprefix(self.address)
