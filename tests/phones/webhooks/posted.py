"""A webhook to a program on loopback, and the events that it was posted."""

import json
from typing import Any

from clients.models import User
from phones.choices import ChangeKind
from phones.models import Webhook
from phones.webhooks import managing
from portal.web.query import ListQuery
from tests.scripted_graph import ScriptedGraph, answer

SECRET = "a-secret-of-the-program"
TAKEN, BROKEN = answer({}), answer({}, status=500)


def make(program: ScriptedGraph, actor: User, query: str = "", *kinds: ChangeKind) -> Webhook:
    return managing.make_webhook(
        name=f"ERP {Webhook.objects.count()}",
        address=f"{program.url}/hook",
        host="127.0.0.1",
        secret=SECRET,
        kinds=kinds or list(ChangeKind),
        query=ListQuery.of_address("numbers", query, actor) if query else None,
        actor=actor,
    )


def events(program: ScriptedGraph) -> list[dict[str, Any]]:
    return [event for request in program.requests for event in json.loads(request.body)["events"]]
