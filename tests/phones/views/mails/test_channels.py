"""Channels of teams: who sets them up, what is posted to them and how it is signed, and what failures look like."""

import hashlib
import hmac
import json
import threading
import zoneinfo
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients.models import User, Waba
from phones.alert_choices import AlertKind, ChannelScope, DispatchKind, DispatchState
from phones.alerts import announce, find, send
from phones.models import Channel, Dispatch, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_listing, make_number
from tests.phones.alerts.mailbox import MINUTE, turn, watch
from tests.phones.reading import shown_to

pytestmark = pytest.mark.django_db

SECRET = "a-secret-of-the-team-1"


class Room:
    """A receiver on loopback: what was posted, and the status that it answers with."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/T0/S3cret"

    port = 0


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            room.posts.append((self.path, dict(self.headers), body))
            self.send_response(room.status)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    room.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield room
    server.shutdown()
    thread.join()
    server.server_close()


def make_channel(room: Room, kind: str, *members: User) -> Channel:
    scope = ChannelScope.PEOPLE if members else ChannelScope.ALL
    channel = Channel(name=f"Team {kind}", kind=kind, host="127.0.0.1", scope=scope)
    channel.store(address=room.address, secret=SECRET if kind == "webhook" else "")
    channel.save()
    channel.members.set(members)
    return channel


def post_alerts() -> None:
    now = timezone.now()
    find.find(now)
    announce.announce(now + 2 * MINUTE)
    send.send_due(now + 2 * MINUTE)


def test_a_post_is_signed_with_its_time_and_says_what_happened_to_the_teams_clients_once(
    room: Room,
    settings: Settings,
    account_manager: User,
    alices_number: PhoneNumber,
    foreign_number: PhoneNumber,
) -> None:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    make_channel(room, "webhook", account_manager)
    watch()
    turn(alices_number, status="BANNED")
    turn(foreign_number, status="BANNED")
    post_alerts()
    post_alerts()

    [(path, headers, body)] = room.posts
    said = json.loads(body)
    assert path == "/hooks/T0/S3cret"
    assert [(one["what"], one["client"]) for one in said["alerts"]] == [(str(alices_number), "Alpha Bakery")]
    signed = f"{headers['Numberdesk-Timestamp']}.".encode() + body
    assert headers["Numberdesk-Signature"] == f"sha256={hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()}"


def test_a_post_about_a_number_on_two_wabas_names_no_client_but_of_the_channels_members(
    room: Room, settings: Settings, account_manager: User, alices_waba: Waba, foreign_waba: Waba
) -> None:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    make_channel(room, "webhook", account_manager)
    numbers = [make_number(foreign_waba) for _ in range(6)]
    make_listing(numbers[0], alices_waba)
    watch()
    for number in numbers:
        turn(number, status="BANNED")
    post_alerts()

    [(_, _, body)] = room.posts
    assert [one["client"] for one in json.loads(body)["alerts"]] == ["Alpha Bakery"]
    assert b"Zeta" not in body


def test_nothing_that_waits_is_posted_to_a_channel_that_was_switched_off_but_a_trial(
    room: Room, settings: Settings, alices_number: PhoneNumber
) -> None:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    channel = make_channel(room, "slack")
    watch()
    turn(alices_number, status="BANNED")
    now = timezone.now()
    find.find(now)
    announce.announce(now + 2 * MINUTE)
    Channel.objects.update(is_on=False)
    Dispatch.objects.create(channel=channel, kind=DispatchKind.TRIAL, key="trial", created_at=now, due_at=now)
    send.send_due(now + 2 * MINUTE)

    assert len(room.posts) == 1
    assert Dispatch.objects.get(channel=channel, kind=DispatchKind.ALERT).state == DispatchState.DROPPED


def test_slack_gets_text_in_which_names_make_no_links(
    room: Room, settings: Settings, alices_number: PhoneNumber
) -> None:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    PhoneNumber.objects.filter(pk=alices_number.pk).update(verified_name="<https://evil.example|Click>")
    alices_number.refresh_from_db()
    make_channel(room, "slack")
    watch()
    turn(alices_number, status="BANNED")
    post_alerts()

    text = json.loads(room.posts[0][2])["text"]
    assert f"/phones/{alices_number.phone_number_id}/|{alices_number}>" in text
    assert "&lt;https://evil.example|Click&gt;" in text


def test_a_refusal_a_redirect_and_a_private_address_are_failures_that_the_page_shows(
    room: Room, settings: Settings, team_lead: User, sign_in: SignIn
) -> None:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    channel = make_channel(room, "slack")
    browser = sign_in(team_lead)
    for status in (404, 302):
        room.status = status
        browser.post(reverse("phones:channel-act", args=[channel.pk, "trial"]))
        send.send_due()
    for hosts, is_private in ((["hooks.slack.com"], True), ([], False)):
        settings.CHANNEL_HOSTS, settings.CHANNELS_MAY_BE_PRIVATE = hosts, is_private
        browser.post(reverse("phones:channel-act", args=[channel.pk, "trial"]))
        send.send_due()

    assert len(room.posts) == 2
    assert set(Dispatch.objects.values_list("state", flat=True)) == {DispatchState.FAILED}
    page = shown_to(team_lead, reverse("phones:channels"), sign_in)
    for outcome in (
        "status 404",
        "status 302",
        "is not among the hosts that this desk may post to",
        "must be https://",
    ):
        assert outcome in page
    assert "S3cret" not in page


def test_a_lead_makes_a_channel_whose_secrets_are_encrypted_and_never_shown(
    team_lead: User, account_manager: User, sign_in: SignIn, settings: Settings
) -> None:
    settings.CHANNEL_HOSTS = ["*.example", "chat.example.org"]
    browser, address = sign_in(team_lead), reverse("phones:channels")
    form = {
        "name": "Team  South",
        "kind": "webhook",
        "address": "https://hooks.example/T0/S3cret",
        "secret": SECRET,
        "scope": "people",
        "members": [account_manager.pk],
        "alerts": ["banned", "token"],
        "time_zone": "Asia/Tokyo",
        "quiet_from": "22:00",
        "quiet_until": "06:00",
    }
    wrongs: list[dict[str, object]] = [
        {"members": []},
        {"scope": "all"},
        {"alerts": []},
        {"quiet_until": ""},
        {"address": "http://hooks.example/"},
        {"address": "https://me:pass@hooks.example/"},
        {"address": "ftp://hooks.example"},
        {"address": "https://hooks.example.org/"},
        {"address": "https://hooks.example:99999/"},
        {"address": f"https://{'a' * 60}.{'b' * 300}/"},
        {"secret": "short"},
        {"name": ""},
    ]
    for wrong in wrongs:
        answer = browser.post(address, form | wrong)
        assert answer.status_code == 422, wrong
        assert SECRET not in answer.content.decode()
    assert browser.post(address, form).status_code == 302

    channel = Channel.objects.get()
    assert (channel.name, channel.host) == ("Team South", "hooks.example")
    assert (channel.open_address(), channel.open_secret()) == (form["address"], SECRET)
    stored = str(Channel.objects.values())
    page = shown_to(team_lead, address, sign_in)
    for secret in ("S3cret", SECRET):
        assert secret not in stored
        assert secret not in page
    assert "hooks.example" in page
    assert browser.post(address, form).status_code == 422  # a second of that name

    browser.post(reverse("phones:channel-act", args=[channel.pk, "switch"]))
    assert not Channel.objects.get().is_on


def test_a_channel_is_changed_without_its_secrets_being_typed_again(
    room: Room, team_lead: User, account_manager: User, other_manager: User, sign_in: SignIn
) -> None:
    channel = make_channel(room, "webhook", account_manager)
    browser, address = sign_in(team_lead), reverse("phones:channel", args=[channel.pk])
    User.objects.filter(pk=account_manager.pk).update(is_active=False)
    form = {
        "name": "Team South",
        "address": "",
        "secret": "",
        "scope": "people",
        "members": [account_manager.pk, other_manager.pk],
        "alerts": ["banned"],
        "quiet_from": "22:00",
        "quiet_until": "06:00",
    }

    shown = browser.get(address).content.decode()
    assert "S3cret" not in shown
    assert SECRET not in shown
    assert browser.post(address, form | {"secret": "short"}).status_code == 422
    assert browser.post(address, form).status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.alerts, channel.members.count()) == ("Team South", ["banned"], 2)
    assert (channel.open_address(), channel.open_secret(), channel.host) == (room.address, SECRET, "127.0.0.1")
    page = shown_to(team_lead, reverse("phones:channels"), sign_in)
    assert "about the clients of alice, otto. Banned by Meta, but nothing from 22:00 to 06:00" in page
    said = LogEntry.objects.get(object_id=str(channel.pk)).get_change_message()
    assert said == "Changed: name, kinds of alert, quiet hours, people. About the clients of alice, otto."

    browser.post(address, form | {"address": "https://hooks.example/New", "scope": "all", "members": []})
    channel.refresh_from_db()
    assert (channel.open_address(), channel.host) == ("https://hooks.example/New", "hooks.example")


def test_a_channel_is_deleted_after_a_page_that_says_what_is_lost_with_it(
    room: Room, team_lead: User, sign_in: SignIn
) -> None:
    channel = make_channel(room, "slack")
    browser, address = sign_in(team_lead), reverse("phones:channel-delete", args=[channel.pk])

    assert "about all clients, and what waits for it is not sent" in shown_to(team_lead, address, sign_in)
    assert Channel.objects.exists()
    browser.post(address)
    assert not Channel.objects.exists()
    assert browser.get(address).status_code == 404


def test_a_channel_gets_the_kinds_that_were_chosen_after_its_quiet_hours(
    room: Room, settings: Settings, alices_waba: Waba
) -> None:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    channel = make_channel(room, "webhook")
    now = timezone.now().astimezone(zoneinfo.ZoneInfo("Asia/Tokyo"))
    quiet = {
        "time_zone": "Asia/Tokyo",
        "quiet_from": (now - 5 * MINUTE).time(),
        "quiet_until": (now + 5 * MINUTE).time(),
    }
    Channel.objects.filter(pk=channel.pk).update(alerts=[AlertKind.BANNED], **quiet)
    banned, lost = make_number(alices_waba), make_number(alices_waba)
    watch()
    turn(banned, status="BANNED")
    turn(lost, status="DISCONNECTED")

    post_alerts()
    assert not room.posts
    Channel.objects.update(quiet_from=None, quiet_until=None)
    post_alerts()
    [(_, _, body)] = room.posts
    assert [one["what"] for one in json.loads(body)["alerts"]] == [str(banned)]


def test_a_channel_whose_last_person_is_gone_is_about_nobody(
    room: Room, settings: Settings, team_lead: User, account_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    make_channel(room, "slack", account_manager)
    watch()
    turn(alices_number, status="BANNED")
    account_manager.delete()
    post_alerts()

    assert not room.posts
    page = shown_to(team_lead, reverse("phones:channels"), sign_in)
    assert "about nobody’s clients" in page
    assert "it gets no alert" in page


def test_the_update_keeps_channels_without_people_about_all_clients(room: Room, account_manager: User) -> None:
    everybodys, teams = make_channel(room, "slack"), make_channel(room, "webhook", account_manager)
    Channel.objects.update(scope=ChannelScope.PEOPLE)

    import_module("phones.migrations.0021_channel_choices").all_clients_where_nobody_was_chosen(apps, None)

    assert dict(Channel.objects.values_list("pk", "scope")) == {everybodys.pk: "all", teams.pk: "people"}


def test_channels_are_for_those_who_see_every_client(room: Room, account_manager: User, sign_in: SignIn) -> None:
    channel = make_channel(room, "slack")
    browser = sign_in(account_manager)

    assert browser.get(reverse("phones:channels")).status_code == 403
    for pk in (channel.pk, 987_654):
        assert browser.post(reverse("phones:channel-act", args=[pk, "switch"])).status_code == 403
        for name in ("phones:channel", "phones:channel-delete"):
            assert browser.get(reverse(name, args=[pk])).status_code == 403
            assert browser.post(reverse(name, args=[pk])).status_code == 403
    assert Channel.objects.exists()
