"""Whether Meta sends events at all: asked of the practice server over a socket, and put right by a click."""

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client as Browser
from django.utils import timezone

from clients.models import User, Waba
from phones.choices import ActionState
from phones.events import callback, subscriptions
from phones.models import Action, AppCallback, Event, Subscription
from tests.factories import make_waba
from tests.practice import Practice, practice_server


@pytest.fixture
def practice(db: None, settings: Any) -> Iterator[Practice]:
    """Some forty WABAs, most of which our app is subscribed to."""
    with practice_server(settings, wabas=40, numbers=40, healthy=True) as server:
        server.as_partner()
        server.already_read()
        yield server


@pytest.fixture
def unsubscribed(practice: Practice) -> Waba:
    """A WABA whose events do not come to us."""
    subscriptions.check_due(seconds=60)
    return Waba.objects.filter(subscription__is_ours=False).order_by("pk")[0]


def posts(practice: Practice) -> int:
    return len([call for call in practice.calls("subscribed_apps") if call["method"] == "POST"])


def test_every_waba_is_asked_about_once_a_day(practice: Practice) -> None:
    assert subscriptions.check_due(seconds=60) == Waba.objects.count()
    assert subscriptions.check_due(seconds=60) == 0

    told = set(Subscription.objects.values_list("is_ours", flat=True))
    assert told == {True, False}
    assert min(Subscription.objects.values_list("check_due_at", flat=True)) > timezone.now() + timedelta(hours=21)


def test_the_threads_that_ask_open_no_database(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    connect = BaseDatabaseWrapper.connect

    def noted(self: BaseDatabaseWrapper) -> None:
        opened.append(threading.current_thread().name)
        connect(self)

    monkeypatch.setattr(BaseDatabaseWrapper, "connect", noted)

    assert subscriptions.check_due(seconds=60)
    assert [name for name in opened if name.startswith("subscriptions")] == []


def test_what_could_not_be_asked_is_not_called_off(practice: Practice) -> None:
    waba = Waba.objects.all()[0]
    practice.fault({"status": 500}, path_contains="subscribed_apps")

    subscription = subscriptions.check(waba)

    assert subscription.is_ours is None
    assert subscription.error_kind
    assert subscription.check_due_at < timezone.now() + timedelta(hours=2)


def test_a_failed_check_keeps_what_was_known_and_its_age(practice: Practice) -> None:
    waba = Waba.objects.filter(pk__in=Waba.objects.all()).order_by("pk")[0]
    before = subscriptions.check(waba)
    practice.fault({"status": 500}, path_contains="subscribed_apps")

    after = subscriptions.check(waba)

    assert (after.is_ours, after.checked_at) == (before.is_ours, before.checked_at)
    assert after.error_kind


def test_without_an_app_id_nobody_can_tell_which_app_is_ours(practice: Practice, settings: Any) -> None:
    settings.META_APP_ID = ""
    assert subscriptions.check(Waba.objects.all()[0]).is_ours is None


def test_without_a_token_nothing_is_asked(db: None) -> None:
    subscription = subscriptions.check(make_waba(credential=None))
    assert (subscription.is_ours, subscription.error_kind) == (None, "no_token")


def test_a_click_switches_events_on_once_and_reads_it_back(
    practice: Practice, unsubscribed: Waba, team_lead: User
) -> None:
    key = uuid.uuid4()
    for _ in range(3):
        action = subscriptions.subscribe(waba=unsubscribed, user=team_lead, key=key)

    assert action.state == ActionState.SUCCEEDED
    assert posts(practice) == 1
    assert Subscription.objects.get(waba=unsubscribed).is_ours is True


def test_a_lost_answer_is_settled_by_asking_and_never_sent_again(
    practice: Practice, unsubscribed: Waba, team_lead: User
) -> None:
    practice.fault({"lose_reply": True}, times=1, path_contains="subscribed_apps", method="POST")

    action = subscriptions.subscribe(waba=unsubscribed, user=team_lead, key=uuid.uuid4())

    assert (action.state, action.settled_by_reading) == (ActionState.SUCCEEDED, True)
    assert posts(practice) == 1


def test_not_subscribed_is_believed_only_when_meta_had_time_to_finish(
    practice: Practice, unsubscribed: Waba, team_lead: User
) -> None:
    practice.fault({"close": True}, times=1, path_contains="subscribed_apps", method="POST")

    action = subscriptions.subscribe(waba=unsubscribed, user=team_lead, key=uuid.uuid4())

    assert (action.state, action.closed_at) == (ActionState.UNKNOWN, None)
    soon = timezone.now() + timedelta(minutes=2)
    assert Subscription.objects.get(waba=unsubscribed).check_due_at < soon

    Action.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    subscriptions.check(unsubscribed)
    action.refresh_from_db()
    assert (action.state, action.settled_by_reading) == (ActionState.FAILED, True)
    assert posts(practice) == 1


@pytest.mark.parametrize(("state", "is_ours"), [("sent", True), ("sent", False), ("pending", True), ("pending", False)])
def test_what_a_process_that_died_left_open_is_closed_by_the_next_check(
    practice: Practice, unsubscribed: Waba, state: str, is_ours: bool
) -> None:
    long_ago = timezone.now() - timedelta(minutes=10)
    if is_ours:
        practice.writer.subscribe_app(unsubscribed.waba_id, token=practice.credentials.system_user_token)
    sent_at = long_ago if state == "sent" else None
    Action.objects.create(waba=unsubscribed, kind="subscribe", state=state, created_at=long_ago, sent_at=sent_at)

    subscriptions.check(unsubscribed)

    action = Action.objects.get()
    assert action.closed_at is not None
    assert (action.state == ActionState.SUCCEEDED) == (is_ours and state == "sent")


def test_a_refusal_is_kept_in_words_with_its_trace(practice: Practice, unsubscribed: Waba, desk: Browser) -> None:
    practice.fault(
        {"graph_error": {"code": 200, "message": "No permission"}}, path_contains="subscribed_apps", method="POST"
    )
    address = f"/wabas/{unsubscribed.waba_id}/events/subscribe/"
    token = desk.get(address).context["token"]

    page = desk.post(address, {"confirmation": token}, follow=True).content.decode()

    action = Action.objects.get()
    assert action.state == ActionState.FAILED
    assert action.fbtrace_id in page
    assert "Switch events on failed" in page


def test_the_page_of_a_waba_switches_events_on(practice: Practice, unsubscribed: Waba, desk: Browser) -> None:
    page = desk.get(f"/wabas/{unsubscribed.waba_id}/").content.decode()
    assert "Off: Meta sends us none" in page

    address = f"/wabas/{unsubscribed.waba_id}/events/subscribe/"
    token = desk.get(address).context["token"]
    page = desk.post(address, {"confirmation": token}, follow=True).content.decode()

    assert "Switch events on: done." in page
    assert "Off: Meta sends us none" not in page


def test_a_forged_token_sends_nothing(practice: Practice, unsubscribed: Waba, desk: Browser) -> None:
    desk.post(f"/wabas/{unsubscribed.waba_id}/events/subscribe/", {"confirmation": "forged"})
    assert posts(practice) == 0
    assert not Action.objects.exists()


# --- Quiet WABAs ------------------------------------------------------------------------------------------------------


def test_a_waba_that_is_silent_while_others_speak_is_flagged(db: None) -> None:
    now = timezone.now()
    quiet = make_waba(last_event_at=now - timedelta(days=8))
    make_waba(last_event_at=now - timedelta(hours=1))
    never = make_waba()
    Waba.objects.filter(pk=never.pk).update(created_at=now - timedelta(days=8))
    make_waba()

    assert not subscriptions.gone_quiet(Waba.objects.all())

    Event.objects.create(digest="a", received_at=now)
    assert set(subscriptions.gone_quiet(Waba.objects.all())) == {quiet, never}


# --- The app's callback -----------------------------------------------------------------------------------------------


def point_here(desk: Browser, token: str = "") -> str:
    """Open the confirmation, send it, and read the page it leads to."""
    token = token or desk.get("/events/callback/").context["token"]
    return desk.post("/events/callback/", {"confirmation": token}, follow=True).content.decode()


def test_meta_is_asked_where_it_sends_events_and_what_it_says_is_compared(practice: Practice) -> None:
    assert callback.compare().is_ours is None

    callback.check()

    assert callback.compare().is_ours is False
    assert AppCallback.objects.get().checked_at is not None


def test_without_an_app_nothing_can_be_asked(db: None) -> None:
    with pytest.raises(callback.NotConfiguredError, match="META_APP_ID"):
        callback.check()
    assert "META_APP_ID" in callback.compare().why_not


def test_pointing_meta_here_needs_the_verify_token_of_the_handshake(
    practice: Practice, settings: Any, desk: Browser
) -> None:
    settings.WEBHOOK_VERIFY_TOKEN = ""
    page = point_here(desk)
    assert "Nothing was sent. Set WEBHOOK_VERIFY_TOKEN first" in page


def test_meta_is_pointed_here_after_the_handshake(
    practice: Practice, settings: Any, live_server: Any, desk: Browser
) -> None:
    settings.PUBLIC_URL = live_server.url

    page = point_here(desk)

    assert "Meta sends the events here now." in page
    assert callback.compare().is_ours is True
    assert callback.compare().missing_fields == []


def test_fields_that_the_app_gets_for_others_are_kept(
    practice: Practice, settings: Any, live_server: Any, desk: Browser, administrator: User
) -> None:
    settings.PUBLIC_URL = live_server.url
    practice.writer.subscribe_webhooks(
        settings.META_APP_ID,
        token=f"{settings.META_APP_ID}|{settings.META_APP_SECRET}",
        callback_url=f"{live_server.url}/webhooks/meta/",
        verify_token=settings.WEBHOOK_VERIFY_TOKEN,
        fields=["account_update", "partner_solutions", "messages"],
    )

    point_here(desk)

    assert set(AppCallback.objects.get().fields) == {"partner_solutions", "messages", *callback.FIELDS}
    action = Action.objects.get()
    assert (action.kind, action.requested_by, action.state) == ("callback", administrator, ActionState.SUCCEEDED)
    assert action.details["callback_url"] == f"{live_server.url}/webhooks/meta/"


def test_nothing_is_set_while_meta_does_not_tell_what_the_app_gets_now(practice: Practice, desk: Browser) -> None:
    practice.fault({"status": 500}, path_contains="/subscriptions", method="GET")

    page = point_here(desk)

    assert "Nothing was sent. Meta did not return which fields the app gets now" in page
    assert not [call for call in practice.calls("/subscriptions") if call["method"] == "POST"]


def test_a_handshake_that_fails_leaves_meta_where_it_was_and_says_so(
    practice: Practice, settings: Any, desk: Browser
) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:9"

    page = point_here(desk)

    assert "Meta sends the events here now." not in page
    assert not callback.compare().is_ours
    assert AppCallback.objects.get().error_kind


def test_a_form_that_is_sent_twice_points_meta_here_once(
    practice: Practice, settings: Any, live_server: Any, desk: Browser
) -> None:
    settings.PUBLIC_URL = live_server.url
    token = desk.get("/events/callback/").context["token"]

    assert [point_here(desk, token).count("Meta sends the events here now.") for _ in range(2)] == [1, 1]

    assert len([call for call in practice.calls("/subscriptions") if call["method"] == "POST"]) == 1


def test_a_forged_form_points_meta_nowhere(practice: Practice, desk: Browser) -> None:
    assert "This form was too old" in point_here(desk, "forged")
    assert not Action.objects.exists()


def test_a_lost_answer_about_the_callback_is_settled_by_asking(
    practice: Practice, settings: Any, live_server: Any, desk: Browser
) -> None:
    settings.PUBLIC_URL = live_server.url
    practice.fault({"lose_reply": True}, times=1, path_contains="/subscriptions", method="POST")

    page = point_here(desk)

    action = Action.objects.get()
    assert (action.state, action.settled_by_reading) == (ActionState.SUCCEEDED, True)
    assert "Meta sends the events here now." in page
    assert len([call for call in practice.calls("/subscriptions") if call["method"] == "POST"]) == 1


def test_a_callback_that_meta_does_not_show_is_believed_lost_after_a_while(
    practice: Practice, settings: Any, desk: Browser
) -> None:
    settings.PUBLIC_URL = "https://desk.example"
    practice.fault({"close": True}, times=1, path_contains="/subscriptions", method="POST")
    point_here(desk)
    assert (Action.objects.get().state, Action.objects.get().closed_at) == (ActionState.UNKNOWN, None)
    assert "is being set already" in point_here(desk)

    Action.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    callback.check()

    action = Action.objects.get()
    assert (action.state, action.settled_by_reading) == (ActionState.FAILED, True)
