"""The engine that has Meta change something, with a request of its own in place of a number's or a WABA's."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import User, Waba
from phones.actions.callback import CallbackRequest
from phones.actions.guards import Refusal
from phones.actions.send_once import NotSentError, send_once
from phones.actions.waba import WabaRequest
from phones.choices import ActionKind, ActionState
from phones.models import Action
from portal.graph import GraphError, Meter, PermissionMissing
from portal.graph.errors import Unreachable
from portal.graph.writes import GraphWriter
from tests.factories import make_number, make_waba
from tests.phones.pool.pooling import make_row


@dataclass(kw_only=True, eq=False)
class Request(WabaRequest):
    """Asks nothing of Meta, and answers what the test wants."""

    kind: ActionKind = ActionKind.SUBSCRIBE
    user: User | None = None
    key: uuid.UUID = field(default_factory=uuid.uuid4)
    refusal: str = ""
    error: Exception | None = None
    calls: list[tuple[str, bool]] = field(default_factory=list)

    def judge(self) -> Refusal | None:
        return Refusal(self.refusal) if self.refusal else None

    def call(self, writer: GraphWriter, meter: Meter) -> None:
        state = Action.objects.get(key=self.key).state
        self.calls.append((state, connection.in_atomic_block))
        if self.error is not None:
            raise self.error


class Unreadable(Request):
    is_readable = False


@pytest.fixture
def waba(db: None) -> Waba:
    return make_waba()


def send(request: Request) -> Action:
    return send_once(request, read_back=lambda _action: None)


def lost() -> GraphError:
    return Unreachable("no answer", reason="closed", sent=True, method="POST")


@pytest.mark.django_db(transaction=True)
def test_the_row_is_committed_as_sent_before_meta_is_called() -> None:
    request = Request(waba=make_waba())

    assert send(request).state == ActionState.SUCCEEDED

    assert request.calls == [("sent", False)]


def test_one_key_is_one_call_whoever_sends_it(waba: Waba) -> None:
    first = Request(waba=waba)
    again = Request(waba=waba, key=first.key)

    assert send(first) == send(again)

    assert (len(first.calls), again.calls) == (1, [])


def test_what_a_guard_refuses_is_neither_recorded_nor_sent(waba: Waba) -> None:
    request = Request(waba=waba, refusal="Not now.")

    with pytest.raises(NotSentError, match="Not now"):
        send(request)

    assert (request.calls, Action.objects.count()) == ([], 0)


def test_without_a_token_nothing_is_recorded_and_the_reason_is_told_apart(db: None) -> None:
    with pytest.raises(NotSentError, match="no usable token") as told:
        send(Request(waba=make_waba(credential=None)))

    assert (told.value.kind, Action.objects.count()) == ("no_token", 0)


def test_a_picture_that_is_gone_sends_nothing(waba: Waba) -> None:
    with pytest.raises(NotSentError, match="out of date"):
        send(Request(waba=waba, seen=["something else"]))


def test_a_lost_answer_stays_open_and_keeps_the_same_from_being_sent(waba: Waba) -> None:
    action = send(Request(waba=waba, error=lost()))
    assert (action.state, action.closed_at, action.error_kind) == (ActionState.UNKNOWN, None, "unreachable")

    with pytest.raises(NotSentError, match="under way"):
        send(Request(waba=waba))
    assert send(Request(waba=make_waba())).state == ActionState.SUCCEEDED, "another object is free"


def test_a_lost_answer_that_no_reading_can_settle_is_closed_as_unknown(waba: Waba) -> None:
    action = send(Unreadable(waba=waba, error=lost()))

    assert (action.state, action.closed_at is not None) == (ActionState.UNKNOWN, True)


@pytest.mark.parametrize(
    ("error", "kind"), [(PermissionMissing("no"), "permission_missing"), (ValueError("half of it"), "not_sent")]
)
def test_what_meta_surely_did_not_do_has_failed_with_its_reason(waba: Waba, error: Exception, kind: str) -> None:
    action = send(Request(waba=waba, error=error))

    assert (action.state, action.error_kind, action.closed_at is not None) == (ActionState.FAILED, kind, True)


def test_only_who_sent_reads_back(waba: Waba) -> None:
    request = Request(waba=waba)
    read: list[Action] = []
    for _ in range(2):
        send_once(request, read_back=read.append)

    assert len(read) == 1


def test_no_secret_is_in_what_a_request_shows_of_itself(waba: Waba) -> None:
    callback = CallbackRequest(
        key=uuid.uuid4(),
        user=None,
        token="SECRET-token",
        app_id="6",
        callback_url="https://desk.example/",
        fields=[],
        verify_token="SECRET-verify",
        before="",
    )
    assert "SECRET" not in repr(callback) + repr(Request(waba=waba, token="SECRET-token"))


# --- Who sees what was done -------------------------------------------------------------------------------------------


def test_actions_are_seen_by_who_sees_what_they_are_about(
    account_manager: User, alices_waba: Waba, stranger: User, team_lead: User
) -> None:
    def record(**about: object) -> Action:
        return Action.objects.create(created_at=timezone.now(), closed_at=timezone.now(), **about)

    theirs, pool = make_number(alices_waba), make_row()
    own = [record(kind="register", number=theirs, waba=alices_waba), record(kind="subscribe", waba=alices_waba)]
    of_pool = [record(kind="delete", preverified_number=pool), record(kind="add-to-pool")]
    record(kind="subscribe", waba=make_waba())
    record(kind="register", number=make_number(), waba=alices_waba)
    record(kind="callback")

    assert set(Action.objects.visible_to(account_manager)) == {*own, *of_pool}
    assert not Action.objects.visible_to(stranger).exists()
    assert Action.objects.visible_to(team_lead).count() == Action.objects.count()
