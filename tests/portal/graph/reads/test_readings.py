"""Graph's values as the portal gets them: enums as sent, times as times, oddities set aside and named."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.graph.payloads import OddError, moment
from portal.graph.reads.accounts import WABA, read_waba
from portal.graph.reads.fields import FieldSet
from portal.graph.reads.numbers import PHONE_NUMBER, NumberReading, read_number
from portal.graph.reads.pool import PREVERIFIED

ASKED = frozenset({*PHONE_NUMBER.core, *PHONE_NUMBER.extra})


def reading_of(**values: object) -> NumberReading:
    return read_number({"id": "1", **values}, ASKED)


@pytest.mark.parametrize("fields", [PHONE_NUMBER, WABA, PREVERIFIED], ids=lambda fields: fields.node_type)
def test_every_field_that_is_asked_for_is_read(fields: FieldSet) -> None:
    _id, values, odd = fields.read({"id": "1", **{name: [object()] for name in fields.names if name != "id"}})

    assert values.keys() | odd.keys() == {*fields.core, *fields.extra}
    assert len(fields.names) == len(fields.core) + len(fields.extra) == len(set(fields.names))


def test_a_missing_and_a_null_value_are_both_no_value() -> None:
    reading = reading_of(verified_name=None, throughput=None, webhook_configuration=None, last_onboarded_time=None)

    assert reading.values == {"id": "1"}
    assert reading.odd == {}
    assert "verified_name" in reading.requested


@pytest.mark.parametrize("word", ["BANNED", "SOMETHING_NEW", "", "ÜNKNOWN", "💬"])
def test_an_enum_keeps_whatever_word_meta_sent(word: str) -> None:
    assert reading_of(status=word, quality_rating=word).values == {"id": "1", "status": word, "quality_rating": word}


@pytest.mark.parametrize(("sent", "text"), [(250, "250"), (True, "true"), (False, "false"), (-1, "-1")])
def test_a_number_or_truth_where_text_belongs_is_spelled_out(sent: object, text: str) -> None:
    assert reading_of(verified_name=sent).values["verified_name"] == text


@pytest.mark.parametrize("wrong", [1.5, [], ["GREEN"], {}, {"score": "GREEN"}, "x" * 513])
def test_a_value_of_a_wrong_type_is_set_aside_and_named(wrong: object) -> None:
    reading = reading_of(status=wrong, verified_name="Harbor")

    assert reading.values == {"id": "1", "verified_name": "Harbor"}
    assert set(reading.odd) == {"status"}
    assert len(reading.odd["status"]) <= 200


@pytest.mark.parametrize("character", ["\x00", "\ud800"])
def test_characters_that_no_database_takes_are_replaced(character: str) -> None:
    assert reading_of(verified_name=f"a{character}b").values["verified_name"] == "a\ufffdb"


@pytest.mark.parametrize(
    ("sent", "level"),
    [
        ({"level": "HIGH"}, "HIGH"),
        ({"level": "HIGH", "burst": {"a": [1]}}, "HIGH"),
        ("STANDARD", "STANDARD"),
        ({"level": "SOMETHING_NEW"}, "SOMETHING_NEW"),
        ({"level": None}, None),
        ({}, None),
    ],
)
def test_throughput_is_its_level(sent: object, level: str | None) -> None:
    reading = reading_of(throughput=sent)

    assert reading.values.get("throughput") == level
    assert reading.odd == {}


@pytest.mark.parametrize("wrong", [{"level": {"a": 1}}, {"level": [1]}, [], 1.5])
def test_a_throughput_without_a_readable_level_is_odd(wrong: object) -> None:
    assert set(reading_of(throughput=wrong).odd) == {"throughput"}


@pytest.mark.parametrize(
    ("sent", "truth"), [(True, True), (False, False), ("true", True), ("false", False), ("True", True)]
)
def test_a_truth_may_be_a_word(sent: object, truth: bool) -> None:
    assert reading_of(is_pin_enabled=sent).values["is_pin_enabled"] is truth


@pytest.mark.parametrize("wrong", ["yes", "", 1, 0, [], {}])
def test_another_truth_is_odd(wrong: object) -> None:
    reading = reading_of(is_on_biz_app=wrong)

    assert "is_on_biz_app" not in reading.values
    assert set(reading.odd) == {"is_on_biz_app"}


def test_a_webhook_configuration_keeps_known_and_unknown_texts() -> None:
    sent = {"application": "https://portal.example/hooks", "phone_number": None, "brand_new": "x"}

    reading = reading_of(webhook_configuration=sent)

    assert reading.values["webhook_configuration"] == {"application": "https://portal.example/hooks", "brand_new": "x"}
    assert reading.odd == {}


def test_the_readable_part_of_a_webhook_configuration_is_kept() -> None:
    reading = reading_of(webhook_configuration={"application": "https://portal.example/hooks", "new": {"a": 1}})

    assert reading.values["webhook_configuration"] == {"application": "https://portal.example/hooks"}
    assert set(reading.odd) == {"webhook_configuration"}


@pytest.mark.parametrize("wrong", ["https://portal.example", 5, ["a"], {str(at): "x" for at in range(17)}])
def test_another_webhook_configuration_is_odd(wrong: object) -> None:
    reading = reading_of(webhook_configuration=wrong)

    assert "webhook_configuration" not in reading.values
    assert set(reading.odd) == {"webhook_configuration"}


@pytest.mark.parametrize("empty", [{}, [], {"application": None}])
def test_an_empty_webhook_configuration_is_none(empty: object) -> None:
    reading = reading_of(webhook_configuration=empty)

    assert "webhook_configuration" not in reading.values
    assert reading.odd == {}


@pytest.mark.parametrize(
    "sent",
    [
        "2026-03-04T09:08:07+0000",
        "2026-03-04T09:08:07+00:00",
        "2026-03-04T09:08:07Z",
        "2026-03-04T11:38:07+0230",
        " 2026-03-04T09:08:07+0000 ",
        1772615287,
        "1772615287",
    ],
)
def test_a_time_comes_in_several_forms(sent: object) -> None:
    found = reading_of(last_onboarded_time=sent).values["last_onboarded_time"]

    assert found == datetime(2026, 3, 4, 9, 8, 7, tzinfo=UTC)
    assert isinstance(found, datetime)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "wrong",
    [
        "soon",
        "",
        "2026-03-04T09:08:07",
        "2026-03-04",
        "0001-01-01T00:00:00+1400",
        "9999-12-31T23:59:59-1400",
        "1772615287000",
        "20260304",
        1772615287000,
        0,
        -1,
        10**400,
        1772615287.0,
        float("inf"),
        True,
        [],
        {},
        "１７７２６１５２８７",
        "9" * 400,
    ],
)
def test_a_time_that_cannot_be_one_is_odd(wrong: object) -> None:
    reading = reading_of(last_onboarded_time=wrong)

    assert "last_onboarded_time" not in reading.values
    assert set(reading.odd) == {"last_onboarded_time"}


def test_a_waba_in_its_sample_form_is_read() -> None:
    reading = read_waba(
        {
            "id": 100000000000001,
            "name": "Harbor",
            "timezone_id": "1",
            "ownership_type": "SELF",
            "business_verification_status": "verified",
            "on_behalf_of_business_info": {"id": 7, "name": "Portal", "status": "APPROVED", "type": "SELF"},
            "owner_business_info": {"name": "Harbor Foods", "id": "3"},
            "country": None,
        },
        frozenset({"id"}),
    )

    assert reading.waba_id == "100000000000001"
    assert reading.owner_business_id == "3"
    assert reading.values["on_behalf_of_business_info"] == {
        "id": "7",
        "name": "Portal",
        "status": "APPROVED",
        "type": "SELF",
    }
    assert "country" not in reading.values


moments = st.datetimes(
    min_value=datetime(2000, 1, 2),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2099, 12, 30),  # noqa: DTZ001 - hypothesis wants naive bounds
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(moments)
def test_any_time_is_read_from_both_of_metas_forms(when: datetime) -> None:
    when = when.replace(microsecond=0)

    assert moment(when.strftime("%Y-%m-%dT%H:%M:%S%z")) == when
    assert moment(int(when.timestamp())) == when
    assert moment(str(int(when.timestamp()))) == when


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(json_values | st.text("0123456789-+:TZ. ", max_size=40))
def test_whatever_comes_as_a_time_is_a_recent_utc_time_or_odd(sent: object) -> None:
    try:
        found = moment(sent)
    except OddError:
        return
    assert found.tzinfo is UTC
    assert 2000 <= found.year < 2100


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(ASKED - {"id"}), json_values)))
def test_any_values_give_a_reading_that_a_database_can_store(sent: dict[str, object]) -> None:
    reading = read_number({"id": "1", **sent}, ASKED)

    assert set(reading.values) <= ASKED
    assert set(reading.odd) <= set(sent)
    for value in reading.values.values():
        assert_storable(value)
    for shown in reading.odd.values():
        assert len(shown) <= 200
        assert_storable(shown)


def assert_storable(value: object) -> None:
    if isinstance(value, str):
        assert "\x00" not in value
        value.encode()
    elif isinstance(value, Mapping):
        assert all(isinstance(each, str) for each in (*value, *value.values()))
        assert_storable(json.dumps(value, ensure_ascii=False))
    else:
        assert isinstance(value, bool | datetime)
