"""Slow change, by itself and on demand."""

from portal.sandbox.http.messages import Values
from portal.sandbox.world import book, random_changes
from portal.sandbox.world.world import World
from tests.portal.sandbox.conftest import Partner


def drifted(times: int, seed: int = 7) -> list[Values]:
    world = World(seed, 1_790_000_000.0)
    world.clock_offset = 0
    book.stock(world, wabas=55, numbers=200)
    return [random_changes.change(world) for _ in range(times)]


def test_all_kinds_of_change_happen_in_time() -> None:
    assert {entry["kind"] for entry in drifted(300)} >= {
        *("quality_dropped", "quality_recovered", "name_requested", "name_decided", "registered", "code_verified"),
        *("number_added", "disconnected", "reconnected", "waba_shared"),
    }


def test_the_same_seed_brings_the_same_changes() -> None:
    def what(entry: Values) -> tuple[object, ...]:
        return entry["kind"], entry.get("waba_id"), entry.get("phone_number_id"), entry.get("new")

    assert [what(entry) for entry in drifted(40)] == [what(entry) for entry in drifted(40)]


def test_a_number_that_the_partner_took_off_does_not_come_back_by_itself() -> None:
    world = World(7, 1_790_000_000.0)
    book.stock(world, wabas=12, numbers=40)
    numbers = list(world.numbers())
    for number in numbers:
        world.hidden_state(number).deregistered = True
    reconnected = [entry for _ in range(200) if (entry := random_changes.change(world))["kind"] == "reconnected"]
    assert not {entry["phone_number_id"] for entry in reconnected} & {number.id for number in numbers}


def test_a_world_without_numbers_can_drift_too() -> None:
    world = World(7, 1_790_000_000.0)
    book.stock(world, wabas=1, numbers=0)
    for _ in range(30):
        random_changes.change(world)


def test_a_world_left_running_does_not_grow_without_end() -> None:
    world = World(7, 1_790_000_000.0)
    book.stock(world, wabas=12, numbers=40)
    for _ in range(3000):
        random_changes.change(world)
    assert sum(1 for _ in world.numbers()) < 600


def test_a_change_can_be_asked_for_and_shows_in_the_replies(start: Partner) -> None:
    partner = start(wabas=20, numbers=80)
    for _ in range(60):
        entry = partner.control("POST", "drift")
        if entry["kind"] == "quality_dropped":
            break
    found = partner.read(entry["phone_number_id"], fields="quality_rating")
    assert found["quality_rating"] == entry["new"]["quality_rating"] != entry["old"]["quality_rating"]
    assert partner.control("GET", "changes")["changes"][-1] == entry


def test_the_world_changes_by_itself_unless_it_is_still(start: Partner) -> None:
    moving = start(wabas=20, numbers=80, still=False, drift_seconds=0.02)
    while not moving.control("GET", "changes")["changes"]:
        pass
    still = start(wabas=20, numbers=80, drift_seconds=0.02)
    for _ in range(10):
        still.control("GET", "changes")
    assert still.control("GET", "changes")["changes"] == []
