"""One more row in every table of the portal, each with rows of its own behind its foreign keys.

And, of those, all that are about one client: what nobody may notice who doesn't look after it.
"""

import itertools
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone

from clients.choices import AccountMailKind, AskedFor, PasswordOutcome, Role
from clients.models import AccountMail, Client, PasswordAttempt, RefusedField, SavedView, SyncFailure, User, Waba
from phones import models
from phones.alert_choices import AlertKind, ChannelKind, DispatchKind, IncidentCause
from phones.models import PhoneNumber, Pin
from tests.access.world import ids_of, make_things
from tests.factories import make_attempt, make_person

FIRST = 760_000_000
_count = itertools.count(1)


def make_rows(reader: User) -> None:
    """One more row in every table. The saved view is that of `reader`: nobody else sees it."""
    at = next(_count)
    owner, cover = make_person(f"owner{at}", Role.ACCOUNT_MANAGER), make_person(f"cover{at}", Role.VIEWER)
    make_all_about(FIRST + 1_000 * at, f"Client {at}", owner=owner, cover=cover)
    ids = ids_of(FIRST + 1_000 * at)
    number, client = PhoneNumber.objects.get(phone_number_id=ids["number"]), Client.objects.get(pk=ids["client"])
    SyncFailure.objects.filter(waba=number.waba).update(credential=number.waba.credential)
    make_attempt(client.signup_links.get(), handled_by=owner, browser_digest=f"{at:064d}")
    SavedView.objects.filter(owner=owner).delete()
    _make_of_desk(at, client, number)
    _make_of_people(at, reader, client, number)


def make_all_about(at: int, name: str, *, owner: User, cover: User | None = None) -> None:
    """A client with a row of everything that is about it, under the ids of `at`."""
    make_things(at, name, owner=owner, cover=cover, person=owner)
    number = PhoneNumber.objects.get(phone_number_id=ids_of(at)["number"])
    _make_events(at, number, number.waba)
    _make_alerts(at, number, owner)
    run = models.BulkRun.objects.get(pk=ids_of(at)["bulk"])
    run.items.create(position=1, waba=number.waba)
    run.items.create(position=2, client=number.waba.client)


def _make_events(at: int, number: PhoneNumber, waba: Waba) -> None:
    now = timezone.now()
    where = {"number": number, "waba": waba}
    models.Event.objects.create(digest=f"{at:064d}", received_at=now, field="account_update", value={}, **where)
    models.EventFact.objects.create(name="restriction", at=now, decided_by="event", **where)
    models.Subscription.objects.create(waba=waba, check_due_at=now)
    models.BusinessProfile.objects.create(number=number, about=f"Bread of {at}")
    models.NumberDetails.objects.create(number=number)
    models.ProfileTurn.objects.create(number=number)
    models.ProfileQuota.objects.create(waba=waba)
    models.WabaDetails.objects.create(waba=waba)
    if waba.credential is not None:
        models.TokenPart.objects.create(credential=waba.credential, part="settings")
    models.Health.objects.create(number=number, can_send_message="BLOCKED", entities=[{"entity_type": "WABA"}])
    models.Health.objects.create(waba=waba, can_send_message="AVAILABLE")


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
    facts: dict[str, Any] = {"at": now, "found_at": now, "incident": incident}
    alerts = [
        models.Alert.objects.create(kind=AlertKind.BANNED, key=f"ban:{at}", number=number, waba=waba, **facts),
        models.Alert.objects.create(kind=AlertKind.TOKEN, key=f"token:{at}", credential=waba.credential, **facts),
    ]
    for alert in alerts:
        sent = person.dispatches.create(
            kind=DispatchKind.ALERT, key=f"alert:{alert.pk}", created_at=now, lines=["Secret line"]
        )
        models.AlertRecipient.objects.create(alert=alert, dispatch=sent, person=person)
    models.MailSettings.objects.get_or_create(person=person)


def _make_of_desk(at: int, client: Client, number: PhoneNumber) -> None:
    """What the partner has in one copy: events' callback, the pool, teams' channels, and the desk's own clockwork."""
    now = timezone.now()
    models.AppCallback.objects.create(app_id=f"9{at}", callback_url="https://desk.example/hook")
    models.Heartbeat.objects.create(name=f"beat {at}", at=now)
    models.ChangeMark.objects.create(name=f"mark {at}", began_at=now, reached=at, sure=at, moved_at=now)
    held = models.PreverifiedNumber.objects.create(
        preverified_id=f"5{at:09d}", first_seen_at=now, synced_at=now, reserved_for=client.signup_links.get()
    )
    models.PreverifiedShare.objects.create(number=held, business_id="77", since=now)
    channel = models.Channel(name=f"Team {at}", kind=ChannelKind.WEBHOOK, host="hooks.example")
    channel.store(address=f"https://hooks.example/Secret{at}", secret=f"SecretOfTeam{at}")
    channel.save()
    channel.members.set(User.objects.filter(username=f"owner{at}"))
    hook = models.Webhook(
        name=f"ERP {at}",
        host="erp.example",
        person=client.owner,
        created_at=now,
        moved_at=now,
    )
    hook.store(address=f"https://erp.example/Secret{at}", secret=f"SecretOfErp{at}")
    hook.save()
    hook.deliveries.create(waits_since=now)
    sent = channel.dispatches.create(kind=DispatchKind.ALERT, key=f"alert:{at}", created_at=now, lines=["Secret line"])
    alert = models.Alert.objects.filter(number=number).get()
    models.AlertRecipient.objects.create(alert=alert, dispatch=sent, channel=channel)


def _make_of_people(at: int, reader: User, client: Client, number: PhoneNumber) -> None:
    now = timezone.now()
    SavedView.objects.create(owner=reader, list_name="numbers", name=f"View {at}", slug=f"view-of-{at}")
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
