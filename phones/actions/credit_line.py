"""Our line of credit at a WABA: sharing it, and ending that."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from clients.access import NoTokenError, token_of
from clients.credentials import environment_credential
from clients.models import User, Waba
from phones.actions import settle
from phones.actions.guards import Refusal
from phones.actions.send_once import NO_TOKEN, NotSentError, send_once
from phones.actions.settle import SHARE_ID
from phones.actions.waba import WabaRequest
from phones.choices import ActionKind, ActionState
from phones.models import Action
from portal.graph import Meter, NotVisible
from portal.graph.writes import GraphWriter

_KINDS = (ActionKind.SHARE_CREDIT_LINE, ActionKind.REVOKE_CREDIT_LINE)


@dataclass(frozen=True, slots=True)
class CreditStanding:
    """The latest sharing that nobody has revoked since, and the revocation since the latest sharing; or None.

    `is_in_doubt`: since the sharing somebody has tried to revoke it, and what came of that is not known.
    """

    share: Action | None = None
    revocation: Action | None = None
    is_in_doubt: bool = False


def standings(waba_keys: Collection[int]) -> dict[int, CreditStanding]:
    """How our line of credit stands with these WABAs, by their keys; one that is not there never had it from here."""
    return standings_after(Action.objects.filter(waba__in=waba_keys, kind__in=_KINDS).order_by("pk"))


def standings_after(actions: Iterable[Action]) -> dict[int, CreditStanding]:
    """The same from what was done on WABAs, the oldest first; other kinds of actions may be among them."""
    found: dict[int, CreditStanding] = {}
    for action in actions:
        key, is_done = action.waba_id or 0, action.state == ActionState.SUCCEEDED
        if action.kind == ActionKind.REVOKE_CREDIT_LINE and is_done:
            found[key] = CreditStanding(revocation=action)
        elif action.kind == ActionKind.REVOKE_CREDIT_LINE and _may_be_revoked(action):
            found[key] = replace(found.get(key, CreditStanding()), is_in_doubt=True)
        elif action.kind == ActionKind.SHARE_CREDIT_LINE and action.state != ActionState.FAILED:
            found[key] = CreditStanding(share=action)
    return found


def _may_be_revoked(action: Action) -> bool:
    """Whether a revocation that is not known to be done may be: its answer was lost, or Meta shows no such share."""
    return action.state != ActionState.FAILED or action.error_kind == NotVisible.kind


def standing_with(waba: Waba) -> CreditStanding:
    return standings([waba.pk]).get(waba.pk, CreditStanding())


def why_not_revoked(share: Action | None) -> Refusal | None:
    """Why a share can't be ended from here; None when it can."""
    if share is not None and share.state == ActionState.SUCCEEDED and share.details.get(SHARE_ID):
        return None
    if share is None:
        return Refusal(
            "The desk knows of no share of our line of credit with this WABA. If there is one, it was made elsewhere, "
            "and is revoked in Meta Business Suite: Billing & payments, credit lines."
        )
    return Refusal("Whether our line of credit is shared with this WABA is not known: look in Meta Business Suite.")


@dataclass(kw_only=True, eq=False)
class CreditLineRequest(WabaRequest):
    """Our line of credit is to be shared with the WABA. `is_decided`: a person saw at Meta that it is not yet."""

    kind: ActionKind = ActionKind.SHARE_CREDIT_LINE
    currency: str
    is_decided: bool = False

    is_readable: ClassVar[bool] = False

    def judge(self) -> Refusal | None:
        """Not one that is shared already, nor one that may be."""
        last = standing_with(self.waba).share
        if last is None:
            return None
        if last.state == ActionState.SUCCEEDED:
            return Refusal("Our line of credit is shared with this WABA already.")
        return None if self.is_decided else Refusal("Whether it is shared is not known: look at Meta first.")

    def call(self, writer: GraphWriter, meter: Meter) -> str:
        return writer.share_credit_line(
            settings.META_EXTENDED_CREDIT_ID,
            token=self.token,
            waba_id=self.waba.waba_id,
            waba_currency=self.currency,
            meter=meter,
        )

    def take_effect(self, action: Action, answer: str) -> None:
        Action.objects.filter(pk=action.pk).update(details={**action.details, SHARE_ID: answer})


@dataclass(kw_only=True, eq=False)
class RevokeCreditLineRequest(WabaRequest):
    """The share of our line of credit with the WABA is to end. Sent with our system user's token."""

    kind: ActionKind = ActionKind.REVOKE_CREDIT_LINE

    under_way: ClassVar[str] = "Revoking the line of credit is under way: wait for its outcome."

    def judge(self) -> Refusal | None:
        return why_not_revoked(standing_with(self.waba).share)

    def columns(self) -> dict[str, Any]:
        share = standing_with(self.waba).share
        return super().columns() | {"details": {**self.details, SHARE_ID: share.details[SHARE_ID] if share else ""}}

    def call(self, writer: GraphWriter, meter: Meter) -> None:
        share = standing_with(self.waba).share
        if share is None:
            raise ValueError("There is no share to revoke.")
        writer.revoke_credit_line(share.details[SHARE_ID], token=self.token, meter=meter)


@sensitive_variables()
def revoke(*, waba: Waba, user: User, key: uuid.UUID) -> Action:
    """End the share, and give the action as it stands after Meta's answer. Raises NotSentError."""
    try:
        token = token_of(environment_credential())
    except NoTokenError:
        raise NotSentError(NO_TOKEN, kind="no_token") from None
    request = RevokeCreditLineRequest(key=key, waba=waba, user=user, token=token)
    return send_once(request, read_back=lambda _action: settle.settle_credit_lines())
