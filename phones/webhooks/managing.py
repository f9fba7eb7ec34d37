"""What people do about webhooks. Recorded in the same transaction, without address and secret."""

from collections.abc import Sequence

from django.contrib.admin.models import ADDITION, DELETION
from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from clients import audit
from clients.models import User
from phones import waking
from phones.models import Webhook, WebhookDelivery
from phones.webhook_choices import DeliveryState
from phones.webhooks.find import begin_now
from portal import database_clock
from portal.web.query import ListQuery


class NameTakenError(Exception):
    """There is a webhook of that name."""


@sensitive_variables("address", "secret")
@transaction.atomic
def make_webhook(
    *, name: str, address: str, host: str, secret: str, kinds: Sequence[str], query: ListQuery | None, actor: User
) -> Webhook:
    """A webhook that sees what `actor` sees, from now on. Raises NameTakenError."""
    webhook = Webhook(name=name, host=host, kinds=list(kinds), person=actor, created_at=database_clock.now())
    webhook.query = query.as_json() if query is not None else None
    webhook.store(address=address, secret=secret)
    begin_now(webhook)
    try:
        with transaction.atomic():
            webhook.save()
    except IntegrityError:
        raise NameTakenError from None
    audit.record(webhook, f"Made: changes that {actor} sees are posted to {host}.", actor, flag=ADDITION)
    return webhook


@transaction.atomic
def switch(webhook: Webhook, *, on: bool, actor: User) -> None:
    """Off: nothing is posted, and what waits stays. On again: what happened meanwhile is not posted."""
    webhook.is_on, webhook.failures, webhook.next_at = on, 0, None
    if on:
        begin_now(webhook)
    webhook.save(update_fields=["is_on", "failures", "next_at", "reached", "sure", "moved_at"])
    audit.record(webhook, "Switched on." if on else "Switched off.", actor)
    waking.wake_webhooks()


@transaction.atomic
def try_out(webhook: Webhook) -> None:
    """Post a trial soon, behind what waits."""
    WebhookDelivery.objects.create(webhook=webhook, waits_since=database_clock.now())
    Webhook.objects.filter(pk=webhook.pk).update(next_at=None)
    waking.wake_webhooks()


@transaction.atomic
def replay(webhook: Webhook, *, actor: User) -> int:
    """Post what was given up, for another day; how many events these are."""
    dead = WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.DEAD)
    count = dead.update(state=DeliveryState.WAITING, waits_since=database_clock.now(), closed_at=None)
    if count:
        Webhook.objects.filter(pk=webhook.pk).update(next_at=None)
        audit.record(webhook, f"{count} events that were given up are posted again.", actor)
        waking.wake_webhooks()
    return count


@transaction.atomic
def delete_webhook(webhook: Webhook, *, actor: User) -> None:
    """Delete it, with what was posted to it or waits."""
    audit.record(webhook, f"Deleted: nothing is posted to {webhook.host}.", actor, flag=DELETION)
    webhook.delete()
