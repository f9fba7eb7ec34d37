"""The book of business: what is in it, and that the same seed gives the same one."""

import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.sandbox.graph.fields import all_values
from portal.sandbox.world import book, numbering
from portal.sandbox.world.business_names import COUNTRIES
from portal.sandbox.world.world import Number, World
from tests.portal.sandbox.conftest import Caller

STARTED = datetime(2026, 11, 1, tzinfo=UTC)


def stocked(seed: int = 7, wabas: int = 55, numbers: int = 200, *, healthy: bool = False) -> World:
    world = World(seed, STARTED.timestamp())
    book.stock(world, wabas=wabas, numbers=numbers, healthy=healthy)
    return world


def facts(world: World) -> dict[str, Any]:
    return {node_id: all_values(node) for node_id, node in world.nodes.items()}


def readable(world: World) -> list[Number]:
    return [
        number
        for number in world.numbers()
        if any(waba.relation != "unshared" and not waba.trouble for waba in number.wabas)
    ]


def test_the_same_seed_gives_the_same_book_and_another_seed_another() -> None:
    assert facts(stocked()) == facts(stocked())
    assert not stocked().wabas.keys() & stocked(seed=8).wabas.keys()
    assert book.credentials(7) == book.credentials(7) != book.credentials(8)


def test_a_healthy_book_is_the_same_one_without_its_failing_wabas() -> None:
    assert facts(stocked(healthy=True)) == facts(stocked())
    assert not any(waba.trouble for waba in stocked(healthy=True).wabas.values())


def test_the_usual_book_has_forty_clients_and_as_many_wabas_and_numbers_as_asked() -> None:
    world = stocked()
    shared = [waba for waba in world.wabas.values() if waba.relation != "unshared"]
    assert len(shared) == 55
    assert len({waba.owner.id for waba in shared if waba.relation == "client"}) == 40
    assert len({number.id for waba in shared for number in waba.numbers}) == 200


@pytest.mark.parametrize(
    ("wabas", "numbers"), [(1, 0), (1, 1), (1, 250), (2, 5), (11, 3), (12, 0), (12, 12), (300, 20)]
)
def test_a_book_of_any_size_can_be_asked_for(wabas: int, numbers: int) -> None:
    world = stocked(wabas=wabas, numbers=numbers)
    shared = [waba for waba in world.wabas.values() if waba.relation != "unshared"]
    assert len(shared) == wabas
    assert len({number.id for waba in shared for number in waba.numbers}) == numbers


STATES: dict[str, set[object]] = {
    "status": {
        *("PENDING", "CONNECTED", "DISCONNECTED", "FLAGGED", "RESTRICTED", "RATE_LIMITED", "BANNED", "MIGRATED"),
        *("DELETED", "UNVERIFIED", "UNKNOWN", "LINKED", "UNLINKED", "UNDER_OBSERVATION"),
    },
    "code_verification_status": {"VERIFIED", "NOT_VERIFIED", "EXPIRED"},
    "quality_rating": {"GREEN", "YELLOW", "RED", "UNKNOWN", "NA", "BLUE"},
    "platform_type": {"CLOUD_API", "ON_PREMISE", "NOT_APPLICABLE"},
    "name_status": {
        *("APPROVED", "AVAILABLE_WITHOUT_REVIEW", "DECLINED", "EXPIRED", "PENDING_REVIEW", "NONE", "NON_EXISTS"),
        "UNDER_APPEAL",
    },
    "new_name_status": {"APPROVED", "PENDING_REVIEW", "DECLINED", "NONE", "EXPIRED", None, "absent"},
    "account_mode": {"LIVE", "SANDBOX"},
    "is_on_biz_app": {True, False},
    "is_preverified_number": {True, False},
    "is_official_business_account": {True, False},
}


@pytest.mark.parametrize("field", STATES)
def test_every_documented_value_appears_in_the_usual_book(field: str) -> None:
    found = {all_values(number).get(field, "absent") for number in readable(stocked())}
    assert found >= STATES[field]


@pytest.mark.parametrize(
    "trait",
    [
        lambda number: "throughput" not in number,
        lambda number: number["quality_score"] is None,
        lambda number: number.get("verified_name", "") is None,
        lambda number: "verified_name" not in number,
        lambda number: "webhook_configuration" not in number,
        lambda number: "phone_number" in number.get("webhook_configuration", {}),
        lambda number: "whatsapp_business_account" in number.get("webhook_configuration", {}),
        lambda number: isinstance(number.get("last_onboarded_time"), int),
        lambda number: number.get("last_onboarded_time", "") is None,
        lambda number: number["status"] == "PENDING" and "last_onboarded_time" not in number,
        lambda number: number["status"] == "CONNECTED" and number["platform_type"] == "NOT_APPLICABLE",
        lambda number: number["status"] == "CONNECTED" and number["code_verification_status"] == "EXPIRED",
        lambda number: number["status"] == "DISCONNECTED" and number["platform_type"] == "ON_PREMISE",
        lambda number: number.get("new_name_status") == "APPROVED" and "new_display_name" in number,
        lambda number: number["throughput"] == {"level": "HIGH"} if "throughput" in number else False,
        lambda number: number["display_phone_number"].isdigit(),
        lambda number: number["display_phone_number"][1:].isdigit() and number["display_phone_number"][0] == "+",
        lambda number: int(number["id"]) > 2**53,
    ],
)
def test_every_oddity_appears_in_the_usual_book(trait: Any) -> None:
    assert any(trait(all_values(number)) for number in readable(stocked()))


def test_numbers_wait_for_registration_at_every_stage_of_their_window() -> None:
    left = []
    for number in readable(stocked()):
        values = all_values(number)
        onboarded = values.get("last_onboarded_time")
        if values["status"] == "PENDING" and isinstance(onboarded, str):
            days = 90 if values["is_preverified_number"] else 14
            left.append(datetime.fromisoformat(onboarded) + timedelta(days=days) - STARTED)
    day = timedelta(days=1)
    for shortest, longest in ((-99, -10), (-9, 0), (0, 1), (1, 3), (3, 8), (8, 14), (15, 90)):
        assert any(shortest * day < each < longest * day for each in left), (shortest, longest)


def kinds_of_work(practice: Caller) -> dict[str, int]:
    """How many numbers of the usual book, as the controls show it, wait for which action of a partner."""
    found: Counter[str] = Counter()
    seen = {waba["id"] for waba in practice.wabas(trouble="") if waba["relation"] != "unshared"}
    for number in practice.control("GET", "numbers")["numbers"]:
        values, ends = number["values"], number["registration_window_ends"]
        if not seen & set(number["waba_ids"]):
            continue
        pending, verified = values["status"] == "PENDING", values["code_verification_status"] == "VERIFIED"
        in_window = ends is not None and datetime.fromisoformat(ends) > datetime.now(UTC)
        named, calls = values["name_status"] == "APPROVED", number["counters"]["register"]["used"]
        ready = pending and verified and in_window and named
        unknown = number["pin"] is not None and not number["pin_is_known"]
        found["ready, no PIN"] += ready and calls == 0 and number["pin"] is None
        found["ready, PIN unknown"] += ready and unknown
        found["added in WhatsApp Manager"] += pending and ends is None and not verified
        found["name declined"] += pending and verified and values["name_status"] == "DECLINED"
        found["new name to put to use"] += values.get("new_name_status") == "APPROVED" and "new_display_name" in values
        found["coexistence"] += values["is_on_biz_app"]
        found["window passed"] += pending and ends is not None and not in_window
        found["nine calls used"] += ready and calls == 9
        found["to verify by a call"] += pending and not verified and number["takes_calls_only"]
        found["to verify by a message"] += pending and not verified and not number["takes_calls_only"]
    return found


def test_the_usual_book_has_numbers_for_every_action_of_a_partner(practice: Caller) -> None:
    found = kinds_of_work(practice)
    wanted = {"ready, no PIN": 3, "ready, PIN unknown": 2, "added in WhatsApp Manager": 2, "nine calls used": 1}
    wanted |= dict.fromkeys(("name declined", "new name to put to use", "coexistence", "window passed"), 1)
    wanted |= dict.fromkeys(("to verify by a call", "to verify by a message"), 1)
    assert {kind: found[kind] >= least for kind, least in wanted.items()} == dict.fromkeys(wanted, True), found


def test_three_numbers_in_four_are_ordinary() -> None:
    values = [all_values(number) for number in stocked().numbers()]
    well = [
        each
        for each in values
        if (each["status"], each["platform_type"], each["account_mode"]) == ("CONNECTED", "CLOUD_API", "LIVE")
        and each["quality_rating"] in {"GREEN", "UNKNOWN", "NA"}
    ]
    assert 0.7 < len(well) / len(values) < 0.9


def test_one_number_is_listed_by_two_wabas_of_one_client() -> None:
    shared = [number for number in stocked().numbers() if len(number.wabas) > 1]
    assert len(shared) == 1
    one, other = shared[0].wabas
    assert one.owner is other.owner
    assert shared[0] in one.numbers
    assert shared[0] in other.numbers


def test_one_waba_is_empty_one_nameless_one_big_and_two_are_without_an_owner() -> None:
    wabas = [waba for waba in stocked().wabas.values() if waba.relation != "unshared"]
    assert sum(1 for waba in wabas if not waba.numbers) == 1
    assert sum(1 for waba in wabas if "name" not in all_values(waba)) == 1
    assert sum(1 for waba in wabas if "owner_business_info" not in all_values(waba)) == 2
    assert [len(waba.numbers) for waba in wabas if len(waba.numbers) > 10] == [34]
    assert sum(1 for waba in wabas if waba.relation == "owned") == 2
    assert {type(all_values(waba)["timezone_id"]) for waba in wabas} == {str, int}
    assert sum(1 for waba in wabas if all_values(waba)["country"] is None) == 2


def test_names_are_written_in_many_scripts_and_no_client_is_called_like_another() -> None:
    world = stocked()
    names = [waba.owner.name for waba in world.wabas.values()]
    scripts = {unicodedata.name(letter).split()[0] for name in names for letter in name if letter.isalpha()}
    assert scripts >= {"LATIN", "ARABIC", "HEBREW", "CYRILLIC", "GREEK", "THAI", "DEVANAGARI", "CJK"}
    assert all(len({country.display_name(serial) for serial in range(500)}) == 500 for country in COUNTRIES)


def test_no_phone_number_is_given_out_twice() -> None:
    plan = numbering.Numbering()
    given = [plan.next_number(country.code, str(owner))[0] for owner in range(600) for country in COUNTRIES]
    digits = {"".join(letter for letter in number if letter.isdigit()) for number in given}
    assert len(digits) == len(given)


def test_ids_are_texts_of_15_to_17_digits(practice: Caller) -> None:
    found = practice.control("GET", "book")
    ids = [*found["phone_numbers"], *(waba["id"] for waba in found["wabas"])]
    assert all(isinstance(each, str) and each.isdigit() and 15 <= len(each) <= 17 for each in ids)
