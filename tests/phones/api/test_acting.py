"""Actions through the API, with a practice Graph server behind the desk."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from clients.choices import Role, TokenScope
from clients.models import AuditEntry, SyncRun, User
from phones.actions import pins
from phones.choices import ActionKind
from phones.models import Action, NumberDetails, PhoneNumber, Pin
from tests.factories import make_person
from tests.phones.acting import TO_REGISTER, UNVERIFIED, at_meta, posts
from tests.phones.api.asking import Program, kind_of
from tests.practice import Practice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(db: None) -> User:
    return make_person("tess", Role.TEAM_LEAD)


@pytest.fixture
def program(lead: User) -> Program:
    return Program(lead, TokenScope.WORK)


def test_a_number_is_registered_once_however_often_it_is_asked_for_with_one_key(
    practice: Practice, prepare: Callable[..., PhoneNumber], program: Program
) -> None:
    number = prepare(TO_REGISTER)
    path = f"numbers/{number.phone_number_id}/register"

    first, again = (program.post(path, {}, key="order-17") for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert first.json()["state"] == "succeeded"
    assert posts(practice, number) == ["register"]
    assert pins.opened(Pin.objects.get()) == at_meta(practice, number)["pin"]
    assert program.get(f"actions/{first.json()['id']}").json() == first.json()
    assert kind_of(program.post(path, {"data_localization_region": "DE"}, key="order-17")) == (422, "key-reused")
    assert posts(practice, number) == ["register"]
    line = AuditEntry.objects.get(what="Register: asked of Meta.")
    assert line.details["through"] == str(program.token)
    another = Program(program.token.person, TokenScope.WORK).post(path, {}, key="order-17")
    assert another.json()["id"] != first.json()["id"], "a key is the token's own"


def test_what_meta_refuses_is_told_with_its_trace_and_not_tried_again(
    practice: Practice, prepare: Callable[..., PhoneNumber], program: Program
) -> None:
    number = prepare(UNVERIFIED)
    path = f"numbers/{number.phone_number_id}"
    assert program.post(f"{path}/request-code", {"code_method": "SMS"}, key="a").status_code == 200

    refused = [program.post(f"{path}/verify-code", {"code": "000000"}, key="b") for _ in range(2)]

    assert [kind_of(answer) for answer in refused] == [(422, "not-done")] * 2
    told, action = refused[0].json(), Action.objects.get(kind=ActionKind.VERIFY_CODE)
    assert told["action"] == action.pk
    assert told["meta"]["fbtrace_id"] == action.fbtrace_id != ""
    assert (told["meta"]["code"], told["meta"]["subcode"]) == (action.code, action.subcode)
    assert posts(practice, number) == ["request_code", "verify_code"]
    assert "000000" not in str([row.details for row in Action.objects.all()])


def test_a_guard_refuses_what_a_page_would_refuse_and_the_key_stays_free(
    practice: Practice, prepare: Callable[..., PhoneNumber], program: Program
) -> None:
    number = prepare(UNVERIFIED)
    path = f"numbers/{number.phone_number_id}/register"

    answer = program.post(path, {}, key="order-17")

    assert kind_of(answer) == (409, "guard")
    assert answer.json()["detail"] == "The number is not verified: request a code and confirm it first."
    assert posts(practice, number) == []
    assert not Action.objects.filter(kind=ActionKind.REGISTER).exists()


def test_deregistering_needs_a_token_for_it_the_last_digits_and_no_second_person(
    practice: Practice, prepare: Callable[..., PhoneNumber], program: Program, settings: Settings
) -> None:
    number = prepare({**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API"})
    path, right = f"numbers/{number.phone_number_id}/deregister", {"last_digits": number.digits[-4:]}
    strong = Program(program.token.person, TokenScope.WORK_ALL)

    assert kind_of(program.post(path, right, key="a")) == (403, "forbidden")
    assert kind_of(strong.post(path, {"last_digits": "0000"}, key="a")) == (422, "invalid")
    settings.TWO_PERSON_APPROVAL = ["deregister"]
    assert kind_of(strong.post(path, right, key="a")) == (409, "second-person")
    settings.TWO_PERSON_APPROVAL = []
    assert posts(practice, number) == []
    assert strong.post(path, right, key="a").status_code == 200
    assert posts(practice, number) == ["deregister"]


def test_who_reads_only_or_sees_nothing_of_it_does_nothing(
    practice: Practice, prepare: Callable[..., PhoneNumber], lead: User
) -> None:
    number = prepare(TO_REGISTER)
    path = f"numbers/{number.phone_number_id}/register"
    otto = make_person("otto", Role.ACCOUNT_MANAGER)

    assert kind_of(Program(lead).post(path, {}, key="a")) == (403, "forbidden")
    assert kind_of(Program(otto, TokenScope.WORK).post(path, {}, key="a")) == (404, "not-found")
    assert kind_of(Program(otto, TokenScope.WORK).post("runs", {"scope": "everything"})) == (403, "forbidden")
    assert posts(practice, number) == []


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("register", {}, ""),
        ("register", {"pim": "123456"}, "a"),
        ("register", {"pin": "12345"}, "a"),
        ("register", {"pin": 123456}, "a"),
        ("request-code", {"code_method": "POST"}, "a"),
        ("display-name", {"new_display_name": "A"}, "a"),
        ("display-name", {"new_display_name": "A\x00B"}, "a"),
    ],
)
def test_a_body_that_can_not_be_understood_is_refused_and_not_repeated(
    practice: Practice, prepare: Callable[..., PhoneNumber], program: Program, path: str, body: object, key: str
) -> None:
    number = prepare(TO_REGISTER)

    answer = program.post(f"numbers/{number.phone_number_id}/{path}", body, key=key)

    assert kind_of(answer) == (422, "invalid")
    assert {error["where"].rpartition(".")[0] for error in answer.json()["errors"]} <= {"body", "header"}
    assert "12345" not in answer.content.decode()
    assert posts(practice, number) == []


def test_a_number_is_added_to_a_waba_once_and_read(practice: Practice, program: Program) -> None:
    practice.already_read()
    waba = practice.wabas()[0]["id"]
    practice.sync(waba)
    path, body = f"wabas/{waba}/numbers", {"phone_number": "+34 912 34 56 78", "verified_name": "Harbor Bakery"}

    answers = [program.post(path, body, key="a") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert Action.objects.filter(kind=ActionKind.ADD_NUMBER).count() == 1
    assert kind_of(program.post(path, {**body, "phone_number": "912"}, key="b")) == (422, "invalid")


def test_a_number_is_read_at_once_and_wabas_when_a_worker_is_free(
    practice: Practice, prepare: Callable[..., PhoneNumber], program: Program
) -> None:
    number = prepare(TO_REGISTER)
    practice.control("PATCH", f"numbers/{number.phone_number_id}", {"set": {"verified_name": "Renamed"}})

    assert program.post(f"numbers/{number.phone_number_id}/refresh", {}).json()["state"] == "succeeded"
    assert program.get(f"numbers/{number.phone_number_id}").json()["verified_name"] == "Renamed"
    run = program.post("runs", {"scope": "waba", "id": number.waba.waba_id}).json()
    assert (run["run"], run["waba_id"]) == (SyncRun.objects.latest("pk").pk, number.waba.waba_id)
    assert program.get(f"runs/{run['run']}").status_code == 200
    assert kind_of(program.post("runs", {"scope": "waba", "id": "1"})) == (404, "not-found")


SHOWN = {**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API"}
EDGE = "whatsapp_business_profile"


def test_of_a_profile_what_differs_from_metas_is_sent_once(
    practice: Practice, prepare: Callable[..., PhoneNumber], program: Program
) -> None:
    there = {"about": "Bread", "email": "hello@harbor.example", "websites": ["https://harbor.example/"]}
    number = prepare({**SHOWN, EDGE: {"data": [{"messaging_product": "whatsapp", **there}]}})
    path, wanted = (
        f"numbers/{number.phone_number_id}/profile",
        {"about": "Bread since 1911", "email": "", "vertical": None},
    )

    first, again = (program.post(path, wanted, key="a") for _ in range(2))

    assert (first.status_code, first.json()["state"]) == (200, "succeeded")
    assert again.json() == first.json()
    assert posts(practice, number) == [EDGE]
    action = Action.objects.get(kind=ActionKind.PROFILE)
    assert action.details["changes"] == {"about": "Bread since 1911", "email": ""}
    assert action.details["before"] == {"about": "Bread", "email": "hello@harbor.example"}
    for wrong, where in (
        ({"about": "Bread since 1911"}, "body"),
        ({"about": ""}, "body.about"),
        ({"email": "nobody"}, "body.email"),
        ({"websites": ["https://harbor.example/", "not one"]}, "body.websites"),
    ):
        answer = program.post(path, wrong, key="b")
        assert kind_of(answer) == (422, "invalid")
        assert [error["where"] for error in answer.json()["errors"]] == [where]
    assert program.post(path, {"websites": []}, key="c").status_code == 200
    assert posts(practice, number) == [EDGE, EDGE]


def test_a_username_is_asked_for_and_given_up(
    practice: Practice, prepare: Callable[..., PhoneNumber], program: Program
) -> None:
    number = prepare({**SHOWN, "username": ""})
    path = f"numbers/{number.phone_number_id}"

    assert kind_of(program.post(f"{path}/drop-username", {}, key="a")) == (409, "guard")
    assert kind_of(program.post(f"{path}/username", {"username": "www.harbor"}, key="b")) == (422, "invalid")
    for _ in range(2):
        assert program.post(f"{path}/username", {"username": "harbor.bakery"}, key="c").status_code == 200
        assert program.post(f"{path}/drop-username", {}, key="d").status_code == 200
    sent = [call["method"] for call in practice.calls(number.phone_number_id) if call["method"] != "GET"]
    assert sent == ["POST", "DELETE"]


def test_nothing_is_changed_of_what_can_not_be_read(
    practice: Practice, prepare: Callable[..., PhoneNumber], program: Program
) -> None:
    number = prepare(SHOWN)
    practice.fault({"status": 503, "body": "no"}, path_contains=EDGE)

    answer = program.post(f"numbers/{number.phone_number_id}/profile", {"about": "Bread"}, key="a")

    assert kind_of(answer) == (409, "unread")
    assert not Action.objects.filter(kind=ActionKind.PROFILE).exists()


def test_settings_are_changed_and_what_is_left_out_stays(prepare: Callable[..., PhoneNumber], program: Program) -> None:
    number = prepare({**SHOWN, "whatsapp_business_manager_messaging_limit": "TIER_10K"})
    path = f"numbers/{number.phone_number_id}"
    week = [{"day_of_week": "MONDAY", "open_time": "0900", "close_time": "1730"}]
    hours = {"status": "ENABLED", "timezone_id": "Europe/Madrid", "weekly_operating_hours": week}

    for _ in range(2):
        answer = program.post(f"{path}/calls", {"status": "ENABLED", "call_hours": hours}, key="a")
        assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")
    assert program.post(f"{path}/calls", {"call_icon_visibility": "DISABLE_ALL"}, key="b").status_code == 200
    assert program.post(f"{path}/identity-check", {"enable_identity_key_check": True}, key="c").status_code == 200

    prompts = {"prompts": ["Open today?"], "commands": [{"command_name": "menu", "command_description": "All: of it"}]}
    assert program.post(f"{path}/automation", prompts, key="f").status_code == 200
    assert program.post(f"{path}/automation", {"prompts": []}, key="g").status_code == 200
    offered = NumberDetails.objects.get().parts["node"]["values"]["conversational_automation"]
    assert offered == {"enable_welcome_message": False, "commands": prompts["commands"]}
    settings = NumberDetails.objects.get().parts["settings"]["values"]
    assert settings["calling"]["status"] == "ENABLED"
    assert settings["calling"]["call_icon_visibility"] == "DISABLE_ALL"
    assert settings["calling"]["call_hours"] == hours
    assert settings["user_identity_change"] == {"enable_identity_key_check": True}
    wrong = program.post(f"{path}/calls", {"call_hours": {**hours, "timezone_id": "Europe/Harbor"}}, key="d")
    assert [error["where"] for error in wrong.json()["errors"]] == ["body.call_hours"]
    assert kind_of(program.post(f"{path}/storage", {"data_localization_region": "DE"}, key="e")) == (409, "guard")


def test_a_callback_needs_a_token_for_it_and_its_secret_is_kept_nowhere(
    practice: Practice, prepare: Callable[..., PhoneNumber], program: Program, lead: User
) -> None:
    number = prepare(SHOWN)
    path, secret = f"numbers/{number.phone_number_id}/number-callback", "verifysentinel-445566"
    wanted = {"callback_url": "https://hooks.client.example/wa", "verify_token": secret}

    assert program.post(path, wanted, key="a").status_code == 403
    may = Program(lead, TokenScope.WORK_ALL)
    assert kind_of(may.post(path, {"callback_url": wanted["callback_url"]}, key="b")) == (422, "invalid")
    assert may.post(path, wanted, key="c").status_code == 200

    number.refresh_from_db()
    assert (number.webhook_configuration or {})["phone_number"] == wanted["callback_url"]
    assert secret not in str(Action.objects.values().get())
