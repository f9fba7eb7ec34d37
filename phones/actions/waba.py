"""What can be done to a WABA: adding a number, having its events sent to us or no more. Credit is in `credit_line`.

An added number comes onto the desk by the reading of its WABA that follows. When Meta's answer was lost, that
reading decides whether it was added.
"""

from abc import ABC
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from clients import roles
from clients.choices import RunScope
from clients.models import User, Waba
from phones.actions.guards import LEADS_DECIDE_WHERE, Refusal
from phones.actions.send_once import ActionRequest, send_once, token_of
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber, Subscription
from phones.numbers import conditions
from phones.numbers.search import digits_of
from phones.numbers.spellings import other_spellings
from phones.sync import runs
from portal.graph import Meter
from portal.graph.writes import GraphWriter
from portal.rows import row_or_none

# Each of these says all of it: of one WABA one at a time.
CHANGES_OF_SUBSCRIPTION = frozenset({ActionKind.SUBSCRIBE, ActionKind.UNSUBSCRIBE, ActionKind.WABA_CALLBACK})


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

    def judge(self) -> Refusal | None:
        return _open_change_of(self.waba, but=self.kind)

    def call(self, writer: GraphWriter, meter: Meter) -> None:
        writer.subscribe_app(self.waba.waba_id, token=self.token, meter=meter)


@dataclass(kw_only=True, eq=False)
class WabaCallbackRequest(WabaRequest):
    """The WABA's messages are to go to `callback_url`; empty: to the app's callback again. `before`: where they go now.

    Setting it puts our app among those that get the WABA's events, as switching them on does.
    """

    kind: ActionKind = ActionKind.WABA_CALLBACK
    user: User
    callback_url: str
    before: str
    verify_token: str = field(default="", repr=False)

    under_way: ClassVar[str] = "Its callback is being set already: ask Meta who gets its events, which settles it."

    def judge(self) -> Refusal | None:
        if not roles.runs_the_desk(self.user):
            return Refusal(LEADS_DECIDE_WHERE)
        known = row_or_none(Subscription.objects.filter(waba=self.waba))
        if known is None or known.checked_at is None or (known.override_callback_uri or "") != self.before:
            return Refusal("The WABA’s callback is another one than you saw: look at its page again.")
        return _open_change_of(self.waba, but=self.kind)

    def columns(self) -> dict[str, Any]:
        details = {"callback_url": self.callback_url, "before": self.before}
        return super().columns() | {"details": {**self.details, **details}}

    @sensitive_variables()
    def call(self, writer: GraphWriter, meter: Meter) -> None:
        waba_id, token, url = self.waba.waba_id, self.token, self.callback_url
        if not url:
            writer.subscribe_app(waba_id, token=token, meter=meter)
            return
        writer.override_of_waba(waba_id, token=token, callback_url=url, verify_token=self.verify_token, meter=meter)


def _open_change_of(waba: Waba, *, but: ActionKind) -> Refusal | None:
    """Why our subscription is not changed while another change of it is open: each says all of it."""
    others = CHANGES_OF_SUBSCRIPTION - {but}
    if Action.objects.filter(waba=waba, kind__in=others, closed_at=None).exists():
        return Refusal("Another change of who gets its events is under way: ask Meta who does, which settles it.")
    return None


@dataclass(kw_only=True, eq=False)
class UnsubscribeRequest(WabaRequest):
    """Our app is to be taken from among those that get the WABA's events."""

    kind: ActionKind = ActionKind.UNSUBSCRIBE

    under_way: ClassVar[str] = "Switching its events off is under way: ask Meta who gets them, which settles it."

    def judge(self) -> Refusal | None:
        return _open_change_of(self.waba, but=self.kind)

    def call(self, writer: GraphWriter, meter: Meter) -> None:
        writer.unsubscribe_app(self.waba.waba_id, token=self.token, meter=meter)


def add_number(request: AddNumberRequest) -> Action:
    """Add the number, have its WABA read, and give the action as it stands after Meta's answer. Raises NotSentError."""

    def read_back(action: Action) -> None:
        if action.state != ActionState.FAILED:
            runs.start(scope=RunScope.WABA, user=request.user, waba=request.waba)

    return send_once(request, read_back=read_back)
