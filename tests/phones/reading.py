"""How the page tests read a page. Nothing here needs Django: tests of running portals read theirs with it, too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clients.models import User
    from tests.conftest import SignIn


def text_of(answer: Any) -> str:
    """The markup of an answer in one line, without the marks that only keep writing directions apart."""
    return in_one_line(answer.content.decode().replace("<bdi>", "").replace("</bdi>", ""))


def in_one_line(markup: str) -> str:
    """`markup` without the white space that depends on how a template is laid out: around tags, and inside them."""
    line = " ".join(markup.split())
    line = re.sub(r" (?=/?>)", "", line)
    line = re.sub(r"(<[a-z][^<>]*>) ", r"\1", line)
    return line.replace(" </", "</")


def shown_to(person: User, address: str, sign_in: SignIn, **headers: str) -> str:
    """The page that `person` gets at `address`."""
    answer = sign_in(person).get(address, headers=headers)
    assert answer.status_code == 200
    return text_of(answer)


def value_of(page: str, label: str) -> str:
    """The text of the value behind a label, as a person reads it."""
    found = re.search(rf"<dt[^>]*>{re.escape(label)}</dt>\s*<dd>(.*?)</dd>", page)
    assert found, f"no {label} on the page"
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())
