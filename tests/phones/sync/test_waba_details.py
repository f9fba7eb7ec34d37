"""The details of WABAs in the profile lane: what is asked, what is kept of it, and what a refusal says and costs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import User, Waba
from phones.choices import ActionKind, ActionState
from phones.models import Action, Change, ProfileQuota, TokenPart, WabaDetails
from phones.sync import profile_lane, write_waba_details
from phones.sync.write_profiles import Told
from portal.graph import DetailsReading
from portal.graph.errors import Unreachable
from tests.conftest import SignIn
from tests.factories import make_waba
from tests.phones.reading import text_of
from tests.practice import Practice

pytestmark = pytest.mark.django_db

PARTS = ("", "", "assigned_users", "solutions")
DAY = datetime.timedelta(days=1)


@pytest.fixture
def waba(practice: Practice) -> Waba:
    """The only WABA whose turn it is, with no number whose turn it is."""
    practice.already_read()
    found = Waba.objects.get(waba_id=practice.wabas()[0]["id"])
    profile_lane.gather()
    ProfileQuota.objects.exclude(waba=found).update(next_read_at=timezone.now() + DAY)
    found.credential_id = found.credential_id or Waba.objects.exclude(credential=None)[0].credential_id
    return found


def its_turn(practice: Practice, waba: Waba) -> WabaDetails:
    """The details after the turn of this WABA, as if a day had passed since the last."""
    ProfileQuota.objects.filter(waba=waba).update(next_read_at=timezone.now(), not_before=None)
    row, _ = WabaDetails.objects.get_or_create(waba=waba)
    row.next_read_at = timezone.now()
    for told in (*row.facts.values(), *row.parts.values()):
        if "at" in told:
            told["at"] = (datetime.datetime.fromisoformat(told["at"]) - DAY).isoformat()
    row.save()
    practice.control("POST", "log/clear")
    profile_lane.work(seconds=20, client=practice.client)
    row.refresh_from_db()
    return row


def file_of(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def value(row: WabaDetails, fact: str) -> Any:
    return row.facts.get(fact, {}).get("value")


def test_each_part_of_a_waba_is_asked_for_once_a_day_and_every_fact_has_its_age(practice: Practice, waba: Waba) -> None:
    row = its_turn(practice, waba)

    asked = [call["path"].strip("/").split("/")[1:] for call in practice.calls() if waba.waba_id in call["path"]]
    assert sorted(part[1] if len(part) > 1 else "" for part in asked) == sorted(PARTS)
    assert len([call for call in practice.calls() if f"/{waba.owner_business_id}" in call["path"]]) == 1
    assert value(row, "message_template_namespace")
    assert [one["name"] for one in value(row, "assigned_users")] == ["Numberdesk"]
    assert value(row, "solutions") == []
    assert value(row, "owner_two_factor_type") in {"none", "admin_required", "all_required"}
    assert all({"value", "at", "by"} == {*told} for told in row.facts.values())
    assert timezone.now() + DAY * 0.7 < row.next_read_at < timezone.now() + DAY * 1.3
    assert not Change.objects.filter(field__in=row.facts).exists()


def test_what_differs_is_a_line_of_history_and_what_a_refusal_hides_keeps_its_value_and_its_age(
    practice: Practice, waba: Waba
) -> None:
    first = its_turn(practice, waba)
    practice.fault({"graph_error": {"code": 10, "message": "no"}}, path_contains="assigned_users")
    unknown = {"code": 100, "message": "(#100) Tried accessing nonexisting field (solutions)"}
    practice.fault({"graph_error": unknown}, path_contains="/solutions")
    row = WabaDetails.objects.get(waba=waba)
    row.facts["primary_funding_id"] = row.facts["message_template_namespace"] | {"value": "7"}
    row.facts["solutions"]["value"] = [{"id": "12", "name": "Two partners"}]
    row.save()

    after = its_turn(practice, waba)

    assert value(after, "assigned_users") == value(first, "assigned_users")
    assert after.facts["assigned_users"]["at"] < after.facts["message_template_namespace"]["at"]
    assert value(after, "solutions") == [{"id": "12", "name": "Two partners"}]
    assert {*after.rests} >= {"people", "solutions"}
    assert "failure" in after.parts["people"]
    line = Change.objects.get(field="primary_funding_id")
    assert (line.waba, line.old, line.source) == (waba, "7", "sync")
    assert value(after, "primary_funding_id") == line.new

    practice.heal()
    rested = its_turn(practice, waba)
    assert not practice.calls("assigned_users")
    assert "failure" in rested.parts["people"]


def test_another_status_of_a_solution_and_other_tasks_are_told_as_what_they_are() -> None:
    row = WabaDetails.objects.create(waba=make_waba())
    for hour, (status, tasks) in enumerate([("INITIATED", ["VIEW_COST"]), ("ACTIVE", ["MANAGE", "VIEW_COST"])]):
        at = timezone.now() - datetime.timedelta(hours=2 - hour)
        said: dict[str, dict[str, object]] = {
            "solutions": {"solutions": [{"id": "12", "name": "Two", "status": status}]},
            "people": {"assigned_users": [{"id": "7", "name": "Ann", "tasks": tasks}]},
        }
        told = [Told(part, at, DetailsReading(values, frozenset(values))) for part, values in said.items()]
        write_waba_details.store(row, told, refused=())

    assert [(line.field, line.old, line.new) for line in Change.objects.order_by("pk")] == [
        ("solutions", ["Two (INITIATED)"], ["Two (ACTIVE)"]),
        ("assigned_users", ["Ann (VIEW_COST)"], ["Ann (MANAGE, VIEW_COST)"]),
    ]

    lost = Unreachable("no answer", reason="closed", sent=True)
    write_waba_details.store(row, [Told("people", timezone.now() - DAY, error=lost)], refused=())
    row.refresh_from_db()
    assert "failure" not in row.parts["people"], "it was read after that was asked"


def test_our_line_of_credit_is_named_as_shared_until_it_is_revoked(desk: Browser) -> None:
    waba, at = make_waba(), timezone.now().isoformat()
    fact = {"primary_funding_id": {"value": "7", "at": at, "by": "sync"}}
    WabaDetails.objects.create(waba=waba, parts={"funding": {"at": at, "by": "sync"}}, facts=fact)
    for kind, is_said in ((ActionKind.SHARE_CREDIT_LINE, True), (ActionKind.REVOKE_CREDIT_LINE, False)):
        Action.objects.create(waba=waba, kind=kind, state=ActionState.SUCCEEDED, created_at=timezone.now())
        said = "The desk shared our credit line with it." in text_of(desk.get(f"/wabas/{waba.waba_id}/"))
        assert said == is_said


def test_the_page_tells_what_is_known_what_was_refused_and_reads_it_again_for_who_may(
    practice: Practice, waba: Waba, team_lead: User, sign_in: SignIn
) -> None:
    browser, page = sign_in(team_lead), f"/wabas/{waba.waba_id}/"
    assert "Not read yet: payment" in browser.get(page).content.decode()
    token = waba.credential
    Waba.objects.filter(pk=waba.pk).update(credential=None)
    assert "The account could not be read" in text_of(browser.post(f"{page}details/read/", follow=True))
    Waba.objects.filter(pk=waba.pk).update(credential=token)
    practice.fault({"graph_error": {"code": 10, "message": "no"}}, path_contains="assigned_users")
    assert token is not None
    for part in ("people", "solutions"):
        TokenPart.objects.create(credential=token, part=part, left_out_until=timezone.now() + DAY)

    answer = browser.post(f"{page}details/read/", follow=True)

    text = text_of(answer)
    assert "Not all of it could be read" in text
    assert "Who may work on it could not be read" in text
    assert "can’t tell" in text
    assert "In none" in text
    assert TokenPart.objects.get(left_out_until__isnull=False).part == "people"
    facts = WabaDetails.objects.get(waba=waba).facts
    assert facts["solutions"]["by"] == "action"
    rule = {"none": "Not required", "admin_required": "For admins", "all_required": "For everyone"}
    words = rule[facts["owner_two_factor_type"]["value"]]
    assert words in text_of(browser.get(f"/portfolios/{waba.owner_business_id}/"))
    assert facts["message_template_namespace"]["value"] in file_of(browser.get("/wabas/export.csv"))
