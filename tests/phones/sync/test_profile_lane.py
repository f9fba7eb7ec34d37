"""The profile lane: whose profile and details are read when, by whom, and within what Meta allows."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.utils import timezone

from clients.models import Waba
from phones import tasks
from phones.models import (
    BusinessProfile,
    Change,
    NumberDetails,
    PhoneNumber,
    ProfileQuota,
    ProfileTurn,
    TokenPart,
    WabaDetails,
)
from phones.sync import details, pace, profile_lane, profile_turns, token_parts
from tests.practice import Practice

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
ABOUT_A_DAY = (21 * HOUR, 27 * HOUR)
EDGES = ("whatsapp_business_profile", "settings", "username", "username_suggestions")
EVERYTHING = {
    "about": "Bread",
    "address": "1 Quay",
    "description": "A bakery",
    "email": "hello@harbor.example",
    "websites": ["https://harbor.example"],
    "vertical": "FOOD",
    "profile_picture_url": "https://pictures.example/1",
}


@pytest.fixture
def book(practice: Practice) -> Practice:
    """A book whose numbers have their turn, and whose WABAs have had theirs."""
    practice.already_read()
    later = timezone.now() + 2 * DAY
    WabaDetails.objects.bulk_create([WabaDetails(waba=waba, next_read_at=later) for waba in Waba.objects.all()])
    practice.control("POST", "log/clear")
    return practice


@pytest.fixture
def number(book: Practice) -> PhoneNumber:
    """The only number of the book that the lane knows of, alone on its turn."""
    found = PhoneNumber.objects.filter(missing_since=None, platform_type="CLOUD_API").order_by("pk").first()
    assert found is not None
    profile_lane.gather()
    later = timezone.now() + 2 * DAY
    ProfileQuota.objects.exclude(waba=found.waba_id).update(next_read_at=later)
    for each in PhoneNumber.objects.filter(waba=found.waba_id):
        ProfileTurn.objects.create(number=each, next_read_at=timezone.now() if each == found else later)
    return found


def turn(practice: Practice) -> list[tuple[str, str]]:
    """What the lane asked for when its turn came: the id of each number with the edge, or with nothing for its node."""
    practice.control("POST", "log/clear")
    profile_lane.gather()
    profile_lane.work(seconds=20, client=practice.client)
    parts = [call["path"].strip("/").split("/")[1:] for call in practice.calls()]
    return [(part[0], part[1] if len(part) > 1 else "") for part in parts]


def come_again(number: PhoneNumber, *, after: datetime.timedelta = DAY) -> None:
    """Let the turn of this number come, as if so much time had passed since all that was read."""
    ProfileTurn.objects.filter(number=number).update(next_read_at=timezone.now())
    ProfileQuota.objects.filter(waba=number.waba_id).update(next_read_at=timezone.now(), not_before=None)
    BusinessProfile.objects.filter(number=number).update(read_at=timezone.now() - after)
    row = NumberDetails.objects.filter(number=number).first()
    for part in row.parts.values() if row is not None else ():
        if "at" in part:
            part["at"] = (timezone.now() - after).isoformat()
    if row is not None:
        row.save()
    TokenPart.objects.update(answered_at=timezone.now() - after)


def states(number: PhoneNumber) -> tuple[str | None, str | None, str | None]:
    number.refresh_from_db()
    return number.username_state, number.profile_state, number.calling_state


def test_every_listed_number_is_read_about_once_a_day_without_suggestions_where_it_has_a_username(
    book: Practice,
) -> None:
    named = PhoneNumber.objects.filter(missing_since=None).order_by("pk").first()
    assert named is not None
    book.change(named.phone_number_id, username="harbor_bakery")

    asked, again = turn(book), turn(book)

    listed = PhoneNumber.objects.filter(missing_since=None)
    expected = {(one.phone_number_id, edge) for one in listed for edge in ("", *EDGES)}
    assert {*asked} == expected - {(named.phone_number_id, "username_suggestions")}
    assert len(asked) == len({*asked})
    assert again == []
    turns = ProfileTurn.objects.values_list("next_read_at", flat=True)
    assert all(ABOUT_A_DAY[0] < at - timezone.now() < ABOUT_A_DAY[1] for at in turns)
    named.refresh_from_db()
    assert named.username_state in {"has", "pending"}
    assert not Change.objects.filter(field="about").exists()


def test_what_is_read_stands_in_the_columns_of_lists_and_an_unknown_word_is_no_answer(
    book: Practice, number: PhoneNumber
) -> None:
    edge = {"whatsapp_business_profile": {"data": [EVERYTHING]}}
    book.change(number.phone_number_id, settings={"calling": {"status": "ENABLED"}}, **edge)
    turn(book)
    assert states(number) == ("none", "yes", "on")
    assert (number.profile.read_by, number.details.parts["settings"]["by"]) == ("sync", "sync")

    edge["whatsapp_business_profile"]["data"] = [EVERYTHING | {"about": ""}]
    book.change(number.phone_number_id, settings={"calling": {"status": "A_NEW_WORD"}}, **edge)
    come_again(number)
    turn(book)

    assert states(number) == ("none", "no", None)
    assert Change.objects.get(number=number, field="about").source == "sync"


def test_a_part_that_is_refused_rests_for_days_and_says_why_and_is_no_longer_stated_then(
    book: Practice, number: PhoneNumber
) -> None:
    book.change(number.phone_number_id, settings={"calling": {"status": "DISABLED"}})
    turn(book)
    for edge in ("settings", "whatsapp_business_profile"):
        book.fault({"graph_error": {"code": 200, "message": "no"}}, times=None, path_contains=edge)

    come_again(number)
    first = turn(book)
    known = states(number)
    come_again(number, after=4 * DAY)
    second = turn(book)

    assert {(number.phone_number_id, "settings"), (number.phone_number_id, "whatsapp_business_profile")} <= {*first}
    assert {edge for _, edge in second} == {"", "username", "username_suggestions"}
    assert known[2] == "off"
    assert states(number) == ("none", None, None)
    assert number.details.parts["settings"]["failure"]["code"] == 200
    assert BusinessProfile.objects.get(number=number).error_kind == "permission_missing"


def test_a_part_that_a_token_is_refused_again_and_again_is_left_out_for_a_day(book: Practice) -> None:
    book.fault({"graph_error": {"code": 10, "message": "no"}}, times=None, path_contains="/settings")
    turn(book)
    row = TokenPart.objects.filter(part="settings", left_out_until__gt=timezone.now()).first()
    assert row is not None
    assert row.refused_in_a_row >= token_parts.SEVERAL
    ProfileTurn.objects.update(next_read_at=timezone.now(), rests={})
    ProfileQuota.objects.update(next_read_at=timezone.now())

    of_token = set(
        PhoneNumber.objects.filter(waba__credential=row.credential_id).values_list("phone_number_id", flat=True)
    )
    asked = turn(book)
    assert not {number for number, edge in asked if edge == "settings"} & of_token
    assert of_token & {number for number, edge in asked if edge == "username"}

    TokenPart.objects.update(left_out_until=timezone.now())
    book.heal()
    ProfileTurn.objects.update(next_read_at=timezone.now(), rests={})
    ProfileQuota.objects.update(next_read_at=timezone.now())
    assert of_token & {number for number, edge in turn(book) if edge == "settings"}
    assert not TokenPart.objects.filter(part="settings", left_out_until__isnull=False).exists()


def test_an_answer_to_a_person_has_the_lane_ask_again(book: Practice, number: PhoneNumber) -> None:
    book.fault({"graph_error": {"code": 200, "message": "no"}}, times=None, path_contains="settings")
    turn(book)
    TokenPart.objects.filter(part__in=["settings", "profile"]).update(left_out_until=timezone.now() + DAY)
    book.heal()

    details.read_details(number=number, parts=["settings"])

    come_again(number)
    asked = {edge for _, edge in turn(book)}
    assert "settings" in asked
    assert "whatsapp_business_profile" not in asked


def test_half_of_what_scheduled_reading_leaves_is_taken_and_then_the_waba_is_left_alone_for_an_hour(
    book: Practice, number: PhoneNumber
) -> None:
    def with_use(percent: int) -> None:
        usage = f'{{"{number.waba.waba_id}": [{{"type": "whatsapp_business_management", "call_count": {percent}}}]}}'
        answer = {"status": 200, "body": {"data": []}, "headers": {"X-Business-Use-Case-Usage": usage}}
        book.heal()
        book.fault(answer, times=None, path_contains="whatsapp_business_profile")

    for percent, may_go_on in ((10, True), (29, True), (30, False)):
        with_use(percent)
        come_again(number)
        assert turn(book) != []
        quota = ProfileQuota.objects.get(waba=number.waba_id)
        assert quota.ceiling_percent == 30
        assert (quota.not_before is None) == may_go_on

    ProfileTurn.objects.filter(number=number).update(next_read_at=timezone.now())
    ProfileQuota.objects.filter(waba=number.waba_id).update(next_read_at=timezone.now())
    assert turn(book) == []
    assert Waba.objects.get(pk=number.waba_id).not_before is None


def test_without_a_word_of_metas_the_lane_keeps_to_its_share_of_the_calls_of_an_hour(
    book: Practice, number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    ProfileTurn.objects.filter(number__waba=number.waba_id).update(next_read_at=timezone.now())
    monkeypatch.setattr(pace, "profile_calls_an_hour", lambda **_: 6)
    monkeypatch.setattr(profile_lane, "THREADS", 1)
    fixed = timezone.now() - datetime.timedelta(minutes=59)
    ProfileQuota.objects.filter(waba=number.waba_id).update(hour_began_at=fixed, calls=2)

    assert len({one for one, _ in turn(book)}) == 1
    assert ProfileTurn.objects.filter(number__waba=number.waba_id, next_read_at__lte=timezone.now()).exists()
    assert ProfileQuota.objects.get(waba=number.waba_id).not_before is not None


def test_a_limit_of_metas_leaves_the_sync_alone_and_a_dead_token_costs_a_handful_of_calls(
    book: Practice, number: PhoneNumber
) -> None:
    book.fault({"graph_error": {"code": 80008, "message": "too many calls"}}, times=None, path_contains="profile")
    assert len(turn(book)) == 1
    quota = ProfileQuota.objects.select_related("waba").get(waba=number.waba_id)
    assert quota.not_before is not None
    assert quota.waba.not_before is None
    assert states(number) == (None, None, None)

    book.heal()
    book.control("POST", "tokens/system_user", {"state": "revoked"})
    ProfileTurn.objects.update(next_read_at=timezone.now())
    ProfileQuota.objects.update(next_read_at=timezone.now(), not_before=None)
    assert 0 < len(turn(book)) <= profile_lane.THREADS + 1


def test_a_waba_in_another_workers_hands_is_left_alone_and_what_a_dead_one_left_is_read(
    book: Practice, number: PhoneNumber
) -> None:
    other = uuid.uuid4()
    assert [held.waba.pk for held in profile_turns.take(other, 5)] == [number.waba_id]
    ProfileQuota.objects.filter(waba=number.waba_id).update(next_read_at=timezone.now())
    assert turn(book) == []

    ProfileQuota.objects.filter(waba=number.waba_id).update(lease_until=timezone.now() - HOUR)
    assert {one for one, _ in turn(book)} == {number.phone_number_id}
    assert not profile_turns.is_held(number.waba_id, other)


def test_the_tick_has_profiles_read_and_forgets_what_is_too_old_to_be_stated(
    book: Practice, number: PhoneNumber
) -> None:
    tasks.read_profiles()
    assert states(number)[0] == "none"
    ProfileTurn.objects.filter(number=number).update(lapses_at=timezone.now())

    tasks.tick()

    assert states(number) == (None, None, None)


def test_an_interval_of_nothing_leaves_it_to_people(book: Practice, settings: object) -> None:
    settings.PROFILE_INTERVAL_HOURS = 0  # type: ignore[attr-defined] # the fixture of pytest-django takes any name
    assert profile_lane.gather() is False
