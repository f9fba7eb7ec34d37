"""Short links and QR codes of a number in the practice world."""

from tests.portal.sandbox.conftest import Caller, Partner


def test_links_are_made_changed_by_their_code_listed_by_the_page_and_deleted_once(start: Partner) -> None:
    partner = start()
    number = partner.plain_waba()["phone_number_ids"][0]
    made = [partner.do(f"{number}/message_qrdls", {"prefilled_message": f"Hello {place}"}) for place in range(3)]
    codes = [each["code"] for each in made]
    assert made[0]["deep_link_url"] == f"https://wa.me/message/{codes[0]}"
    changed = partner.do(f"{number}/message_qrdls", {"prefilled_message": "Good day", "code": codes[0]})
    assert (changed["code"], changed["prefilled_message"]) == (codes[0], "Good day")

    pages = partner.pages(f"{number}/message_qrdls", limit=2, fields="code,prefilled_message")
    found = {link["code"]: link["prefilled_message"] for page in pages for link in page["data"]}
    assert found == {codes[0]: "Good day", codes[1]: "Hello 1", codes[2]: "Hello 2"}
    assert _delete(partner, f"{number}/message_qrdls/{codes[1]}") == {"success": True}
    assert "error" in _delete(partner, f"{number}/message_qrdls/{codes[1]}")
    assert partner.do(f"{number}/message_qrdls", {"prefilled_message": "Hello 2"})["code"] != codes[2]
    assert len(partner.read(f"{number}/message_qrdls")["data"]) == 3


def test_what_is_no_message_or_no_link_is_refused(start: Partner) -> None:
    partner = start()
    number = partner.plain_waba()["phone_number_ids"][0]
    for body in (
        {},
        {"prefilled_message": ""},
        {"prefilled_message": "x" * 141},
        {"prefilled_message": "x", "code": "?"},
    ):
        assert partner.refusal(f"{number}/message_qrdls", body)["code"] == 100
    assert partner.read(f"{number}/message_qrdls") == {"data": []}


def _delete(partner: Caller, path: str) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {partner.known.system_user_token}"}
    answer = partner.session.delete(f"{partner.url}/v25.0/{path}", headers=headers, timeout=5)
    found: dict[str, object] = answer.json()
    return found
