"""What the phone behind a practice number received, shown in a demo beside the fields that ask people for it.

At Meta a code goes to a phone, a PIN is known to its owner, and a client has a token of its own. Practice numbers have
neither phone nor owner, so the practice server's controls are asked, and the token is the one that the demo reads with.
The controls answer on loopback only, and outside a demo nobody is asked.
"""

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest

from portal.local.secrets import LOOPBACK_HOSTS

_PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Received:
    """The code that still works, if any, and the number's PIN; empty for none."""

    code: str
    pin: str


Look = Callable[[str, str], Received | None]


def practice_phone(_request: HttpRequest) -> dict[str, Look | str]:
    """For every template of a demo, what the tag `practice_phone` shows and looks with; nothing anywhere else.

    And where the stand-in for WhatsApp Manager is, in which people play the client.
    """
    is_practice = settings.DEMO and urlsplit(settings.GRAPH_API_URL).hostname in LOOPBACK_HOSTS
    if not is_practice:
        return {}
    manager = f"{settings.GRAPH_API_URL}/dialog/manager"
    return {"practice_phone": look, "practice_token": settings.META_SYSTEM_USER_TOKEN, "practice_manager": manager}


def look(kind: str, node_id: str) -> Received | None:
    """What the phone of a number has, `kind` being `numbers` or `preverified`; None when that is not known."""
    url = f"{settings.GRAPH_API_URL}/_practice/{kind}/{quote(node_id, safe='')}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=_PATIENCE_SECONDS) as answer:
            facts = json.load(answer)
        return Received(facts["code"] or "", facts.get("pin") or "")
    except (OSError, ValueError, TypeError, KeyError):
        return None
