"""Which changes a webhook of ours is posted, of the kinds and numbers asked for, and what of them its person sees."""

import pytest

from clients.models import Client, User, Waba
from phones.choices import ChangeKind
from phones.models import PhoneNumber, Webhook, WebhookDelivery
from phones.tasks import webhooks as turn
from phones.webhook_choices import DeliveryState
from tests.factories import make_change, make_listing
from tests.phones.webhooks.posted import BROKEN, TAKEN, events, make
from tests.scripted_graph import ScriptedGraph

pytestmark = pytest.mark.django_db


def test_it_gets_the_kinds_and_numbers_that_were_asked_for(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    make(program, team_lead, f"/phones/?client={alices_number.waba.client_id}", ChangeKind.FIELD)
    make_change(foreign_number, kind=ChangeKind.FIELD)
    make_change(alices_number, kind=ChangeKind.MISSING)
    make_change(alices_number, kind=ChangeKind.FIELD)
    turn()

    assert [(event["phone_number_id"], event["kind"]) for event in events(program)] == [
        (alices_number.phone_number_id, "field")
    ]


def test_it_is_told_what_its_person_sees_when_it_is_posted(
    program: ScriptedGraph,
    account_manager: User,
    other_manager: User,
    alices_client: Client,
    alices_number: PhoneNumber,
    foreign_number: PhoneNumber,
) -> None:
    webhook = make(program, account_manager)
    program.always(BROKEN)
    make_change(foreign_number)
    make_change(alices_number)
    turn()
    assert WebhookDelivery.objects.get().change.number == alices_number  # type: ignore[union-attr] # it has one
    Client.objects.filter(pk=alices_client.pk).update(owner=other_manager)
    program.always(TAKEN)
    before = len(program.requests)
    Webhook.objects.update(next_at=None)

    turn()

    assert len(program.requests) == before
    assert WebhookDelivery.objects.get().state == DeliveryState.DROPPED
    account_manager.is_active = False
    account_manager.save()
    make_change(alices_number)
    turn()
    assert WebhookDelivery.objects.filter(webhook=webhook).count() == 1


def test_of_a_number_that_a_client_of_others_lists_too_only_what_is_theirs_is_told(
    program: ScriptedGraph, account_manager: User, alices_waba: Waba, foreign_number: PhoneNumber
) -> None:
    make_listing(foreign_number, alices_waba)
    make(program, account_manager)
    make_change(foreign_number, kind=ChangeKind.FIELD, field="quality_rating", old="GREEN", new="RED")
    make_change(foreign_number, kind=ChangeKind.FIELD, field="phone_number_id", old="4711", new="4712")
    turn()

    first, second = events(program)
    assert (first["client_id"], first["client"], first["waba_id"]) == (None, None, None)
    assert (first["old"], first["new"]) == ("GREEN", "RED")
    assert (second["old"], second["new"]) == (None, None)
