"""One more row in every table of the portal, each with rows of its own behind its foreign keys."""

import itertools
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone

from clients.choices import AccountMailKind, AskedFor, PasswordOutcome, Role
from clients.models import AccountMail, Client, PasswordAttempt, RefusedField, SavedView, SyncFailure, User, Waba
from phones import models
from phones.alert_choices import AlertKind, ChannelKind, DispatchKind, IncidentCause
from phones.bulk_choices import BulkKind
from phones.models import PhoneNumber, Pin
from tests.access.world import make_things
from tests.factories import make_attempt, make_person

_count = itertools.count(1)


def make_rows(reader: User) -> None:
    """One more row in every table. The saved view is that of `reader`: nobody else sees it."""
    at = next(_count)
    owner, cover = make_person(f"owner{at}", Role.ACCOUNT_MANAGER), make_person(f"cover{at}", Role.VIEWER)
    things = make_things(760_000_000 + 1_000 * at, f"Client {at}", owner=owner, cover=cover)
    number, client = PhoneNumber.objects.get(phone_number_id=things["number"]), Client.objects.get(pk=things["client"])
    failure = SyncFailure.objects.filter(waba=number.waba)
    failure.update(credential=number.waba.credential)
    make_attempt(client.signup_links.get(), handled_by=owner, browser_digest=f"{at:064d}")
    _make_events(at, number, number.waba)
    _make_alerts(at, number, owner)
    _make_bulk_run(number, client, owner)
    _make_of_people(at, reader, client, number)


def _make_events(at: int, number: PhoneNumber, waba: Waba) -> None:
    now = timezone.now()
    where = {"number": number, "waba": waba}
    models.Event.objects.create(digest=f"{at:064d}", received_at=now, field="account_update", value={}, **where)
    models.EventFact.objects.create(name="restriction", at=now, decided_by="event", **where)
    models.Subscription.objects.create(waba=waba, check_due_at=now)
    models.AppCallback.objects.create(app_id=f"9{at}", callback_url="https://desk.example/hook")
    models.Health.objects.create(number=number, can_send_message="BLOCKED", entities=[{"entity_type": "WABA"}])
    models.Health.objects.create(waba=waba, can_send_message="AVAILABLE")
    models.Heartbeat.objects.create(name=f"beat {at}", at=now)
    models.ChangeMark.objects.create(name=f"mark {at}", began_at=now, reached=at, sure=at, moved_at=now)
    held = models.PreverifiedNumber.objects.create(
        preverified_id=f"5{at:09d}", first_seen_at=now, synced_at=now, reserved_for=waba.client.signup_links.get()
    )
    models.PreverifiedShare.objects.create(number=held, business_id="77", since=now)


def _make_alerts(at: int, number: PhoneNumber, person: User) -> None:
    now, waba = timezone.now(), number.waba
    incident = models.Incident.objects.create(
        cause=IncidentCause.WABA,
        kind=AlertKind.BANNED,
        subject=f"waba:{at}",
        waba=waba,
        credential=waba.credential,
        began_at=now,
        last_at=now,
        made_at=now,
    )
    channel = models.Channel(name=f"Team {at}", kind=ChannelKind.WEBHOOK, host="hooks.example")
    channel.store(address=f"https://hooks.example/Secret{at}", secret=f"SecretOfTeam{at}")
    channel.save()
    channel.members.add(person)
    facts: dict[str, Any] = {"at": now, "found_at": now, "incident": incident}
    recipients: list[dict[str, Any]] = [{"person": person}, {"channel": channel}]
    alerts = [
        models.Alert.objects.create(kind=AlertKind.BANNED, key=f"ban:{at}", number=number, waba=waba, **facts),
        models.Alert.objects.create(kind=AlertKind.TOKEN, key=f"token:{at}", credential=waba.credential, **facts),
    ]
    for alert, to in zip(alerts, recipients, strict=True):
        sent = models.Dispatch.objects.create(
            kind=DispatchKind.ALERT, key=f"alert:{at}", created_at=now, lines=["Secret line"], **to
        )
        models.AlertRecipient.objects.create(alert=alert, dispatch=sent, **to)
    models.MailSettings.objects.create(person=person)


def _make_bulk_run(number: PhoneNumber, client: Client, person: User) -> None:
    run = models.BulkRun.objects.create(kind=BulkKind.REGISTER, requested_by=person, created_at=timezone.now())
    about: list[dict[str, Any]] = [{"number": number}, {"waba": number.waba}, {"client": client}]
    for position, thing in enumerate(about):
        models.BulkItem.objects.create(run=run, position=position, **thing)


def _make_of_people(at: int, reader: User, client: Client, number: PhoneNumber) -> None:
    now = timezone.now()
    SavedView.objects.create(owner=reader, list_name="numbers", name=f"View {at}", slug=f"view-{at}")
    models.DailyCount.objects.create(day=now.date(), client=client, field="stage", value="ready", numbers=at)
    models.PinReveal.objects.create(pin=Pin.objects.get(number=number), user=reader, reason="Asked for", at=now)
    RefusedField.objects.create(
        version="v25.0", node_type="waba", field=f"field{at}", first_refused_at=now, refused_at=now
    )
    LogEntry.objects.log_actions(reader.pk, [client], CHANGE, "Changed.", single_object=True)
    PasswordAttempt.objects.create(
        at=now,
        person=reader,
        name_digest=f"Digest{at}",
        asked_for=AskedFor.SIGN_IN,
        outcome=PasswordOutcome.WRONG,
        place=f"address 10.0.0.{at}",
        is_from_anywhere=True,
        address=f"10.0.0.{at}",
        user_agent="A browser",
    )
    AccountMail.objects.create(person=reader, kind=AccountMailKind.RESET)
