"""Every value that `phones.choices` knows, and values that nobody knows, through the rules, the words and the pages.

Nothing breaks, everything known has words, and nothing unknown is green.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from inspect import isclass
from itertools import product
from typing import Any

import pytest
from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone

from clients import links
from clients.models import Client, User
from phones import choices
from phones.actions import guards
from phones.choices import MOVES, STAGE, STATUSES, WABA_STATUSES, Tone
from phones.listing.columns import COLUMNS
from phones.listing.queues import QUEUES
from phones.models import Action, OnboardingStep, PhoneNumber
from phones.numbers import rules
from phones.numbers.lifecycle import Facts, Move, Stage, Standing, Step, standing
from phones.numbers.standing import recompute
from phones.numbers.words import LABELS, WABA_LABELS, describe, describe_of, describe_waba, value_in_words
from phones.onboarding import client_words
from phones.onboarding.words import explained
from phones.pool import clocks as pool_clocks
from phones.pool.words import STATES
from portal.web.templatetags.desk import tone_icon
from tests.conftest import SignIn
from tests.factories import make_change, make_number, make_waba
from tests.phones.reading import text_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NEW = "SOMETHING_NEW"
UNHEARD_OF = [None, "", NEW]
FIELDS = [field for field in STATUSES if field not in choices.OWN_FIELDS]
ENUMERATIONS = [
    one for one in vars(choices).values() if isclass(one) and issubclass(one, TextChoices) and one is not TextChoices
]


def values_of(field: str) -> list[str | None]:
    return [*STATUSES[field], *UNHEARD_OF]


def each_combination(*fields: str) -> list[dict[str, Any]]:
    return [dict(zip(fields, one, strict=True)) for one in product(*(values_of(field) for field in fields))]


def checked(facts: Facts) -> Standing:
    """Where a number with these facts stands, once everything about that has words."""
    found = standing(facts, now=NOW)
    assert found.stage.value in STAGE
    assert found.move.value in MOVES
    assert found.next_action
    assert (found.stage == Stage.REGISTERED) <= rules.is_registered(facts)
    return found


# --- Rules ------------------------------------------------------------------------------------------------------------


def test_every_combination_of_values_stands_somewhere() -> None:
    for values in each_combination("status", "platform_type", "code_verification_status", "name_status"):
        checked(Facts(**values))
    for values in each_combination("status", "platform_type", "name_status", "new_name_status"):
        checked(Facts(**values, code_verification_status="VERIFIED", last_onboarded_time=NOW - timedelta(days=20)))


def test_what_is_known_of_a_value_is_the_same_in_the_rules_and_in_the_words() -> None:
    def toned(field: str, *tones: Tone) -> set[str]:
        return {value for value, status in STATUSES[field].items() if status.tone in tones}

    assert toned("status", Tone.WARN, Tone.BAD) == rules.RESTRICTED | rules.DISCONNECTED
    assert toned("status", Tone.ACT) == rules.UNREGISTERED
    assert toned("status", Tone.OK) == {rules.CONNECTED}
    assert toned("platform_type", Tone.OK) == {rules.CLOUD_API}
    assert toned("code_verification_status", Tone.OK) == {rules.VERIFIED}
    assert toned("code_verification_status", Tone.ACT) == rules.NOT_VERIFIED | {rules.LAPSED}
    assert toned("name_status", Tone.OK) < rules.NAME_ACCEPTED
    assert toned("name_status", Tone.BAD) == rules.NAME_REFUSED == toned("new_name_status", Tone.BAD)
    assert toned("name_status", Tone.WAIT) == rules.NAME_IN_REVIEW == toned("new_name_status", Tone.WAIT)
    assert toned("name_status", Tone.ACT) == rules.NAME_WITHOUT_CERTIFICATE
    assert toned("new_name_status", Tone.ACT) == rules.NAME_ACCEPTED


def test_every_status_leads_to_the_stage_that_its_words_promise() -> None:
    for status in [*STATUSES["status"], NEW]:
        stage = checked(Facts(status=status, platform_type="CLOUD_API", code_verification_status="VERIFIED")).stage
        assert (stage == Stage.RESTRICTED) is (status in rules.RESTRICTED)
        assert (stage == Stage.DISCONNECTED) is (status in rules.DISCONNECTED | {"MIGRATED"})
        assert (stage == Stage.READY) is (status in rules.UNREGISTERED)


@pytest.mark.parametrize("kind", choices.ActionKind)
def test_every_value_may_be_asked_for_any_action(kind: choices.ActionKind) -> None:
    for values in each_combination("status", "platform_type", "code_verification_status"):
        found = guards.refusal(kind, guards.Situation(Facts(**values)), now=NOW)
        assert found is None or found.sentence.endswith(".")


# --- Words ------------------------------------------------------------------------------------------------------------


def test_every_stage_move_step_and_state_has_its_words() -> None:
    assert {stage.value for stage in Stage} == set(STAGE) == {str(stage) for stage in client_words.SENTENCES}
    assert {move.value for move in Move} == set(MOVES)
    assert {answer.value for answer in rules.MaySend} == set(choices.MAY_SEND)
    assert {step.value for step in Step} - {""} <= set(choices.ActionKind.values)
    assert set(pool_clocks.PoolState) == set(STATES)
    assert {step.value for step in pool_clocks.PoolStep} - {"", "read"} <= set(choices.ActionKind.values)


@pytest.mark.parametrize("enumeration", ENUMERATIONS)
def test_every_value_of_ours_has_a_label_of_its_own(enumeration: type[TextChoices]) -> None:
    labels = [str(one.label) for one in enumeration]
    assert all(labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("field", STATUSES)
def test_every_value_of_a_field_has_words_a_tone_and_an_icon(field: str) -> None:
    for value in STATUSES[field]:
        told = describe(field, value)
        assert told.label
        assert tone_icon(told.tone.value)
        assert (tone_icon(told.tone.value) == tone_icon("")) is (told.tone == Tone.NONE)
        assert value_in_words(field, value) == told.label
    for unknown in (NEW, ""):
        assert describe(field, unknown).tone == Tone.NONE


@pytest.mark.parametrize("field", WABA_STATUSES)
def test_every_value_of_a_field_of_a_waba_has_words(field: str) -> None:
    assert field in WABA_LABELS
    for value in WABA_STATUSES[field]:
        assert describe_waba(field, value).label == value_in_words(field, value, of_waba=True) != value
    assert describe_waba(field, NEW).tone == Tone.NONE


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_a_name_and_a_column(field: str) -> None:
    assert LABELS[field]
    assert field in COLUMNS


def test_only_known_values_are_green_whatever_stands_beside_them() -> None:
    for values in each_combination("status", "platform_type", "code_verification_status"):
        row = PhoneNumber(**values)
        for field, value in values.items():
            told = describe_of(row, field)
            assert told.label or value == ""
            assert (told.tone == Tone.OK) <= (value in STATUSES[field])
        sends = rules.may_send(Facts(**values)) == rules.MaySend.YES
        assert (describe_of(row, "status").tone == Tone.OK) is sends


def test_a_client_reads_of_health_only_where_the_facts_say_so() -> None:
    fields = ("status", "platform_type", "code_verification_status", "name_status")
    for values in [*each_combination(*fields), *each_combination("new_name_status")]:
        facts = Facts(**{"status": "CONNECTED", "platform_type": "CLOUD_API", **values})
        found = checked(facts)
        row = PhoneNumber(
            stage=found.stage.value,
            move=found.move.value,
            step=found.step.value,
            may_send=rules.may_send(facts).value,
            **values,
        )
        told = client_words.standing_of(row)
        assert told.title
        assert told.sentence
        assert told.tone in Tone.values
        assert (told.tone == Tone.OK) <= (rules.may_send(facts) == rules.MaySend.YES)
        assert told.needs_code <= (found.step in {Step.REQUEST_CODE, Step.VERIFY_CODE})


@pytest.mark.parametrize("kind", [*choices.StepKind.values, NEW])
def test_every_step_of_an_onboarding_says_what_stands_in_its_way(kind: str) -> None:
    for state, error_kind in product([*choices.StepState.values, NEW], ["", "unreachable", "guard", NEW]):
        told = explained(OnboardingStep(kind=kind, state=state, error_kind=error_kind))
        assert (told is None) is (not error_kind and state != choices.StepState.CLIENT)
        assert told is None or told.title


# --- Pages ------------------------------------------------------------------------------------------------------------


def green(page: str, value: str) -> list[str]:
    """What of the page is green and is about this value of Graph's."""
    return re.findall(rf'class="tone ok[^>]*Graph says {value}\.', page)


@pytest.fixture
def book(alices_client: Client) -> list[PhoneNumber]:
    """Numbers of one client that have every known value of every field among them; the last has only unknown ones."""
    waba = make_waba(alices_client)
    longest = max(len(STATUSES[field]) for field in FIELDS)
    facts: list[dict[str, Any]] = []
    for place in range(longest):
        known = {field: list(STATUSES[field]) for field in FIELDS}
        facts.append({field: values[place % len(values)] for field, values in known.items()})
    made = [
        make_number(waba, is_official_business_account=None, is_pin_enabled=None, last_onboarded_time=None, **values)
        for values in (*facts, dict.fromkeys(FIELDS), dict.fromkeys(FIELDS, NEW))
    ]
    recompute()
    return list(PhoneNumber.objects.filter(pk__in=[one.pk for one in made]).order_by("pk"))


def test_the_list_and_the_file_show_every_value(administrator: User, book: list[PhoneNumber], sign_in: SignIn) -> None:
    browser = sign_in(administrator)
    page = text_of(browser.get("/phones/", {"columns": ",".join(COLUMNS), "per_page": "100"}))
    rows = re.findall(r'<tr data-phone-number-id="(\d+)">(.*?)</tr>', page)
    assert len(rows) == len(book)
    for field in ("status", "name_status", "quality_rating"):
        for value in STATUSES[field]:
            assert f"Graph says {value}." in page, (field, value)
    unknown = dict(rows)[book[-1].phone_number_id]
    assert NEW in unknown
    assert "tone ok" not in unknown
    file = list(csv.DictReader(io.StringIO(text_of_file(browser.get("/phones/export.csv?bom=0")), newline="")))
    for field in FIELDS:
        assert {row[field] for row in file} == {*STATUSES[field], "", NEW}, field


def text_of_file(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def test_every_queue_is_counted_and_every_stage_is_a_filter(
    administrator: User, book: list[PhoneNumber], sign_in: SignIn
) -> None:
    browser = sign_in(administrator)
    tabs = text_of(browser.get("/phones/"))
    for queue in QUEUES.values():
        assert queue.label in tabs
    page = text_of(browser.get("/phones/", {"stage": [*STAGE, NEW], "per_page": "100"}))
    assert page.count("<tr data-phone-number-id") == len(book)


def test_the_page_of_a_number_shows_every_value(administrator: User, book: list[PhoneNumber], sign_in: SignIn) -> None:
    browser = sign_in(administrator)
    for number in book:
        page = text_of(browser.get(f"/phones/{number.phone_number_id}/"))
        assert number.next_action.replace("'", "&#x27;") in page
        for field in FIELDS:
            if (value := getattr(number, field)) is not None:
                assert describe_of(number, field).label.replace("'", "&#x27;") in page, (field, value)
        assert not green(page, NEW)


def test_the_page_of_a_number_tells_of_every_kind_of_action_and_change(
    administrator: User, book: list[PhoneNumber], sign_in: SignIn
) -> None:
    number, now = book[-1], timezone.now()
    for kind, state in product([*choices.ActionKind.values, "new"], [*choices.ActionState.values, "new"]):
        Action.objects.create(
            number=number, waba=number.waba, kind=kind, state=state, error_kind=NEW, created_at=now, closed_at=now
        )
    for change_kind, source in product([*choices.ChangeKind.values, "new"], [*choices.Source.values, "new"]):
        make_change(number, waba=number.waba, kind=change_kind, source=source, new=NEW, at=now)
    page = text_of(sign_in(administrator).get(f"/phones/{number.phone_number_id}/"))
    for kind in choices.ActionKind:
        assert str(kind.label) in page
    assert not green(page, NEW)


def test_the_clients_own_page_has_words_for_every_number(
    administrator: User, alices_client: Client, book: list[PhoneNumber], sign_in: SignIn
) -> None:
    link = links.make_status_link(client=alices_client, actor=administrator)
    page = text_of(sign_in(administrator).get(reverse("signup:status", args=[links.token_of(link)])))
    for number in book:
        assert client_words.standing_of(number).title in page
    assert NEW not in page
