"""How the page tests read a page."""

from typing import Any

from clients.models import User
from tests.conftest import SignIn


def text_of(answer: Any) -> str:
    """The markup of an answer in one line, without the marks that only keep writing directions apart."""
    return " ".join(answer.content.decode().replace("<bdi>", "").replace("</bdi>", "").split())


def shown_to(person: User, address: str, sign_in: SignIn, **headers: str) -> str:
    """The page that `person` gets at `address`."""
    answer = sign_in(person).get(address, headers=headers)
    assert answer.status_code == 200
    return text_of(answer)
