"""What can be done to the partner's pool of pre-verified numbers: the calls, and what a success changes.

Whether the pool's rules allow it, and with which token, `phones.pool` says in a subclass of its own.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.views.decorators.debug import sensitive_variables

from clients.models import Credential, User
from phones.actions.guards import Refusal
from phones.actions.send_once import ActionRequest
from phones.actions.settle import VERIFIED_BEFORE
from phones.choices import ActionKind
from phones.models import Action, PreverifiedNumber, PreverifiedShare
from phones.numbers import conditions
from phones.numbers.spellings import other_spellings
from portal import database_clock
from portal.graph import Meter
from portal.graph.writes import GraphWriter


@dataclass(kw_only=True, eq=False)
class PoolRequest(ActionRequest, ABC):
    """Something to be done to `number` of the pool; for an addition None, and `details["phone_number"]` its digits."""

    user: User
    number: PreverifiedNumber | None
    code: str = field(default="", repr=False)
    business_id: str = ""

    under_way: ClassVar[str] = (
        "Something else done to this number waits for its outcome: read the number, which settles it."
    )

    def lock(self) -> None:
        """Lock the number's row; additions, which have none yet, wait for each other at the row of the token."""
        if self.number is None:
            list(Credential.objects.select_for_update().filter(from_environment=True))
            return
        # The row alone: what it points at is not ours to lock.
        rows = PreverifiedNumber.objects.select_for_update(of=("self",)).select_related("number")
        self.number = rows.get(pk=self.number.pk)

    def fingerprint(self) -> list[object]:
        return [] if self.number is None else fingerprint(self.number)

    @abstractmethod
    def judge_by_rules(self) -> Refusal | None:
        """Why the rules of the pool refuse it; None when they don't."""

    def judge(self) -> Refusal | None:
        """What the pool's rules say; an addition must be of a number that is neither there nor being added."""
        refusal = self.judge_by_rules()
        if refusal is not None or self.number is not None:
            return refusal
        digits = self.details["phone_number"]
        if PreverifiedNumber.objects.in_pool().filter(conditions.has_digits(digits)).exists():
            return Refusal("This number is in the pool already.")
        open_additions = Action.objects.filter(kind=ActionKind.ADD_TO_POOL, closed_at=None)
        if any(one.details.get("phone_number") in {digits, *other_spellings(digits)} for one in open_additions):
            return Refusal("Adding this number is under way: read the pool, which settles it.")
        return None

    def columns(self) -> dict[str, Any]:
        """The number, and what a later reading is compared with: another verification than the one before."""
        number = self.number
        if number is None or number.code_verification_time is None:
            return {"preverified_number": number}
        return {"preverified_number": number, "details": {**self.details, VERIFIED_BEFORE: _verified_at(number)}}

    @sensitive_variables()
    def call(self, writer: GraphWriter, meter: Meter) -> str:
        """The call of this kind; the new id when a number was added, else nothing."""
        token, details = self.token, self.details
        if self.number is None:
            digits = details["phone_number"]
            return writer.add_preverified_number(self.business_id, token=token, phone_number=digits, meter=meter)
        pk = self.number.preverified_id
        match self.kind:
            case ActionKind.REQUEST_CODE:
                method, language = details["code_method"], details["language"]
                writer.request_code(pk, token=token, code_method=method, language=language, meter=meter)
            case ActionKind.VERIFY_CODE:
                writer.verify_code(pk, token=token, code=self.code, meter=meter)
            case ActionKind.DELETE:
                writer.delete_preverified_number(pk, token=token, meter=meter)
            case ActionKind.SHARE | ActionKind.UNSHARE:
                shares = self.kind == ActionKind.SHARE
                change = writer.share_preverified_number if shares else writer.unshare_preverified_number
                partner = details["business_id"]
                change(self.business_id, token=token, preverified_id=pk, partner_business_id=partner, meter=meter)
            case _:
                raise ValueError("This is not done to a number that is in the pool.")
        return ""

    def take_effect(self, action: Action, answer: str) -> None:
        """Take over what was done. A reading follows, and what it says counts."""
        number, now = self.number, database_clock.now()
        if number is None:
            digits = self.details["phone_number"]
            new = {"phone_number": digits, "digits": digits, "first_seen_at": now, "added_at": now, "synced_at": now}
            added, _is_new = PreverifiedNumber.objects.update_or_create(
                preverified_id=answer, defaults={"added_at": now}, create_defaults=new
            )
            Action.objects.filter(pk=action.pk).update(preverified_number=added)
        elif self.kind == ActionKind.DELETE:
            PreverifiedNumber.objects.filter(pk=number.pk).update(deleted_at=now)
        elif self.kind == ActionKind.SHARE:
            business_id = self.details["business_id"]
            PreverifiedShare.objects.get_or_create(number=number, business_id=business_id, defaults={"since": now})
        elif self.kind == ActionKind.UNSHARE:
            PreverifiedShare.objects.filter(number=number, business_id=self.details["business_id"]).delete()


def fingerprint(number: PreverifiedNumber) -> list[object]:
    """What must still be so when a person confirms: how the number stands, and what was done to it last."""
    last = Action.objects.filter(preverified_number=number).order_by("-pk").values_list("pk", flat=True).first()
    in_pool = number.missing_since is None and number.deleted_at is None and number.claimed_at is None
    is_reserved = number.reserved_for_id is not None
    return [in_pool, number.code_verification_status, _verified_at(number), is_reserved, last or 0]


def _verified_at(number: PreverifiedNumber) -> str:
    return number.code_verification_time.isoformat() if number.code_verification_time else ""
