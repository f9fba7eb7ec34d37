"""Meta's refusals of actions on a number: which error each stands for, and what it carries."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from portal.graph import BadRequest, GraphError, Meter, PermissionMissing, Throttled
from portal.graph.calls import Call
from portal.graph.errors import Transient
from portal.graph.errors.number_actions import (
    AlreadyUnregistered,
    CallbackRefused,
    CallingNotOffered,
    CallingNotReady,
    CertificateError,
    CodeRejected,
    CodeRequestFailed,
    CoexistenceRefused,
    DeregistrationIncomplete,
    GenericRegistrationFailure,
    NotRegistered,
    NotVerified,
    NumberAction,
    NumberNotAdded,
    PinGuessesExceeded,
    PinMismatch,
    PinTooFast,
    RecentlyDeleted,
    RegistrationLimit,
    ServerUnavailable,
)
from portal.graph.errors.redaction import Redactor
from portal.graph.errors.verdicts import stated_wait, verdict
from portal.graph.writes import GraphWriter
from tests.portal.graph.conftest import MakeWriter
from tests.portal.graph.writes.actions import ACTIONS, NUMBER_ID, PIN, TOKEN
from tests.scripted_graph import ScriptedGraph, graph_error

REFUSALS: list[tuple[str, int, int | None, type[GraphError], str, bool]] = [
    ("register", 133000, None, DeregistrationIncomplete, "deregistration_incomplete", True),
    ("deregister", 133000, None, DeregistrationIncomplete, "deregistration_incomplete", True),
    ("register", 133004, None, ServerUnavailable, "server_unavailable", True),
    ("register", 133005, None, PinMismatch, "pin_mismatch", False),
    ("set_pin", 133005, None, PinMismatch, "pin_mismatch", False),
    ("register", 133006, None, NotVerified, "not_verified", False),
    ("register", 133008, None, PinGuessesExceeded, "pin_guesses_exceeded", False),
    ("register", 133009, None, PinTooFast, "pin_too_fast", False),
    ("deregister", 133010, None, NotRegistered, "not_registered", False),
    ("register", 133015, None, RecentlyDeleted, "recently_deleted", False),
    ("register", 133016, None, RegistrationLimit, "registration_limit", False),
    ("deregister", 133016, None, RegistrationLimit, "registration_limit", False),
    ("register", 131045, None, CertificateError, "certificate_error", False),
    ("register", 100, 2388001, CertificateError, "certificate_error", False),
    *(
        ("request_code", 136024, subcode, CodeRequestFailed, "code_request_failed", False)
        for subcode in (None, 2388091, 2388367, 2494158)
    ),
    ("verify_code", 136025, None, CodeRejected, "code_rejected", False),
    ("verify_code", 136025, 2388093, CodeRejected, "code_rejected", False),
    ("register", 136025, None, CoexistenceRefused, "coexistence_refused", False),
    ("add_phone_number", 200000, None, NumberNotAdded, "number_not_added", False),
    ("add_phone_number", 200000, 3095008, NumberNotAdded, "number_not_added", False),
    ("add_phone_number", 200, 1349175, NumberNotAdded, "number_not_added", False),
    ("change_call_settings", 138015, 2593145, CallingNotOffered, "calling_not_offered", False),
    ("change_call_settings", 138018, None, CallingNotReady, "calling_not_ready", False),
    ("override_of_number", 2200, None, CallbackRefused, "callback_refused", False),
    ("register", 135000, None, GenericRegistrationFailure, "generic_registration_failure", False),
    ("deregister", 100, 2207051, AlreadyUnregistered, "already_unregistered", False),
]


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(("name", "code", "subcode", "kind", "key", "effect"), REFUSALS)
def test_each_refusal_is_an_error_of_its_own_sent_for_once(
    graph: ScriptedGraph,
    make_writer: MakeWriter,
    name: str,
    code: int,
    subcode: int | None,
    kind: type[GraphError],
    key: str,
    effect: bool,
    status: int,
) -> None:
    graph.script(graph_error(code, subcode=subcode, status=status, is_transient=True))

    with pytest.raises(GraphError) as caught:
        ACTIONS[name](make_writer(retries=5), Meter())

    error = caught.value
    assert (type(error), error.kind, error.effect_possible) == (kind, key, effect)
    assert (error.code, error.subcode, error.http_status, error.retry_after) == (code, subcode, status, None)
    assert isinstance(error, NumberAction | Throttled | Transient)
    assert len(graph.requests) == 1


def refused(edge: str, code: int, subcode: int | None = None, said: Mapping[str, object] | None = None) -> GraphError:
    envelope = {"message": "no", "code": code, "error_subcode": subcode, **(said or {})}
    return verdict(envelope, Call(f"/v25.0/{NUMBER_ID}{edge}", method="POST"), 400, None, Redactor([]))


def test_the_registration_limit_is_a_throttling_of_the_number() -> None:
    error = refused("/register", 133016)

    assert isinstance(error, RegistrationLimit)
    assert error.scope == "number"


def test_a_permission_is_not_a_number_that_could_not_be_added() -> None:
    assert type(refused("/register", 200, 1349175)) is PermissionMissing
    assert type(refused("/phone_numbers", 200, 1349174)) is PermissionMissing
    assert type(refused("/phone_numbers", 200)) is PermissionMissing


@pytest.mark.parametrize("code", [100, 136025])
@pytest.mark.parametrize("edge", ["/register", "/deregister", "/request_code", "/verify_code"])
@pytest.mark.parametrize(
    "said",
    [
        {"message": "(#100) Register endpoint is not available for SMB businesses."},
        {"message": "no", "error_data": {"details": "Für SMB-Unternehmen nicht verfügbar"}},
        {"message": "no", "error_data": '{"details": "SMB"}'},
    ],
    ids=["message", "details", "details as text"],
)
def test_a_number_of_the_business_app_is_known_by_metas_word_for_it(
    edge: str, code: int, said: dict[str, object]
) -> None:
    assert type(refused(edge, code, said=said)) is CoexistenceRefused


@pytest.mark.parametrize("edge", ["", "/phone_numbers"])
def test_a_name_of_ours_that_meta_quotes_is_not_its_word(edge: str) -> None:
    assert type(refused(edge, 100, said={"message": "(#100) SMB Bakery is not a valid name"})) is BadRequest


@pytest.mark.parametrize(
    "said",
    [
        {"message": "(#100) Missing Permission"},
        {"message": "(#100) The endpoint is not available"},
        {"message": "(#100) The smb share", "error_user_msg": "SMB"},
        {"message": "(#100) SMBs"},
    ],
    ids=repr,
)
def test_what_cannot_be_told_apart_stays_a_bad_request(said: dict[str, object]) -> None:
    assert type(refused("/register", 100, said=said)) is BadRequest


@pytest.mark.parametrize("code", [131045, 133004, 133005, 133010, 133016, 135000, 136024, 136025, 200000])
def test_a_read_never_meets_a_refusal_of_an_action(code: int) -> None:
    error = verdict({"message": "no", "code": code}, Call("/v25.0/1"), 400, None, Redactor([]))

    assert error.kind in {"unknown", "transient", "throttled"}


def test_a_refusal_carries_what_meta_said(graph: ScriptedGraph, writer: GraphWriter) -> None:
    graph.script(
        graph_error(
            133008,
            message="(#133008) Too many guesses",
            error_data={"messaging_product": "whatsapp", "details": "Try again in 90 minutes."},
            error_user_title="Zu viele Versuche",
            error_user_msg="Bitte warten.",
            fbtrace_id="AbCdEf123",
            headers={"X-Business-Use-Case-Usage": '{"1": [{"estimated_time_to_regain_access": 5}]}'},
        )
    )

    with pytest.raises(PinGuessesExceeded) as caught:
        writer.register(NUMBER_ID, token=TOKEN, pin=PIN)

    error = caught.value
    assert error.retry_after == timedelta(minutes=90)
    assert (error.user_title, error.user_message) == ("Zu viele Versuche", "Bitte warten.")
    assert str(error) == (
        f"pin_guesses_exceeded (code 133008, HTTP 400, POST /v25.0/{NUMBER_ID}/register, trace AbCdEf123): "
        "(#133008) Too many guesses"
    )


def test_the_quotas_wait_is_not_the_numbers(graph: ScriptedGraph, writer: GraphWriter) -> None:
    headers = {"X-Business-Use-Case-Usage": f'{{"{NUMBER_ID}": [{{"estimated_time_to_regain_access": 5}}]}}'}
    graph.script(graph_error(133016, headers=headers), graph_error(80008, headers=headers))
    found = []
    for _ in range(2):
        with pytest.raises(Throttled) as caught:
            writer.deregister(NUMBER_ID, token=TOKEN)
        found.append((caught.value.scope, caught.value.retry_after))

    assert found == [("number", None), ("waba", timedelta(minutes=5))]


@pytest.mark.parametrize(
    ("details", "seconds"),
    [
        ("Try again in 5 minutes", 300),
        ("Please wait 3600 seconds before trying again.", 3600),
        ("retry after 72 hours", 72 * 3600),
        ("Too many guesses. Wait for 1 hour", 3600),
        ("You can try again after approximately 30 second", 30),
        ("WAIT AT LEAST 10 MINUTES", 600),
        ("", None),
        ("Wait an hour", None),
        ("Wait a few minutes", None),
        ("Wait 5", None),
        ("Wait 0 minutes", None),
        ("Wait 169 hours", None),
        ("Wait 9999999999 seconds", None),
        ("Wait 1.5 hours", None),
        ("Wait 1,000 seconds", None),
        ("Wait -5 minutes", None),
        ("Wait 5-10 minutes", None),
        ("Wait 5 to 10 minutes", None),
        ("Wait 1 hour and 30 minutes", None),
        ("Wait 5 minutesish", None),
        ("Wait 2 days", None),
        ("Wait ٥ minutes", None),
        ("The limit is 10 requests in 72 hours", None),
        ("You guessed 30 seconds after the last time", None),
        ("Do not wait. The limit is 5 minutes", None),
        ("Espere 5 minutos", None),
        ("Wait " * 90 + "5", None),
    ],
)
def test_a_wait_is_taken_from_plain_words_only(details: str, seconds: int | None) -> None:
    assert stated_wait(details) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_wait_is_looked_for_quickly_in_hostile_text() -> None:
    for piece in ("wait ", "again 1 ", "5 minutes", "1 ", "retry wait", "9"):
        stated_wait(piece * (500 // len(piece)))
