"""A client's browser on a signup link, for the tests of the pages. No fixtures here."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client as Browser
from django.urls import reverse

from clients import links
from clients.models import SignupLink


class Visitor:
    """A client's browser on a link: no login, and the page's own script in its place."""

    def __init__(self, link: SignupLink) -> None:
        self.browser = Browser(enforce_csrf_checks=True)
        self.token = links.token_of(link)
        self.state = ""

    def get(self, name: str = "page", *more: object, **options: Any) -> Any:
        return self.browser.get(reverse(f"signup:{name}", args=[self.token, *more]), **options)

    def post(self, name: str, body: object) -> Any:
        self.get()
        return self.browser.post(
            reverse(f"signup:{name}", args=[self.token]),
            body if isinstance(body, str | bytes) else json.dumps(body),
            content_type="application/json",
            headers={"X-CSRFToken": self.browser.cookies["csrf"].value},
        )

    def begin(self) -> str:
        self.state = self.post("begin", {}).json()["state"]
        return self.state

    def finish(self, code: str) -> Any:
        return self.post("finish", {"state": self.state, "code": code})
