"""What can be done to a WABA: adding a number, having its events sent to us or no more. Credit is in `credit_line`.

An added number comes onto the desk by the reading of its WABA that follows. When Meta's answer was lost, that
reading decides whether it was added.
"""

from abc import ABC
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q

from clients.choices import RunScope
from clients.models import User, Waba
from phones.actions.guards import Refusal
from phones.actions.send_once import ActionRequest, send_once, token_of
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber
from phones.numbers import conditions
from phones.numbers.search import digits_of
from phones.numbers.spellings import other_spellings
from phones.sync import runs
from portal.graph import Meter
from portal.graph.writes import GraphWriter


@dataclass(kw_only=True, eq=False)
class WabaRequest(ActionRequest, ABC):
    """Something to be done to `waba`, with `token` if one is given, else with the WABA's own."""

    waba: Waba

    def lock(self) -> None:
        self.waba = Waba.objects.select_for_update().get(pk=self.waba.pk)

    def open_token(self) -> str:
        return self.token or token_of(self.waba)

    def columns(self) -> dict[str, Any]:
        return {"waba": self.waba}


@dataclass(kw_only=True, eq=False)
class AddNumberRequest(WabaRequest):
    """A number to be added to a WABA: `cc` is its calling code, `phone_number` what follows. Digits both.

    `moves`: another WABA has it now. It keeps the display name that it has there, and `verified_name` is empty.
    """

    kind: ActionKind = ActionKind.ADD_NUMBER
    user: User
    cc: str
    phone_number: str
    verified_name: str = ""
    moves: bool = False

    def judge(self) -> Refusal | None:
        """Not a number that the WABA has, nor one that is being added."""
        digits = digits_of(self._shown)
        listed = PhoneNumber.objects.on(Waba.objects.filter(pk=self.waba.pk)).filter(missing_since=None)
        if listed.filter(conditions.has_digits(digits)).exists():
            return Refusal("This WABA has that number already.")
        # An addition that was done is on the list only once the WABA was read whole since.
        unlisted = Q(closed_at=None) | Q(state=ActionState.SUCCEEDED)
        if self.waba.last_synced_at is not None:
            unlisted &= Q(closed_at=None) | Q(closed_at__gte=self.waba.last_synced_at)
        earlier = Action.objects.filter(unlisted, waba=self.waba, kind=self.kind)
        spelled = {digits, *other_spellings(digits)}
        if any(digits_of(one.details.get("phone_number")) in spelled for one in earlier):
            return Refusal("Adding this number is under way: wait until its WABA was read, which settles it.")
        return None

    def columns(self) -> dict[str, Any]:
        name = {"moves": True} if self.moves else {"verified_name": self.verified_name}
        details = {"phone_number": self._shown, **name}
        return super().columns() | {"details": {**self.details, **details}}

    def call(self, writer: GraphWriter, meter: Meter) -> str:
        return writer.add_phone_number(
            self.waba.waba_id,
            token=self.token,
            cc=self.cc,
            phone_number=self.phone_number,
            verified_name=self.verified_name,
            migrate_phone_number=self.moves,
            meter=meter,
        )

    def take_effect(self, action: Action, answer: str) -> None:
        Action.objects.filter(pk=action.pk).update(details={**action.details, "phone_number_id": answer})

    @property
    def _shown(self) -> str:
        return f"+{self.cc} {self.phone_number}"


@dataclass(kw_only=True, eq=False)
class SubscribeRequest(WabaRequest):
    """Our app is to be put among those that get the WABA's events."""

    kind: ActionKind = ActionKind.SUBSCRIBE

    under_way: ClassVar[str] = "Switching its events on is under way: ask Meta who gets them, which settles it."

    def call(self, writer: GraphWriter, meter: Meter) -> None:
        writer.subscribe_app(self.waba.waba_id, token=self.token, meter=meter)


@dataclass(kw_only=True, eq=False)
class UnsubscribeRequest(WabaRequest):
    """Our app is to be taken from among those that get the WABA's events."""

    kind: ActionKind = ActionKind.UNSUBSCRIBE

    under_way: ClassVar[str] = "Switching its events off is under way: ask Meta who gets them, which settles it."

    def call(self, writer: GraphWriter, meter: Meter) -> None:
        writer.unsubscribe_app(self.waba.waba_id, token=self.token, meter=meter)


def add_number(request: AddNumberRequest) -> Action:
    """Add the number, have its WABA read, and give the action as it stands after Meta's answer. Raises NotSentError."""

    def read_back(action: Action) -> None:
        if action.state != ActionState.FAILED:
            runs.start(scope=RunScope.WABA, user=request.user, waba=request.waba)

    return send_once(request, read_back=read_back)
