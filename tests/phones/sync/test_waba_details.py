"""The details of WABAs in the profile lane: what is asked, what is kept of it, and what a refusal says and costs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from clients.models import User, Waba
from phones.models import Change, ProfileQuota, WabaDetails
from phones.sync import profile_lane
from tests.conftest import SignIn
from tests.phones.reading import text_of
from tests.practice import Practice

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

    answer = browser.post(f"{page}details/read/", follow=True)

    text = text_of(answer)
    assert "Not all of it could be read" in text
    assert "Who may work on it could not be read" in text
    assert "can’t tell" in text
    assert "In none" in text
    facts = WabaDetails.objects.get(waba=waba).facts
    assert facts["solutions"]["by"] == "action"
    rule = {"none": "Not required", "admin_required": "For admins", "all_required": "For everyone"}
    words = rule[facts["owner_two_factor_type"]["value"]]
    assert words in text_of(browser.get(f"/portfolios/{waba.owner_business_id}/"))
    assert facts["message_template_namespace"]["value"] in file_of(browser.get("/wabas/export.csv"))
