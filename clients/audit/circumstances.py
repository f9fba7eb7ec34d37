"""From where something is done, and by whom: of the request that a line of the audit log is written in."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog
from django.http import HttpRequest

from clients import roles
from clients.models import User
from portal.web.client_address import client_address


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The address that a request came from, its name in the logs, and who sent it. All are empty outside of requests.

    Of who signs in with this request nothing is said. `through` is the token of the API that it was sent with.
    """

    address: str | None = None
    request_id: str = ""
    person: User | None = None
    through: str = ""


_of_this_context: ContextVar[HttpRequest | None] = ContextVar("audited_request", default=None)


def circumstances() -> Circumstances:
    """Those of the request that is answered now, or whose work goes on without its person (`portal.patience`)."""
    request = _of_this_context.get()
    if request is None:
        return Circumstances()
    address = client_address(request)
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    person = request.user if request.user.is_authenticated else None
    token = roles.token_of(person) if person is not None else None
    through = token.name if token is not None else ""
    return Circumstances(str(address) if address else None, str(request_id)[:40], person, through)


@contextmanager
def of_request(request: HttpRequest) -> Iterator[None]:
    """What is written in here is done by `request`."""
    before = _of_this_context.set(request)
    try:
        yield
    finally:
        _of_this_context.reset(before)
