"""What settles an action whose answer was lost, where only its row tells."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Waba
from phones.actions import settle
from phones.choices import ActionKind, ActionState
from phones.models import Action
from tests.factories import make_waba


def recorded_long_ago(waba: Waba) -> Action:
    then = timezone.now() - timedelta(minutes=10)
    return Action.objects.create(waba=waba, kind=ActionKind.SUBSCRIBE, state=ActionState.PENDING, created_at=then)


def test_what_was_never_sent_is_closed_as_not_done(db: None) -> None:
    action = recorded_long_ago(make_waba())

    assert not settle.settle_subscription(action.waba or make_waba(), is_ours=False)

    action.refresh_from_db()
    assert (action.state, action.settled_by_reading) == (ActionState.FAILED, True)


def test_what_a_slow_process_sends_at_this_moment_is_not_closed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    waba = make_waba()
    action = recorded_long_ago(waba)

    def meanwhile(*_args: object, **_named: object) -> bool:
        Action.objects.filter(pk=action.pk).update(state=ActionState.SENT, sent_at=timezone.now())
        return False

    monkeypatch.setattr(settle, "may_still_be_done", meanwhile)
    assert settle.settle_subscription(waba, is_ours=False)

    action.refresh_from_db()
    assert (action.state, action.closed_at) == (ActionState.SENT, None)
