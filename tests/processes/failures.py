"""What fails around a desk, each failure with a secret in what it says, and what people do meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import redis

from portal.local.secrets import new_encryption_key
from tests.processes.desk import Desk, do, planted_digits
from tests.processes.installation import stopped_afterwards, wait_until
from tests.processes.overheard import Visitor

# A missing permission, a wrong call, too many calls (of the app, of a WABA), a bad moment of Meta's, a policy; a dead
# token comes last. Of actions also a wrong PIN, a number that is not there, and a failure that leaves doubt.
OF_READINGS = [10, 100, 4, 80008, 2, 368, 102, 190]
OF_ACTIONS = [100, 133005, 10, 80008, 368, 133010, 131000]


def meta_fails(desk: Desk, people: dict[str, Visitor]) -> None:
    """Meta refuses, breaks off and is silent; what it says repeats all that a call has of secrets."""
    installation, tess = desk.installation, people["tess"]
    desk.wait_for_mails_and_syncs()
    known, number = installation.graph.credentials, desk.number("refused")
    pin = planted_digits(desk.sought, "PIN that Meta repeats")
    said = f"No: {known.system_user_token}, {known.app_id}|{known.app_secret}"

    def fault(answer: dict[str, object], **match: str) -> None:
        installation.practice("POST", "faults", {"match": match, "times": 1, "answer": answer})

    def refusal(code: int, words: str = said) -> dict[str, object]:
        texts = {"message": words, "error_user_msg": words, "error_user_title": words[:60]}
        return {"graph_error": {"code": code, **texts, "error_data": {"details": words}}}

    with ThreadPoolExecutor(1) as waiting:
        fault({"hold": True}, path_contains=f"/{desk.number('lost')}/", method="POST")
        lost = planted_digits(desk.sought, "PIN without an answer")
        silent = waiting.submit(do, tess, desk.number("lost"), "register", source="typed", pin=lost)
        for code in OF_ACTIONS:
            fault(refusal(code, f"{said}, pin {pin}"), path_contains=f"/{number}/register")
            do(tess, number, "register", source="typed", pin=pin)
        broken: list[dict[str, object]] = [{"close": True}, {"status": 500, "body": said}, {"body": said}]
        for answer in (*map(refusal, OF_READINGS[:2]), *broken):
            fault(answer, path_contains="phone_numbers")
        tess.post("/syncs/start/", scope="everything")
        desk.wait_for("SELECT count(*) > 0 FROM clients_syncfailure")
        silent.result()
    installation.practice("POST", "release")
    installation.practice("DELETE", "faults")
    for code in OF_READINGS:
        fault(refusal(code), path_contains=number)
        tess.post(f"/phones/{number}/refresh/")


def what_failed_is_looked_at(desk: Desk, people: dict[str, Visitor]) -> None:
    ada, number = people["ada"], desk.number("refused")
    for path in (
        "/",
        "/syncs/",
        "/tokens/",
        "/wabas/",
        f"/phones/{number}/",
        "/admin/clients/syncfailure/",
        "/channels/",
    ):
        ada.get(path)
    run = desk.ask("SELECT run_id FROM clients_syncfailure ORDER BY id DESC")
    action = desk.ask(
        "SELECT id FROM phones_action WHERE state = 'failed' AND number_id ="
        " (SELECT id FROM phones_phonenumber WHERE phone_number_id = %s) ORDER BY id DESC",
        number,
    )
    for path in (f"/syncs/{run}/", "/syncs/export.csv", f"/phones/{number}/support/{action}/", "/audit/export.csv"):
        ada.get(path)


def mails_and_posts_fail(desk: Desk, people: dict[str, Visitor]) -> None:
    """The mail server refuses, and repeats the password that it got; the receiver of posts repeats its address."""
    desk.wait_for_mails_and_syncs()
    desk.mailbox.refuses = f"550 5.7.1 {desk.installation.environment['EMAIL_URL']}"
    desk.receiver.status = 500
    people["tess"].post("/account/mails/trial/")
    people["tess"].post("/channels/1/trial/")
    someone = desk.visitor()
    someone.get("/account/forgotten/")
    someone.post("/account/forgotten/", email="tess@desk.example")
    desk.wait_for("SELECT count(*) = 2 FROM phones_dispatch WHERE kind = 'trial' AND state = 'failed'")
    desk.wait_for("SELECT count(*) = 1 FROM clients_accountmail WHERE state = 'failed'")
    people["tess"].get("/channels/")
    people["tess"].get("/account/mails/")
    desk.mailbox.refuses, desk.receiver.status = "", 200


def pages_break(desk: Desk, people: dict[str, Visitor], passwords: dict[str, str]) -> None:
    """A table is away while a password, a token, a PIN and a code are on their way: pages answer 500."""
    tess, number, someone = people["tess"], desk.number("refused"), desk.visitor()
    pin, code = (planted_digits(desk.sought, f"{what} in a page that breaks") for what in ("PIN", "code"))
    token = desk.sought.plant("token in a page that breaks", f"EAA{pin}{code}aBcDeFgH")
    someone.get("/login/")
    with _without(desk, "clients_user"):
        someone.post("/login/", 500, username="tess", password=passwords["tess"])
        someone.post("/login/", 500, username=passwords["tess"], password=passwords["tess"])
    with _without(desk, "phones_action"):
        tess.post(f"/phones/{number}/register/", 500, source="typed", pin=pin)
        tess.post(f"/phones/{number}/verify-code/", 500, code=code)
    client = desk.ask("SELECT min(id) FROM clients_client")
    with _without(desk, "clients_waba"):
        tess.post(f"/clients/{client}/connect/", 500, waba_id="1", token=token)
        tess.get(desk.client_paths[2], 500)
    with _without(desk, "clients_credential"):
        people["ada"].post("/admin/clients/credential/add/", 500, label="A", kind="business", new_token=token)


@contextlib.contextmanager
def _without(desk: Desk, table: str) -> Iterator[None]:
    desk.installation.tell(f"ALTER TABLE {table} RENAME TO away")
    try:
        yield
    finally:
        desk.installation.tell(f"ALTER TABLE away RENAME TO {table}")


def keys_are_wrong(desk: Desk, people: dict[str, Visitor]) -> None:
    """What was sealed for another row does not open, and with another key no process starts."""
    desk.installation.tell(
        "UPDATE clients_credential SET token_sealed = (SELECT max(token_sealed) FROM clients_credential)"
    )
    people["tess"].post(f"/phones/{desk.number('refused')}/refresh/")
    people["tess"].get("/tokens/")
    other = desk.sought.plant("another key", new_encryption_key())
    known = desk.installation.environment["TOKEN_ENCRYPTION_KEYS"]
    desk.installation.environment |= {"TOKEN_ENCRYPTION_KEYS": other, "BIND": "127.0.0.1:0"}
    with stopped_afterwards(desk.installation.start_web()):
        wait_until(lambda: "(numberdesk.E008)" in desk.installation.log(), desk.installation.log)
    desk.installation.environment["TOKEN_ENCRYPTION_KEYS"] = known


def redis_goes_away(desk: Desk, people: dict[str, Visitor], passwords: dict[str, str]) -> None:
    with (
        redis.Redis.from_url(desk.installation.environment["REDIS_URL"]) as client,
        contextlib.suppress(redis.ConnectionError),
    ):
        client.shutdown(nosave=True)
    someone = desk.visitor()
    someone.get("/login/")
    someone.post("/login/", username="tess", password=passwords["tess"])
    people["tess"].post(f"/phones/{desk.number('refused')}/refresh/")
    someone.get("/readyz", 503)
    wait_until(lambda: "The broker can't be used" in desk.installation.log(), desk.installation.log)
