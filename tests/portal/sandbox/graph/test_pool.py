"""What becomes of the pre-verified pool by the clock, by a claim and by a restart; how book and controls fill it."""

from pathlib import Path
from typing import Any

import pytest

from portal.sandbox.controls.launch import Options, serving
from portal.sandbox.world import pool
from portal.sandbox.world.world import World
from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.pooling import (
    BUSINESS,
    DAY,
    MOBILE,
    VOICE,
    added,
    behind,
    in_state,
    listed,
    moment,
    sent,
    status,
    verify,
)


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start()


def claimed(partner: Caller, preverified_id: str, **more: object) -> str:
    body = {"preverified_id": preverified_id} | more
    reply = partner.do(f"{partner.wabas()[0]['id']}/phone_numbers", body)
    assert set(reply) == {"id"}
    number_id: str = reply["id"]
    return number_id


def test_a_verification_lapses_after_ninety_days(partner: Caller) -> None:
    entry = added(partner)
    verify(partner, entry)
    begun = partner.read(entry)["code_verification_time"]
    partner.forward(90 * DAY - 60)
    assert status(partner, entry) == "VERIFIED"
    partner.forward(60)
    assert status(partner, entry) == "EXPIRED"
    assert partner.read(entry)["code_verification_time"] == begun
    assert entry in [each["id"] for each in listed(partner, code_verification_status="EXPIRED")]
    partner.forward(365 * DAY)
    assert status(partner, entry) == "EXPIRED"


def test_a_number_never_verified_leaves_the_pool_after_ninety_days(partner: Caller) -> None:
    entry = added(partner)
    partner.forward(90 * DAY - 60)
    assert status(partner, entry) == "NOT_VERIFIED"
    partner.forward(60)
    assert partner.error(entry)["error_subcode"] == 33
    assert added(partner) != entry


def test_a_number_verified_on_its_last_day_stays(partner: Caller) -> None:
    entry = added(partner)
    partner.forward(89 * DAY)
    verify(partner, entry)
    partner.forward(2 * DAY)
    assert status(partner, entry) == "VERIFIED"


def test_a_claimed_number_leaves_the_pool_and_is_ready_on_the_waba(partner: Caller) -> None:
    entry = added(partner)
    verify(partner, entry)
    number = claimed(partner, entry, verified_name="Harbor Bakery")
    assert number != entry
    assert partner.error(entry)["error_subcode"] == 33
    assert listed(partner, phone_number=MOBILE) == []
    found = partner.values(number, "display_phone_number", "verified_name", "country_code", "country_dial_code")
    assert found == ("+44 7700900999", "Harbor Bakery", "GB", "44")
    found = partner.values(number, "is_preverified_number", "status", "platform_type", "code_verification_status")
    assert found == (True, "PENDING", "NOT_APPLICABLE", "VERIFIED")
    assert moment(*partner.values(number, "last_onboarded_time")) > 0
    waba = partner.wabas()[0]["id"]
    assert number in {each["id"] for each in partner.read(f"{waba}/phone_numbers", limit=100)["data"]}
    partner.register(number)
    assert partner.values(number, "status", "platform_type") == ("CONNECTED", "CLOUD_API")


def test_a_claimed_number_has_its_wabas_name_unless_told(partner: Caller) -> None:
    waba = partner.read(partner.wabas()[0]["id"])
    assert partner.values(claimed(partner, in_state(partner, "fresh")), "verified_name") == (waba["name"],)


@pytest.mark.parametrize("state", ["expired", "unverified"])
def test_a_number_claimed_without_a_verification_that_holds_needs_a_code(partner: Caller, state: str) -> None:
    number = claimed(partner, in_state(partner, state), verified_name="Harbor Bakery")
    assert partner.values(number, "code_verification_status", "is_preverified_number") == ("NOT_VERIFIED", True)
    assert partner.not_registered(number)["code"] == 133006
    partner.do(f"{number}/request_code", VOICE)
    partner.do(f"{number}/verify_code", {"code": partner.behind(number)["code"]})
    partner.register(number)


def test_a_code_sent_in_the_pool_is_none_for_the_claimed_number(partner: Caller) -> None:
    entry = added(partner)
    code = sent(partner, entry)
    number = claimed(partner, entry)
    assert partner.refusal(f"{number}/verify_code", {"code": code})["code"] == 136025


def test_a_claimed_number_is_to_be_registered_within_ninety_days(partner: Caller) -> None:
    early, late = (claimed(partner, in_state(partner, "fresh"), verified_name="Harbor Bakery") for _ in range(2))
    ends = moment(partner.behind(late)["registration_window_ends"])
    assert ends - moment(*partner.values(late, "last_onboarded_time")) == 90 * DAY
    partner.forward(90 * DAY - 60)
    partner.register(early)
    partner.forward(120)
    assert "90 days" in partner.not_registered(late)["message"]


def test_a_name_that_does_not_pass_stands_in_the_way_of_the_registration(partner: Caller) -> None:
    number = claimed(partner, in_state(partner, "fresh"), verified_name="WhatsApp Support")
    assert partner.values(number, "name_status") == ("DECLINED",)
    assert partner.not_registered(number)["error_subcode"] == 2388001


def test_a_number_is_claimed_once(partner: Caller) -> None:
    entry = in_state(partner, "fresh")
    claimed(partner, entry)
    error = partner.refusal(f"{partner.wabas()[1]['id']}/phone_numbers", {"preverified_id": entry})
    assert (error["code"], "preverified_id" in error["message"]) == (100, True)


@pytest.mark.parametrize("body", [{"preverified_id": 1}, {"preverified_id": []}, {"verified_name": "H"}])
def test_a_claim_that_is_refused_changes_nothing(partner: Caller, body: dict[str, object]) -> None:
    entry = in_state(partner, "fresh")
    body = {"preverified_id": entry} | body
    assert partner.refusal(f"{partner.wabas()[0]['id']}/phone_numbers", body)["code"] == 100
    assert status(partner, entry) == "VERIFIED"


def test_a_portfolio_that_is_full_claims_nothing(start: Partner) -> None:
    partner = start(wabas=1, numbers=20)
    entry = in_state(partner, "fresh")
    error = partner.refusal(f"{partner.wabas()[0]['id']}/phone_numbers", {"preverified_id": entry})
    assert (error["code"], error["error_subcode"]) == (200, 1349175)
    assert status(partner, entry) == "VERIFIED"


def test_a_number_that_a_waba_has_got_hold_of_meanwhile_is_not_claimed(partner: Caller) -> None:
    entry = added(partner)
    partner.number(display_phone_number=f"+{MOBILE}")
    error = partner.refusal(f"{partner.wabas()[1]['id']}/phone_numbers", {"preverified_id": entry})
    assert (error["code"], "WhatsApp account" in error["message"]) == (100, True)


def test_the_customers_own_token_may_claim(partner: Caller) -> None:
    waba, entry = partner.wabas()[0], in_state(partner, "fresh")
    assert partner.do(f"{waba['id']}/phone_numbers", {"preverified_id": entry}, token=waba["business_token"])["id"]


@pytest.mark.parametrize(
    ("digits", "dial", "display"),
    [
        ("12125550188", "1", "+1 212-555-0188"),
        ("905550001122", "90", "+90 5550001122"),
        ("353201234567", "353", "+353 201234567"),
        ("8801700000000", "880", "+880 1700000000"),
    ],
)
def test_a_claimed_number_is_shown_with_its_calling_code(partner: Caller, digits: str, dial: str, display: str) -> None:
    number = claimed(partner, added(partner, digits))
    assert partner.values(number, "country_dial_code", "display_phone_number") == (dial, display)


def test_a_number_that_is_claimed_or_due_to_leave_is_not_found_any_more() -> None:
    world = World(7, 0.0)
    pool.stock(world, iter(map(str, range(1, 99))).__next__)
    world.clock_offset = -world.now()
    ids = list(world.pool)
    assert all(pool.find(world, each) for each in ids)
    waba = world.new_waba(world.new_business("Harbor LLC", "US"), {})
    entry = pool.find(world, ids[0])
    assert entry is not None
    number = pool.claim(world, entry, waba, "Harbor Bakery")
    assert (pool.find(world, ids[0]), world.number(number.id)) == (None, number)
    with pytest.raises(KeyError):
        pool.claim(world, entry, waba, "Harbor Bakery")
    assert waba.numbers == [number]
    world.clock_offset += 90 * DAY
    assert {entry.code_verification_status for entry in world.pool.values()} != {"EXPIRED"}
    assert pool.find(world, ids[-1]) is None
    assert {entry.code_verification_status for entry in world.pool.values()} == {"EXPIRED"}


def test_the_book_has_a_pool_with_numbers_in_every_state(practice: Caller) -> None:
    found = practice.control("GET", "preverified")["preverified"]
    now = practice.control("POST", "clock", {"advance_seconds": 0})["now"]
    expiries = [moment(each["values"]["verification_expiry_time"]) for each in found if each["leaves"] is None]
    left = [(each - now) / DAY for each in expiries]
    assert len(found) == 12
    for least, most in ((85, 90), (46, 85), (4, 45), (0, 4), (-90, 0)):
        assert sum(least < each <= most for each in left) == 2, (least, most)
    leaves = [(moment(each["leaves"]) - now) / DAY for each in found if each["leaves"] is not None]
    assert sorted(each < 4 for each in leaves) == [False, True]
    assert sum(bool(each["partner_business_ids"]) for each in found) == 2
    assert {each["may_be_verified"] for each in found} == {True, False}


def test_the_pools_numbers_are_nobody_elses(practice: Caller) -> None:
    book = practice.control("GET", "book")["phone_numbers"]
    used = {"".join(filter(str.isdigit, each["display_phone_number"])) for each in book.values()}
    digits = [each["phone_number"] for each in listed(practice)]
    assert all(each.isdigit() and 7 <= len(each) <= 15 for each in digits)
    assert len({*digits} - used) == 12


def test_the_same_seed_gives_the_same_pool_and_another_seed_another(start: Partner) -> None:
    pools = [start(seed=seed).control("GET", "preverified")["preverified"] for seed in (5, 5, 6)]
    one, same, other = ([(each["id"], each["values"]["phone_number"]) for each in pool] for pool in pools)
    assert one == same
    assert not {*one} & {*other}


@pytest.mark.parametrize("state", pool.STATES)
def test_a_number_is_put_into_any_state(partner: Caller, state: str) -> None:
    wanted = {"expired": "EXPIRED", "unverified": "NOT_VERIFIED", "leaving": "NOT_VERIFIED"}
    assert status(partner, in_state(partner, state)) == wanted.get(state, "VERIFIED")


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("GET", "preverified/1", None, 404),
        ("PATCH", "preverified/1", {"state": "fresh"}, 404),
        ("PATCH", "preverified/{}", {"state": "lost"}, 400),
        ("PATCH", "preverified/{}", {}, 400),
        ("DELETE", "preverified/{}", None, 404),
    ],
)
def test_wrong_use_of_the_pools_controls_is_answered_with_a_sentence(
    partner: Caller, method: str, path: str, body: Any, answer: int
) -> None:
    url = f"{partner.url}/_practice/{path.format(in_state(partner, 'fresh'))}"
    found = partner.session.request(method, url, json=body, timeout=5)
    assert found.status_code == answer
    assert found.json()["error"]


def test_no_code_of_the_pool_is_in_the_log(partner: Caller) -> None:
    entry = added(partner)
    code = sent(partner, entry)
    partner.do(f"{entry}/verify_code", {"code": code})
    assert partner.control("GET", "log")["requests"][-1]["withheld"] == ["code"]
    assert code not in str(partner.control("GET", "changes"))


def facts(partner: Caller) -> Any:
    return partner.control("GET", "preverified"), [partner.read(each["id"]) for each in listed(partner)]


def test_the_pool_outlives_a_restart(tmp_path: Path) -> None:
    options = Options(port=0, still=True, wabas=3, numbers=12, state=tmp_path / "world.json")
    with serving(options) as server:
        partner = Caller(server)
        entry, gone, dropped = added(partner), in_state(partner, "fresh"), in_state(partner, "leaving", 5)
        verify(partner, entry)
        in_state(partner, "expiring", 3)
        client = partner.wabas()[0]["owner_business_id"]
        share = {"preverified_id": entry, "partner_business_id": client}
        partner.do(f"{BUSINESS}/share_preverified_numbers", share)
        partner.forward(4 * DAY)
        number = claimed(partner, gone)
        waiting = added(partner, "12125550188")
        code = sent(partner, waiting)
        before = facts(partner)
        partner.session.close()
    with serving(options) as server:
        partner = Caller(server)
        assert facts(partner) == before
        assert {gone, dropped}.isdisjoint(each["id"] for each in listed(partner))
        assert partner.read(f"{entry}/partners", fields="id")["data"] == [{"id": client}]
        assert behind(partner, waiting)["code"] == code
        partner.do(f"{waiting}/verify_code", {"code": code})
        partner.register(number)
        partner.session.close()
