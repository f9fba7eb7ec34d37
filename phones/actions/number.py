"""What can be done to a number of a client: registering, codes, the PIN, the display name."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Max
from django.views.decorators.debug import sensitive_variables

from clients import roles
from clients.choices import Act
from clients.models import User
from clients.people import is_second_person
from phones.actions import guards, own_calls, own_readings, pins, settle, situations
from phones.actions.send_once import ActionRequest, send_once, token_of
from phones.choices import ActionKind
from phones.models import Action, PhoneNumber, Pin
from phones.numbers.picture import Picture
from phones.numbers.rules import is_verified, on_cloud_api
from portal import database_clock
from portal.graph import Meter
from portal.graph.writes import GraphWriter

# For which an open screen is not enough, nor a token of the API that may act and no more.
HARMFUL = frozenset({ActionKind.DEREGISTER, ActionKind.SET_PIN, ActionKind.NUMBER_CALLBACK})


@dataclass(kw_only=True, eq=False)
class NumberRequest(ActionRequest):
    """Something to be done to `number`. `pin` is one that was typed; `generate_pin`: the desk makes one up."""

    number: PhoneNumber
    pin: str = field(default="", repr=False)
    generate_pin: bool = False
    code: str = field(default="", repr=False)
    verify_token: str = field(default="", repr=False)
    """What the receiver of a callback knows: Meta asks it for that. Sent and kept nowhere."""
    picture: Picture | None = field(default=None, repr=False)
    """For the profile. Uploaded to Meta with the action and kept nowhere."""
    approved_by: User | None = None
    """Who agreed to it, where TWO_PERSON_APPROVAL asks for a second person."""
    stored_pin: Pin | None = field(default=None, init=False)

    under_way: ClassVar[str] = (
        "Another action on this number is under way: wait for its outcome, or read the number to settle it."
    )

    def lock(self) -> None:
        locked = PhoneNumber.objects.select_for_update(of=("self",), no_key=True).select_related("waba__credential")
        self.number = locked.get(pk=self.number.pk)

    def fingerprint(self) -> list[object]:
        return fingerprint(self.number, self.kind)

    def judge(self) -> guards.Refusal | None:
        """What the guards say; a team lead may go beyond some with a reason, and never without a second person."""
        if needs_second_person(self.kind) and not is_second_person(self.approved_by, besides=self.user):
            return guards.Refusal("A second person has to agree to this before it is sent.")
        if needs_lead(self.kind) and not (self.user is not None and roles.runs_the_desk(self.user)):
            return guards.Refusal(guards.LEADS_DECIDE_WHERE)
        situation = situations.situation_of(self.number, self.kind, pin_given=bool(self.pin) or not self.generate_pin)
        may_override = self.user is not None and roles.may(self.user, Act.OVERRIDE_GUARDS)
        overriding = bool(self.override_reason) and may_override
        return guards.refusal(self.kind, situation, now=database_clock.now(), overriding=overriding)

    def open_token(self) -> str:
        return token_of(self.number.waba)

    @sensitive_variables()
    def columns(self) -> dict[str, Any]:
        """The number, and the PIN that the action is sent with, stored before it is sent."""
        self.stored_pin = self._store_pin()
        before = {"was_registered": bool(on_cloud_api(self.number)), "was_verified": is_verified(self.number)}
        return {
            "number": self.number,
            "waba_id": self.number.waba_id,
            "details": {**self.details, **before},
            "pin": self.stored_pin,
        }

    def _store_pin(self) -> Pin | None:
        if self.kind not in {ActionKind.REGISTER, ActionKind.SET_PIN}:
            return None
        if self.pin:
            return pins.keep(number=self.number, pin=pins.checked(self.pin), user=self.user, generated=False)
        kept = pins.known(self.number)
        if kept is not None and self.kind == ActionKind.REGISTER:
            return kept
        return pins.keep(number=self.number, pin=pins.made_up(), user=self.user, generated=True)

    @sensitive_variables()
    def call(self, writer: GraphWriter, meter: Meter) -> None:
        """The call of this kind. Raises ValueError where a PIN is needed and none was stored."""
        pk, token, details = self.number.phone_number_id, self.token, self.details
        match self.kind:
            case ActionKind.REQUEST_CODE:
                method, language = details["code_method"], details["language"]
                writer.request_code(pk, token=token, code_method=method, language=language, meter=meter)
            case ActionKind.VERIFY_CODE:
                writer.verify_code(pk, token=token, code=self.code, meter=meter)
            case ActionKind.REGISTER:
                pin, region = self._opened_pin(), details.get("data_localization_region") or None
                writer.register(pk, token=token, pin=pin, data_localization_region=region, meter=meter)
            case ActionKind.DEREGISTER:
                writer.deregister(pk, token=token, meter=meter)
            case ActionKind.SET_PIN:
                writer.set_pin(pk, token=token, pin=self._opened_pin(), meter=meter)
            case ActionKind.DISPLAY_NAME:
                name = details["new_display_name"]
                writer.request_display_name(pk, token=token, new_display_name=name, meter=meter)
            case ActionKind.NUMBER_CALLBACK:
                url, secret = details["callback_url"], self.verify_token
                writer.override_of_number(pk, token=token, callback_url=url, verify_token=secret, meter=meter)
            case _:
                own_calls.change(writer, pk, self.kind, details, token=token, meter=meter, picture=self.picture)

    def _opened_pin(self) -> str:
        if self.stored_pin is None:
            raise ValueError("This action needs a PIN.")
        return pins.opened(self.stored_pin)


def needs_lead(kind: ActionKind) -> bool:
    """Whether team leads and administrators alone may do it: it sends what customers write somewhere else."""
    return kind == ActionKind.NUMBER_CALLBACK


def needs_second_person(kind: ActionKind) -> bool:
    return kind == ActionKind.DEREGISTER and kind.value in settings.TWO_PERSON_APPROVAL


def fingerprint(number: PhoneNumber, kind: ActionKind | None = None) -> list[object]:
    """What must still be so when a person confirms: where the number stands, and what was done to it last.

    With a `kind` that builds on a reading of its own, what that said too: else what somebody has changed at Meta
    meanwhile would be changed back.
    """
    return fingerprints([number])[number.pk] + own_readings.said_for(kind, number)


def fingerprints(numbers: Collection[PhoneNumber]) -> dict[int, list[object]]:
    """The fingerprint of each of `numbers`, by key."""
    done = Action.objects.filter(number__in=[number.pk for number in numbers]).exclude(kind=ActionKind.REFRESH)
    last = dict(done.order_by().values_list("number").annotate(Max("pk")))
    return {number.pk: [number.stage, number.step, number.waba_id, last.get(number.pk, 0)] for number in numbers}


@sensitive_variables()
def perform(request: NumberRequest) -> Action:
    """Send it once, read the number back, and give the action as it stands then. Raises NotSentError."""

    def read_back(action: Action) -> None:
        settle.read_back(action, user=request.user, number=request.number)

    return send_once(request, read_back=read_back)
