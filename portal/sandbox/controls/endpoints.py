"""The control endpoints under ``/_practice/``: look into the practice world, change it, and make it misbehave.

For tests and trainers. Loopback only, JSON in and out, no token, never under a version path; nothing of this is Meta's.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from portal.sandbox.controls import health, numbers, preverified, requested_changes, signups, webhooks
from portal.sandbox.controls.faults import Faults
from portal.sandbox.controls.request_body import BadRequestError
from portal.sandbox.graph import tokens
from portal.sandbox.graph.fields import all_values
from portal.sandbox.graph.webhook_delivery import WebhookDelivery
from portal.sandbox.http.messages import Reply, Request, Values
from portal.sandbox.http.request_log import RequestLog
from portal.sandbox.world import book, random_changes
from portal.sandbox.world.situations import MANAGER_ADDED
from portal.sandbox.world.world import Number, Waba, World

_MOST_ADDED = 10_000
_LOOPBACK = re.compile(r"(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?", re.IGNORECASE)

Handler: TypeAlias = Callable[[Values, str], object]


class Endpoints:
    """The control endpoints of one server. ``release`` lets held replies go."""

    def __init__(
        self, world: World, faults: Faults, log: RequestLog, delivery: WebhookDelivery, release: Callable[[], None]
    ) -> None:
        self._world = world
        self._faults = faults
        self._log = log
        self._release = release
        self._table: dict[tuple[str, str], Handler] = {
            ("GET", ""): lambda _, __: {"ready": True, "seed": self._world.seed, "wabas": len(self._world.wabas)},
            ("GET", "log"): lambda _, __: log.as_json(),
            ("POST", "log/clear"): lambda _, __: {"cleared": log.clear()},
            ("GET", "book"): lambda _, __: _book(self._world),
            ("GET", "changes"): lambda _, __: {"changes": list(self._world.changes)},
            ("POST", "clock"): self._clock,
            ("GET", "numbers"): lambda _, __: {
                "numbers": [numbers.facts(self._world, each) for each in self._world.numbers()]
            },
            ("GET", "numbers/*"): lambda _, path: numbers.facts(self._world, self._number(path.split("/")[1])),
            ("PATCH", "numbers/*"): self._patch_number,
            ("POST", "wabas"): self._add_waba,
            ("GET", "wabas"): lambda _, __: {"wabas": _wabas(self._world)},
            ("GET", "wabas/*"): lambda _, path: _waba(self._world, self._waba(path.split("/")[1])),
            ("POST", "wabas/*/numbers"): self._add_number,
            ("POST", "wabas/*/health"): lambda body, path: health.change(
                self._world, self._waba(path.split("/")[1]), body
            ),
            ("DELETE", "wabas/*/numbers/*"): self._unlist,
            ("POST", "move"): self._move,
            ("GET", "faults"): lambda _, __: {"faults": [rule.as_json() for rule in faults.rules]},
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._drop_faults,
            ("POST", "release"): self._let_go,
            ("GET", "tokens"): lambda _, __: {"tokens": _tokens(self._world)},
            ("POST", "tokens/*"): self._token,
            **preverified.controls(self._world),
            **webhooks.controls(self._world, delivery),
            **signups.controls(self._world),
        }

    def answer(self, request: Request) -> Reply:
        """The reply to a request under ``/_practice/``."""
        if not _LOOPBACK.fullmatch(request.host) or request.peer not in {"127.0.0.1", "::1"}:
            return Reply(403, {"error": "The practice controls answer on the loopback address only"})
        if "origin" in request.headers:
            return Reply(403, {"error": "The practice controls do not answer to web pages"})
        path = request.path.removeprefix("/_practice").strip("/")
        requested_changes.settle(self._world)
        handler = self._handler(request.method, path)
        if handler is None:
            return Reply(404, {"error": f"No control {request.method} /_practice/{path}"})
        try:
            return Reply(200, handler(request.json(), path))
        except BadRequestError as error:
            return Reply(error.status, {"error": str(error)})

    def _handler(self, method: str, path: str) -> Handler | None:
        for (known_method, pattern), handler in self._table.items():
            if known_method == method and re.fullmatch(pattern.replace("*", "[^/]+"), path):
                return handler
        return None

    def _waba(self, waba_id: object) -> Waba:
        waba = self._world.wabas.get(str(waba_id))
        if waba is None:
            raise BadRequestError(f"There is no WABA {waba_id}", 404)
        return waba

    def _number(self, number_id: object) -> Number:
        number = self._world.number(str(number_id))
        if number is None:
            raise BadRequestError(f"There is no number {number_id}", 404)
        return number

    def _clock(self, body: Values, _: str) -> object:
        seconds = body.get("advance_seconds")
        if not isinstance(seconds, (int, float)):
            raise BadRequestError("advance_seconds is a number")
        self._world.clock_offset += seconds
        self._world.unsaved = True
        return {"now": self._world.now()}

    def _patch_number(self, body: Values, path: str) -> object:
        number = self._number(path.split("/")[1])
        values, without = body.get("set", {}), body.get("unset", [])
        if not isinstance(values, dict) or not isinstance(without, list) or not all(type(x) is str for x in without):
            raise BadRequestError("A patch is an object of set (an object) and unset (a list of field names)")
        before = numbers.field_values(self._world, number)
        try:
            numbers.change(self._world, number, body)
        except ValueError as error:
            raise BadRequestError(str(error)) from error
        self._world.change_number(number, values, without)
        after = numbers.field_values(self._world, number)
        _note_patch(self._world, number, before, after)
        return after

    def _add_waba(self, body: Values, _: str) -> object:
        count = body.get("numbers", 1)
        if not isinstance(count, int) or not 0 <= count <= 1000:
            raise BadRequestError("numbers is a number from 0 to 1000")
        waba = random_changes.share_client(self._world, count)
        if isinstance(body.get("name"), str):
            waba.own["name"] = body["name"]
        self._world.record("waba_shared", waba_id=waba.id, phone_number_ids=[each.id for each in waba.numbers])
        return _waba(self._world, waba)

    def _add_number(self, body: Values, path: str) -> object:
        """Add one number, or as many as ``count`` says; the fields of the last."""
        waba = self._waba(path.split("/")[1])
        values, count = body.get("set", {}), body.get("count", 1)
        if not isinstance(count, int) or not 1 <= count <= _MOST_ADDED:
            raise BadRequestError(f"count is a number from 1 to {_MOST_ADDED}")
        for _ in range(count):
            number = book.new_number(self._world, waba, MANAGER_ADDED)
            self._world.change_number(number, values if isinstance(values, dict) else {})
            self._world.record("number_added", waba_id=waba.id, phone_number_id=number.id)
        return numbers.field_values(self._world, number)

    def _unlist(self, _: Values, path: str) -> object:
        waba_id, number_id = path.split("/")[1::2]
        waba, number = self._waba(waba_id), self._number(number_id)
        if waba not in number.wabas:
            raise BadRequestError(f"WABA {waba_id} does not list number {number_id}", 404)
        self._world.unlist(number, waba)
        self._world.record("number_removed", waba_id=waba.id, phone_number_id=number.id)
        return {"unlisted": number.id, "waba_ids": [each.id for each in number.wabas]}

    def _move(self, body: Values, _: str) -> object:
        number = self._number(body.get("phone_number_id"))
        start, end = self._waba(body.get("from_waba_id")), self._waba(body.get("to_waba_id"))
        if start not in number.wabas:
            raise BadRequestError(f"WABA {start.id} does not list number {number.id}", 404)
        self._world.unlist(number, start)
        self._world.list_on(number, end)
        self._world.record("number_moved", waba_id=end.id, phone_number_id=number.id, from_waba_id=start.id)
        return {"phone_number_id": number.id, "waba_ids": [each.id for each in number.wabas]}

    def _add_fault(self, body: Values, _: str) -> object:
        try:
            return self._faults.add(body).as_json()
        except ValueError as error:
            raise BadRequestError(str(error)) from error

    def _drop_faults(self, _: Values, __: str) -> object:
        count = len(self._faults.rules)
        self._faults.rules.clear()
        return {"dropped": count}

    def _let_go(self, _: Values, __: str) -> object:
        held = self._log.in_flight
        self._release()
        return {"in_flight": held}

    def _token(self, body: Values, path: str) -> object:
        token, state = tokens.named(self._world, path.split("/")[1]), body.get("state")
        if token is None:
            raise BadRequestError("Tokens are system_user, waba:<WABA id> and signup:<number>", 404)
        if state not in tokens.STATES:
            raise BadRequestError(f"state is one of {', '.join(tokens.STATES)}")
        self._world.token_states[token.name] = str(state)
        self._world.unsaved = True
        return {"name": token.name, "state": state}


def _note_patch(world: World, number: Number, before: Values, after: Values) -> None:
    """Note in the log of changes what a patch has changed of what Graph shows."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if names:
        world.record(
            "number_patched",
            waba_id=number.wabas[0].id if number.wabas else None,
            phone_number_id=number.id,
            old={name: before.get(name) for name in names},
            new={name: after.get(name) for name in names},
        )


def _tokens(world: World) -> list[Values]:
    known: list[tuple[str, str, str | None]] = [("system_user", world.credentials.system_user_token, None)]
    known += [(f"waba:{waba.id}", text, waba.id) for text, waba in world.business_tokens.items()]
    return [
        {"name": name, "token": text, "waba_id": waba_id, "state": world.token_states.get(name, "valid")}
        for name, text, waba_id in known
    ]


def _book(world: World) -> Values:
    """Everything there is, with the values that Graph's newest version would return."""
    known = world.credentials
    return {
        "seed": world.seed,
        "started": world.started,
        "business_id": known.business_id,
        "app_id": known.app_id,
        "wabas": _wabas(world),
        "phone_numbers": {number.id: numbers.field_values(world, number) for number in world.numbers()},
    }


def _wabas(world: World) -> list[Values]:
    return [_waba(world, waba) for waba in world.wabas.values()]


def _waba(world: World, waba: Waba) -> Values:
    return {
        "id": waba.id,
        "relation": waba.relation,
        "trouble": waba.trouble,
        "hollow": waba.hollow,
        "admits_account_mode_filter": waba.admits_account_mode_filter,
        "owner_business_id": waba.owner.id,
        "business_token": world.token_of(waba),
        "phone_number_ids": [number.id for number in waba.numbers],
        "values": all_values(waba),
    }
