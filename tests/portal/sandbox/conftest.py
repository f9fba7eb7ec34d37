"""Practice servers for the tests of the practice server, and a partner who talks to them over real sockets."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from time import time
from typing import Any

import pytest
import requests

from portal.sandbox.controls.launch import Options, Serving, serving
from portal.sandbox.world.world import timestamp

Partner = Callable[..., "Caller"]


# A number that is fresh from signup, verified, and never had a PIN.
READY: dict[str, Any] = {
    "status": "PENDING",
    "platform_type": "NOT_APPLICABLE",
    "code_verification_status": "VERIFIED",
    "name_status": "APPROVED",
    "verified_name": "Harbor Bakery",
    "is_pin_enabled": False,
    "is_on_biz_app": False,
    "is_preverified_number": False,
    "is_official_business_account": False,
}
REGISTERED: dict[str, Any] = {"status": "CONNECTED", "platform_type": "CLOUD_API", "is_pin_enabled": True}


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

    def post(self, path: str, body: Any = None, *, token: str | None = None, **sent: Any) -> requests.Response:
        """POST a JSON body to a path under v25.0; the system user's token unless told."""
        token = self.known.system_user_token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} | sent.pop("headers", {})
        return self.session.post(f"{self.url}/v25.0/{path}", json=body, headers=headers, timeout=10, **sent)

    def do(self, path: str, body: Any = None, **sent: Any) -> Any:
        """The JSON of a POST that must succeed."""
        answer = self.post(path, body, **sent)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refusal(self, path: str, body: Any = None, **sent: Any) -> Any:
        """The error of a POST that must fail, with its HTTP status as `status`."""
        answer = self.post(path, body, **sent)
        assert answer.status_code != 200, answer.text
        return answer.json()["error"] | {"status": answer.status_code}

    def register(self, number_id: str, pin: object = "246810", **more: object) -> Any:
        """Register a number, which must succeed."""
        return self.do(f"{number_id}/register", {"messaging_product": "whatsapp", "pin": pin} | more)

    def not_registered(self, number_id: str, pin: object = "246810", **more: object) -> Any:
        """The error of a registration that must fail."""
        return self.refusal(f"{number_id}/register", {"messaging_product": "whatsapp", "pin": pin} | more)

    def number(self, place: int = 0, **values: object) -> str:
        """The id of a number of the first WABA that is ready to be registered, but for these values."""
        number_id: str = self.wabas()[0]["phone_number_ids"][place]
        onboarded = {"last_onboarded_time": timestamp(time() - 86_400)}
        without = [name for name in ("new_display_name", "new_name_status") if name not in values]
        self.control("PATCH", f"numbers/{number_id}", {"set": READY | onboarded | values, "unset": without})
        return number_id

    def values(self, number_id: str, *fields: str) -> tuple[Any, ...]:
        """What Graph says of these fields of a number; None for those it leaves out."""
        found = self.read(number_id, fields=",".join(fields))
        return tuple(found.get(field) for field in fields)

    def behind(self, number_id: str) -> Any:
        """What the controls tell of a number."""
        return self.control("GET", f"numbers/{number_id}")

    def forward(self, seconds: float) -> None:
        """Put the server's clock forward."""
        self.control("POST", "clock", {"advance_seconds": seconds})

    def control(self, method: str, path: str, body: Any = None) -> Any:
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
