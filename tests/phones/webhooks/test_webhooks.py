"""Webhooks of ours, with a program on loopback that takes what is posted or does not."""

import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from clients.models import User
from phones.choices import ChangeKind
from phones.models import Change, PhoneNumber, Webhook, WebhookDelivery
from phones.tasks import webhooks as turn
from phones.webhook_choices import DeliveryState
from phones.webhooks import deliver, find, managing
from tests.factories import make_change
from tests.phones.webhooks.posted import BROKEN, SECRET, TAKEN, events, make
from tests.scripted_graph import ScriptedGraph, hang_up

pytestmark = pytest.mark.django_db


def an_hour_passes(webhook: Webhook) -> None:
    """What waits has waited for an hour longer, and may be tried again."""
    hour = timedelta(hours=1)
    for one in WebhookDelivery.objects.filter(webhook=webhook):
        WebhookDelivery.objects.filter(pk=one.pk).update(waits_since=one.waits_since - hour)
    Webhook.objects.filter(pk=webhook.pk).update(next_at=timezone.now() - timedelta(seconds=1))


def test_a_change_is_posted_once_signed_and_with_what_it_is_about(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber
) -> None:
    make_change(alices_number)
    make(program, team_lead)
    change = make_change(alices_number, kind=ChangeKind.FIELD, field="quality_rating", old="GREEN", new="RED")

    turn()
    turn()

    (event,) = events(program)
    assert event.pop("id") == str(WebhookDelivery.objects.get().public_id)
    assert event == {
        "kind": "field",
        "at": f"{change.at:%Y-%m-%dT%H:%M:%SZ}",
        "phone_number_id": alices_number.phone_number_id,
        "display_phone_number": alices_number.display_phone_number,
        "waba_id": None,
        "client_id": alices_number.waba.client_id,
        "client": "Alpha Bakery",
        "field": "quality_rating",
        "old": "GREEN",
        "new": "RED",
        "source": change.source,
    }
    (request,) = program.requests
    at = request.headers["numberdesk-timestamp"]
    expected = hmac.new(SECRET.encode(), f"{at}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert request.headers["numberdesk-signature"] == f"sha256={expected}"
    assert abs(int(at) - time.time()) < 60


def test_a_program_that_is_down_for_an_hour_misses_nothing(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber
) -> None:
    webhook = make(program, team_lead)
    program.script(BROKEN, hang_up(), BROKEN)
    changes = []
    for _ in range(3):
        changes.append(make_change(alices_number))
        turn()
        webhook.refresh_from_db()
        assert webhook.failures
        if len(changes) < 3:
            an_hour_passes(webhook)
    asked = len(program.requests)
    turn()
    assert len(program.requests) == asked, "it waits before it is tried again"

    an_hour_passes(webhook)
    turn()

    told = json.loads(program.requests[-1].body)["events"]
    keys = dict(WebhookDelivery.objects.values_list("change", "public_id"))
    assert [event["id"] for event in told] == [str(keys[change.pk]) for change in changes]
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.next_at, webhook.outcome) == (0, None, "Took 3.")


def test_the_waits_grow_up_to_half_an_hour(program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber) -> None:
    webhook, waits = make(program, team_lead), []
    program.always(BROKEN)
    make_change(alices_number)
    for _ in range(9):
        Webhook.objects.update(next_at=None)
        turn()
        webhook.refresh_from_db()
        assert webhook.next_at is not None
        assert webhook.last_at is not None
        waits.append(round((webhook.next_at - webhook.last_at).total_seconds()))

    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]


def test_what_waited_for_a_day_is_given_up_kept_and_posted_again_when_asked_for(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber
) -> None:
    webhook = make(program, team_lead)
    program.always(BROKEN)
    make_change(alices_number)
    turn()
    WebhookDelivery.objects.update(waits_since=timezone.now() - timedelta(days=1, seconds=1))
    Webhook.objects.update(next_at=None)
    turn()
    assert WebhookDelivery.objects.get().state == DeliveryState.DEAD
    program.always(TAKEN)
    Webhook.objects.update(next_at=None)
    before = len(program.requests)
    turn()
    assert len(program.requests) == before

    assert managing.replay(webhook, actor=team_lead) == 1
    turn()

    assert WebhookDelivery.objects.get().state == DeliveryState.SENT
    WebhookDelivery.objects.update(closed_at=timezone.now() - timedelta(days=31))
    deliver.prune()
    assert not WebhookDelivery.objects.exists()


def test_what_its_person_sees_no_more_holds_up_nothing_behind_it(
    program: ScriptedGraph, account_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    webhook = make(program, account_manager)
    gone = [make_change(foreign_number) for _ in range(deliver.A_POST)]
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=webhook, change=change, waits_since=timezone.now()) for change in gone
    )
    make_change(alices_number)

    turn()

    assert len(events(program)) == 1


def test_who_was_posted_to_longest_ago_comes_first(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber
) -> None:
    recent, before, new = (make(program, team_lead) for _ in range(3))
    now = timezone.now()
    Webhook.objects.filter(pk=recent.pk).update(last_at=now)
    Webhook.objects.filter(pk=before.pk).update(last_at=now - timedelta(minutes=1))
    make_change(alices_number)

    turn()

    posted = [event["id"] for event in events(program)]
    of_webhook = {str(one.public_id): one.webhook for one in WebhookDelivery.objects.select_related("webhook")}
    assert [of_webhook[each] for each in posted] == [new, before, recent]


def test_one_that_is_switched_on_while_it_is_looked_through_keeps_its_new_beginning(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber
) -> None:
    webhook = make(program, team_lead)
    Webhook.objects.update(moved_at=timezone.now() - timedelta(minutes=11))
    before = Webhook.objects.get()
    make_change(alices_number)
    for on in (False, True):
        managing.switch(webhook, on=on, actor=team_lead)
    begins = Webhook.objects.get().sure

    find._find(before, stop_at=time.monotonic() + 10)

    assert Webhook.objects.get().sure == begins > before.sure


def test_a_line_that_appears_late_behind_others_is_posted_too(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber
) -> None:
    make(program, team_lead)
    late, first = make_change(alices_number), make_change(alices_number)
    Change.objects.filter(pk=late.pk).delete()
    turn()
    Change.objects.bulk_create([late])
    Webhook.objects.update(moved_at=timezone.now() - timedelta(minutes=11))

    turn()

    assert set(WebhookDelivery.objects.values_list("change", flat=True)) == {first.pk, late.pk}


def test_one_that_is_off_gets_nothing_and_what_happened_meanwhile_is_no_news(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber
) -> None:
    webhook = make(program, team_lead)
    managing.switch(webhook, on=False, actor=team_lead)
    make_change(alices_number)
    turn()
    assert program.requests == []
    managing.switch(webhook, on=True, actor=team_lead)
    make_change(alices_number)
    turn()
    assert len(events(program)) == 1


def test_many_changes_are_posted_a_hundred_at_a_time(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber
) -> None:
    make(program, team_lead)
    for _ in range(250):
        make_change(alices_number)
    turn()

    assert [len(json.loads(request.body)["events"]) for request in program.requests] == [100, 100, 50]


def test_nobody_posts_to_a_webhook_that_another_worker_posts_to(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber
) -> None:
    make(program, team_lead)
    make_change(alices_number)
    Webhook.objects.update(busy_until=timezone.now() + timedelta(minutes=1))
    turn()
    assert program.requests == []
    Webhook.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
    turn()
    assert len(events(program)) == 1


def test_one_that_is_deleted_while_it_is_posted_to_ends_no_turn(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted, other = make(program, team_lead), make(program, team_lead)
    make_change(alices_number)
    post = deliver._post

    def posted(webhook: Webhook, told: list[dict[str, Any]]) -> str:
        if webhook == other:
            return post(webhook, told)
        managing.delete_webhook(deleted, actor=team_lead)
        return "It did not answer."

    monkeypatch.setattr(deliver, "_post", posted)
    turn()

    assert len(events(program)) == 1


def test_an_inner_address_gets_nothing_unless_the_settings_allow_it(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber, settings: Settings
) -> None:
    webhook = make(program, team_lead)
    settings.CHANNELS_MAY_BE_PRIVATE = False
    make_change(alices_number)
    turn()

    webhook.refresh_from_db()
    assert program.requests == []
    assert webhook.failures == 1
