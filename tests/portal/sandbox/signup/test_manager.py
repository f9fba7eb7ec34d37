"""The practice WhatsApp Manager: what a client does there and no API can."""

from typing import Any

from tests.portal.sandbox.conftest import REGISTERED, Caller, Partner


def press(partner: Caller, waba_id: str, do: str, number_id: str = "", **headers: str) -> Any:
    form = {"waba": waba_id, "do": do, "number": number_id}
    sent = {"Origin": partner.url, **headers}
    return partner.session.post(f"{partner.url}/dialog/manager", data=form, headers=sent, timeout=5)


def shown(partner: Caller, waba_id: str = "") -> str:
    return str(partner.session.get(f"{partner.url}/dialog/manager", params={"waba": waba_id}, timeout=5).text)


def test_a_client_turns_two_step_off_deletes_what_no_longer_sends_and_removes_the_partner(start: Partner) -> None:
    partner = start()
    waba = partner.wabas()[0]
    waba_id, number = waba["id"], waba["phone_number_ids"][0]
    partner.control("PATCH", f"numbers/{number}", {"set": REGISTERED, "pin": "123456"})
    assert "Practice: this stands in" in shown(partner)
    assert number in shown(partner, waba_id)

    assert "is off." in press(partner, waba_id, "two_step_off", number).text
    assert partner.values(number, "is_pin_enabled") == (False,)
    assert "paid messages in the last 30 days" in press(partner, waba_id, "delete", number).text
    partner.control("PATCH", f"numbers/{number}", {"set": {"platform_type": "NOT_APPLICABLE"}})
    assert "is deleted." in press(partner, waba_id, "delete", number).text
    assert number not in {each["id"] for each in partner.read(f"{waba_id}/phone_numbers", limit=100)["data"]}
    assert "no access any more" in press(partner, waba_id, "remove_partner").text
    assert partner.refusal(f"{waba_id}/subscribed_apps")["error_subcode"] == 33


def test_nobody_else_presses_its_buttons_and_what_is_not_there_is_not_done(start: Partner) -> None:
    partner = start()
    waba_id = partner.wabas()[0]["id"]
    assert press(partner, waba_id, "remove_partner", Origin="https://elsewhere.example").status_code == 403
    assert press(partner, "1", "remove_partner").status_code == 404
    assert press(partner, waba_id, "delete", "1").status_code == 400
    assert press(partner, waba_id, "everything", partner.wabas()[0]["phone_number_ids"][0]).status_code == 400


def test_what_stands_on_the_page_is_text_and_no_markup(start: Partner) -> None:
    partner = start()
    waba = partner.wabas()[0]
    partner.control("PATCH", f"numbers/{waba['phone_number_ids'][0]}", {"set": {"verified_name": "<b>Bakery</b>"}})
    assert "&lt;b&gt;Bakery" in shown(partner, waba["id"])
