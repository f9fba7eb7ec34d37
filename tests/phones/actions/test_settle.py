"""What settles an action whose answer was lost, where only its row tells."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Waba
from phones.actions import settle
from phones.choices import ActionKind, ActionState
from phones.models import Action
from tests.factories import make_number, make_waba


def lost(kind: ActionKind, *, ago: timedelta, **columns: Any) -> Action:
    then = timezone.now() - ago
    return Action.objects.create(kind=kind, state=ActionState.UNKNOWN, created_at=then, sent_at=then, **columns)


def recorded_long_ago(waba: Waba) -> Action:
    then = timezone.now() - timedelta(minutes=10)
    return Action.objects.create(waba=waba, kind=ActionKind.SUBSCRIBE, state=ActionState.PENDING, created_at=then)


def test_what_was_never_sent_is_closed_as_not_done(db: None) -> None:
    action = recorded_long_ago(make_waba())

    assert not settle.settle_subscription(action.waba or make_waba(), is_ours=False, callback_url="")

    action.refresh_from_db()
    assert (action.state, action.settled_by_reading) == (ActionState.FAILED, True)


def test_what_a_slow_process_sends_at_this_moment_is_not_closed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    waba = make_waba()
    action = recorded_long_ago(waba)

    def meanwhile(*_args: object, **_named: object) -> bool:
        Action.objects.filter(pk=action.pk).update(state=ActionState.SENT, sent_at=timezone.now())
        return False

    monkeypatch.setattr(settle, "may_still_be_done", meanwhile)
    assert settle.settle_subscription(waba, is_ours=False, callback_url="")

    action.refresh_from_db()
    assert (action.state, action.closed_at) == (ActionState.SENT, None)


def test_what_a_reading_shows_as_done_is_not_waited_for_though_it_was_sent_just_now(db: None) -> None:
    now = timezone.now()
    number = make_number(platform_type="CLOUD_API", synced_at=now)
    sent = {"state": ActionState.SENT, "created_at": now, "sent_at": now - timedelta(seconds=10), "number": number}
    done = Action.objects.create(kind=ActionKind.REGISTER, waba=number.waba, **sent)
    settle.settle_number(number)
    done.refresh_from_db()
    assert (done.state, done.settled_by_reading) == (ActionState.SUCCEEDED, True)

    open_still = Action.objects.create(kind=ActionKind.DEREGISTER, waba=number.waba, **sent)
    settle.settle_number(number)
    open_still.refresh_from_db()
    assert (open_still.state, open_still.closed_at) == (ActionState.SENT, None)


def test_a_reading_that_leaves_out_where_messages_go_does_not_show_that_it_was_not_changed(db: None) -> None:
    now = timezone.now()
    asked_before = {"at": (now - timedelta(hours=1)).isoformat(), "source": "sync"}
    number = make_number(synced_at=now, provenance={"webhook_configuration": asked_before})
    details = {"callback_url": "https://hooks.example/wa", "before": ""}
    action = lost(ActionKind.NUMBER_CALLBACK, ago=timedelta(minutes=10), number=number, details=details)

    settle.settle_number(number)

    action.refresh_from_db()
    assert (action.state, action.closed_at) == (ActionState.UNKNOWN, None)


def test_a_revocation_that_meta_says_nothing_of_is_waited_for_a_day(db: None) -> None:
    kind, details = ActionKind.REVOKE_CREDIT_LINE, {settle.SHARE_ID: "700000000000002"}
    waits = lost(kind, ago=timedelta(hours=23), waba=make_waba(), details=details)
    is_over = lost(kind, ago=timedelta(hours=25), waba=make_waba(), details=details)

    settle.settle_credit_lines()

    assert set(Action.objects.filter(closed_at=None)) == {waits}
    is_over.refresh_from_db()
    assert is_over.state == ActionState.UNKNOWN
