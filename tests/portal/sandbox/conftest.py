"""Practice servers for the tests of the practice server, and a partner who talks to them over real sockets."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from portal.sandbox.launch import Options, Serving, serving

Partner = Callable[..., "Caller"]


class Caller:
    """A partner's system user at one practice server, and the trainer who holds its controls."""

    def __init__(self, server: Serving) -> None:
        self.url = server.url
        self.known = server.credentials
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str, *, token: str | None = None, headers: Any = None, **parameters: Any) -> requests.Response:
        """GET a path under v25.0 with the token in the header; the system user's unless told, none for ''."""
        token = self.known.system_user_token if token is None else token
        sent = ({"Authorization": f"Bearer {token}"} if token else {}) | (headers or {})
        return self.session.get(f"{self.url}/v25.0/{path}", params=parameters, headers=sent, timeout=10)

    def read(self, path: str, **parameters: Any) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def error(self, path: str, **parameters: Any) -> Any:
        """The error of a GET that must fail, with its HTTP status as `status`."""
        answer = self.get(path, **parameters)
        assert answer.status_code != 200, answer.text
        return answer.json()["error"] | {"status": answer.status_code}

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Use a control."""
        answer = self.session.request(method, f"{self.url}/_practice/{path}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, answer: dict[str, object], *, times: int | None = 1, **match: object) -> None:
        """Put a fault in force."""
        self.control("POST", "faults", {"match": match, "times": times, "answer": answer})

    def wabas(self, **traits: object) -> list[Any]:
        """The WABAs of the book that have these traits, e.g. `relation="owned"`."""
        found = self.control("GET", "wabas")["wabas"]
        return [waba for waba in found if all(waba[name] == value for name, value in traits.items())]

    def pages(self, path: str, **parameters: Any) -> list[Any]:
        """Every page of a listing, read as a partner should."""
        pages = [self.read(path, **parameters)]
        while "next" in pages[-1].get("paging", {}):
            after = pages[-1]["paging"]["cursors"]["after"]
            pages.append(self.read(path, **parameters | {"after": after}))
        return pages

    def plain_waba(self) -> Any:
        """An unremarkable client WABA with at least two numbers."""
        plain = self.wabas(relation="client", trouble="", hollow=False, admits_account_mode_filter=True)
        return next(waba for waba in plain if 2 <= len(waba["phone_number_ids"]) <= 25)

    def big_waba(self) -> Any:
        """The WABA with the most numbers."""
        return max(self.wabas(), key=lambda waba: len(waba["phone_number_ids"]))


@pytest.fixture(scope="session")
def practice() -> Iterator[Caller]:
    """A still practice server of the usual size, for tests that only read. It never refuses for the number of calls."""
    with serving(Options(port=0, still=True, no_quota=True)) as server:
        caller = Caller(server)
        yield caller
        caller.session.close()


@pytest.fixture
def start() -> Iterator[Partner]:
    """A function that starts a still practice server of a test's own; small unless told."""
    with ExitStack() as stack:

        def starter(**options: Any) -> Caller:
            chosen = {"port": 0, "still": True, "wabas": 3, "numbers": 12} | options
            caller = Caller(stack.enter_context(serving(Options(**chosen))))
            stack.callback(caller.session.close)
            return caller

        yield starter
