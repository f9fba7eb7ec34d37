"""What the tables show of the steps of a case, as of the latest readings: a few statements, however many steps."""

from collections.abc import Collection

from clients.models import Client, SignupLink, Waba
from phones.actions.credit_line import CreditStanding, standings
from phones.choices import ActionState
from phones.models import CodeLink, Listing, Offboarding, OffboardingStep, PhoneNumber, Subscription
from phones.numbers.age import last_answer
from phones.offboarding import rules
from phones.offboarding.rules import Shown
from phones.offboarding_choices import LeavingStep
from portal import database_clock


def shown_of(case: Offboarding, steps: Collection[OffboardingStep]) -> dict[int, Shown]:
    """What shows whether each of `steps` (with their numbers and WABAs) is done, by its key."""
    numbers = OffboardingStep.objects.filter(offboarding=case).order_by().values("number")
    listed = {(one.number_id, one.waba_id): one for one in Listing.objects.filter(number__in=numbers)}
    credit = standings([step.waba_id for step in steps if step.kind == LeavingStep.CREDIT_LINE and step.waba_id])

    def shown(step: OffboardingStep) -> Shown:
        if step.number is not None:
            return _of_number(step, step.number, listed.get((step.number.pk, step.waba_id or 0)))
        if step.waba is not None:
            return _of_waba(step, step.waba, credit.get(step.waba.pk, CreditStanding()))
        return rules.of_links(open_links=_open_links(case), at=database_clock.now())

    return {step.pk: shown(step) for step in steps}


def _of_number(step: OffboardingStep, number: PhoneNumber, listing: Listing | None) -> Shown:
    # Once its WABA is no longer shared with us, nothing of it is read any more: what stands there is from before.
    unshared_since = step.waba.unshared_since if step.waba is not None else None
    is_listed, is_in_sight = listing is not None and listing.is_current, not (number.missing_since or unshared_since)
    at = number.synced_at if is_in_sight else number.missing_since or unshared_since
    match step.kind:
        case LeavingStep.DEREGISTER:
            seen_at = last_answer(number, "platform_type")[0] if is_listed else at
            return rules.of_registration(number, is_listed=is_listed, is_in_sight=is_in_sight, at=seen_at)
        case LeavingStep.OFF_WABA:
            is_gone = number.gone_at is not None
            return rules.of_place(number, is_listed=is_listed, is_gone=is_gone, is_in_sight=is_in_sight, at=at)
    return rules.NOTHING_SHOWS_IT


def _of_waba(step: OffboardingStep, waba: Waba, credit: CreditStanding) -> Shown:
    match step.kind:
        case LeavingStep.EVENTS:
            subscription: Subscription | None = getattr(waba, "subscription", None)
            if subscription is None:
                return rules.of_events(is_ours=None, at=None)
            is_ours = None if subscription.is_ours and waba.unshared_since else subscription.is_ours
            return rules.of_events(is_ours=is_ours, at=subscription.checked_at)
        case LeavingStep.ACCESS:
            is_read = waba.last_failure_id is None and waba.last_synced_at is not None
            return rules.of_access(unshared_since=waba.unshared_since, is_read=is_read, at=waba.last_synced_at)
        case LeavingStep.CREDIT_LINE:
            is_shared = True if credit.share is not None and credit.share.state == ActionState.SUCCEEDED else None
            last = credit.revocation or credit.share
            at = last.closed_at if last is not None else None
            was_revoked = credit.revocation is not None
            return rules.of_credit_line(
                is_shared=is_shared, was_revoked=was_revoked, is_in_doubt=credit.is_in_doubt, at=at
            )
    return rules.NOTHING_SHOWS_IT


def _open_links(case: Offboarding) -> int:
    """How many links are open on which the client could sign up or type a code. A status link only shows."""
    codes = CodeLink.objects.open()
    if case.number_id is not None:
        return codes.filter(number=case.number_id).count()
    of_client = codes.filter(number__in=PhoneNumber.objects.of(Client.objects.filter(pk=case.client_id)).values("pk"))
    return SignupLink.objects.open().filter(client=case.client_id).count() + of_client.count()
