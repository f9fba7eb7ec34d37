"""What people, clients and Meta do with a desk in the course of a week, over HTTP, each secret of it planted."""

from __future__ import annotations

import html
import re
import secrets
from urllib.parse import parse_qs, urlsplit

from tests.clients.signing_in.browsers import code_of, link_in
from tests.phones.events.sending import change, delivery, entry, signature
from tests.processes.desk import Desk, confirmed, do, planted_digits
from tests.processes.installation import wait_until
from tests.processes.overheard import Visitor

NINA = {"sub": "1", "preferred_username": "nina", "email": "nina@desk.example", "groups": ["desk-managers"]}
EVERY_ALERT = ["banned", "disconnected", "blocked", "deadline", "token"]


# --- People and their logins ------------------------------------------------------------------------------------------


def people_sign_in(desk: Desk, passwords: dict[str, str]) -> dict[str, Visitor]:
    """Right and wrong passwords, second factors, links to choose a password, single sign-on; who is signed in."""
    sought, someone = desk.sought, desk.visitor()
    someone.get("/login/")
    wrong = sought.plant("wrong password", f"wrong-{secrets.token_hex(9)}")
    someone.post("/login/", username="alice", password=wrong)
    someone.post("/login/", username=passwords["paul"], password=wrong)

    alice = desk.signed_in("alice", passwords["alice"])
    key = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", alice.get("/account/app/"))
    assert key is not None
    secret = sought.plant("secret of an authenticator", key[1])
    alice.post("/account/app/", code=planted_digits(sought, "wrong code of an authenticator"))
    codes = re.findall(r"<code>([0-9]{8})</code>", alice.post("/account/app/", code=code_of(secret)))
    assert len(codes) == 10
    for code in codes:
        sought.plant("recovery code", code)
    alice = desk.signed_in("alice", passwords["alice"], code=codes[0])

    old, new = passwords["paul"], sought.plant("new password", f"new-{secrets.token_hex(9)}")
    paul = desk.signed_in("paul", old)
    paul.post("/account/password/", old_password=wrong, new_password1=new, new_password2=new)
    paul.post("/account/password/", old_password=old, new_password1=new, new_password2=new)
    passwords["paul"] = new

    ada, tess = (desk.signed_in(name, passwords[name]) for name in ("ada", "tess"))
    someone.get("/account/forgotten/")
    someone.post("/account/forgotten/", email="paul@desk.example")
    _choose(desk, link_in(desk.mailed("/account/forgotten/")))
    paul_pk = desk.ask("SELECT id FROM clients_user WHERE username = 'paul'")
    _choose(desk, link_in(ada.post(f"/admin/clients/user/{paul_pk}/invite/")))
    ada.post(f"/admin/clients/user/{paul_pk}/invite/", mail="1")
    sought.plant("link to choose a password", link_in(desk.mailed("/account/invitation/")).split("/")[3])
    _by_single_sign_on(desk)
    return {"alice": alice, "ada": ada, "tess": tess}


def _choose(desk: Desk, link: str) -> None:
    """Open a link to choose a password, type two that differ, and then one; a second browser leaves it open."""
    desk.sought.plant("link to choose a password", link.split("/")[3])
    desk.visitor().get(link)
    chosen = desk.sought.plant("chosen password", f"chosen-{secrets.token_hex(9)}")
    person, form = desk.visitor(), f"/account/{link.split('/')[2]}/choose/"
    person.get(link)
    person.post(form, new_password1=chosen, new_password2=f"{chosen}x")
    person.post(form, new_password1=chosen, new_password2=chosen)


def _by_single_sign_on(desk: Desk) -> None:
    desk.provider.claims = {**NINA, "email_verified": True}
    nina = desk.visitor()
    begun = nina.session.get(f"{desk.address}/account/sso/login/", allow_redirects=False, timeout=30)
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    code = desk.sought.plant("code of the provider", f"sso-code-{secrets.token_hex(9)}")
    nina.get(f"{urlsplit(asked['redirect_uri'][0]).path}?code={code}&state={asked['state'][0]}")
    assert desk.provider.tokens[0]["client_secret"] == [desk.installation.environment["OIDC_CLIENT_SECRET"]]


# --- Numbers ----------------------------------------------------------------------------------------------------------


def numbers_are_worked_on(desk: Desk, people: dict[str, Visitor]) -> None:
    """Lists, files, readings, codes, registrations, PINs, a bulk run."""
    sought, alice, tess = desk.sought, people["alice"], people["tess"]
    for path in ("/", "/phones/", "/phones/?q=49", "/clients/", "/wabas/", "/changes/", "/find/?q=a", "/book/"):
        alice.get(path)
    for path in ("/phones/export.csv?q=1", "/phones/export.xlsx?q=1", "/clients/export.csv?q=a"):
        alice.get(path)

    typed, generated, other = desk.number("typed"), desk.number("generated"), desk.number("code")
    pin = planted_digits(sought, "typed PIN")
    do(alice, typed, "register", source="typed", pin=pin)
    assert desk.at_meta(typed)["pin"] == pin
    do(alice, generated, "register", source="generate")
    sought.plant("generated PIN", desk.at_meta(generated)["pin"])
    do(alice, typed, "pin", source="typed", pin=planted_digits(sought, "PIN that was set"))
    do(alice, typed, "pin", source="typed", pin="12")
    for number in (typed, generated):
        assert desk.at_meta(number)["pin"] in tess.post(f"/phones/{number}/pin/reveal/", reason="The client asks")
    do(alice, other, "request-code", code_method="SMS", language="en_US")
    do(alice, other, "verify-code", code=planted_digits(sought, "wrong one-time code"))
    do(alice, other, "verify-code", code=sought.plant("one-time code", desk.at_meta(other)["code"]))
    digits = str(desk.ask("SELECT digits FROM phones_phonenumber WHERE phone_number_id = %s", generated))
    do(alice, generated, "deregister", last_digits=digits[-4:])
    alice.post(f"/phones/{typed}/refresh/")
    alice.post(f"/phones/{typed}/notes/", text="A note")


def clients_come(desk: Desk, people: dict[str, Visitor]) -> None:
    """Links of all kinds: what clients do behind them, a whole signup included, and codes that they type."""
    sought, alice, number = desk.sought, people["alice"], desk.number("client")
    client = desk.ask(
        "SELECT client_id FROM clients_waba WHERE id ="
        " (SELECT waba_id FROM phones_phonenumber WHERE phone_number_id = %s)",
        number,
    )
    made = [
        alice.post(f"/clients/{client}/signup-links/", language="en", lifetime="7"),
        alice.post(f"/clients/{client}/status-links/", language="en", lifetime="7"),
        alice.post(f"/phones/{number}/code-links/"),
    ]
    paths = [re.findall(r"/signup/(?:code/|status/)?[\w-]{43}/", html.unescape(page))[0] for page in made]
    desk.client_paths = paths
    for path in paths:
        sought.plant("link of a client", path.split("/")[-2])
    signup, status, code = paths
    browser = desk.visitor()
    browser.get(status)
    alice.get(f"/clients/{client}/links/")

    def on_code_page(**form: str) -> str:
        return confirmed(browser, code, code, **form)

    on_code_page(what="ask", code_method="SMS", language="en_US")
    on_code_page(what="type", code=planted_digits(sought, "wrong one-time code of a client"))
    on_code_page(what="type", code=sought.plant("one-time code of a client", desk.at_meta(number)["code"]))

    browser.get(signup)
    state = browser.post_json(f"{signup}begin/")["state"]
    browser.post_json(f"{signup}event/", state=state, started=True)
    ending = desk.installation.practice("POST", "signups", {})
    sought.plant("code of a signup", ending["code"])
    browser.post_json(f"{signup}event/", state=state, message=ending["message"])
    browser.get(browser.post_json(f"{signup}finish/", state=state, code=ending["code"])["next"])
    granted = list(desk.installation.graph.world.grants)
    assert granted, "the signup gave no token"
    for token in granted:
        sought.plant("token of a client’s signup", token)


def the_pool_is_worked_on(desk: Desk, people: dict[str, Visitor]) -> None:
    """A number of the partner’s own is added, and gets its code."""
    tess = people["tess"]
    tess.post("/preverified/read/")
    confirmed(tess, "/preverified/add/", "/preverified/add/", phone_number="+44 7700 900999")
    # By its digits: reading the pool may bring others at the same time.
    desk.wait_for("SELECT count(*) = 1 FROM phones_preverifiednumber WHERE digits = '447700900999'")
    row = str(desk.ask("SELECT preverified_id FROM phones_preverifiednumber WHERE digits = '447700900999'"))

    def do_to_it(kind: str, **form: str) -> None:
        confirmed(tess, f"/preverified/{row}/confirm/{kind}/", f"/preverified/{row}/{kind}/", **form)

    do_to_it("request-code", code_method="SMS", language="en_US")
    do_to_it("verify-code", code=planted_digits(desk.sought, "wrong code of the pool"))
    known = desk.installation.practice("GET", f"preverified/{row}")["code"]
    do_to_it("verify-code", code=desk.sought.plant("code of the pool", known))


def the_desk_is_run(desk: Desk, people: dict[str, Visitor]) -> None:
    """Events and their callback, tokens, channels, mails, a bulk run, the admin, the audit log, a handover."""
    sought, tess, ada, alice = desk.sought, people["tess"], people["ada"], people["alice"]
    world = desk.installation.graph.world
    waba = next(one for one in world.wabas.values() if one.relation == "client")
    confirmed(tess, "/events/callback/", "/events/callback/")
    confirmed(alice, f"/wabas/{waba.id}/events/subscribe/", f"/wabas/{waba.id}/events/subscribe/")
    body = delivery(entry(waba.id, change("account_settings_update", {"n": 1})))
    secret = desk.installation.graph.credentials.app_secret
    assert [_deliver(desk, body, by) for by in (secret, "wrong")] == [200, 403]
    tess.get("/events/")

    token = sought.plant("token of a client", world.token_of(waba))
    client = desk.ask("SELECT client_id FROM clients_waba WHERE waba_id = %s", waba.id)
    alice.post(f"/clients/{client}/connect/", waba_id=waba.id, token=token)
    wrong = sought.plant("token that Meta refuses", f"EAA{secrets.token_hex(20)}")
    alice.post(f"/clients/{client}/connect/", waba_id=waba.id, token=wrong)
    alice.post(
        f"/clients/{client}/connect/", waba_id=waba.id, token=sought.plant("text for a token", f"no token {wrong}")
    )
    ada.post("/admin/clients/credential/add/", label="Another", kind="business", business_id="", new_token=wrong)
    ada.post("/admin/clients/credential/add/", label="Third", kind="business", new_token=f"not a token {wrong}")
    tess.get("/tokens/")

    path = sought.plant("address of a channel", f"hook-{secrets.token_hex(12)}")
    form = {
        "name": "Team",
        "kind": "webhook",
        "address": f"http://127.0.0.1:{desk.receiver.port}/{path}",
        "secret": sought.plant("secret of a channel", f"signing-{secrets.token_hex(12)}"),
        "scope": "all",
        "alerts": EVERY_ALERT,
    }
    tess.post("/channels/", **{**form, "alerts": []})
    tess.post("/channels/", **form)
    tess.get("/channels/")
    tess.post("/channels/1/trial/")
    wait_until(lambda: bool(desk.receiver.posts), desk.installation.log)
    ada.post("/account/mails/trial/")
    link = re.search(r"/mails/unsubscribe/([^/\s>]+)/", desk.mailed("/mails/unsubscribe/"))
    assert link is not None
    sought.plant("link to unsubscribe", link[1])
    someone = desk.visitor()
    someone.get(link[0])
    someone.post(link[0])

    many = desk.ask("SELECT id FROM phones_phonenumber WHERE verified_name = 'many'")
    page = tess.post("/bulk/plan/", kind="register", ids=[many])
    run = desk.ask("SELECT max(id) FROM phones_bulkrun")
    assert f"/bulk/{run}/" in page
    tess.post(f"/bulk/{run}/start/", typed_count="1")
    finished = "SELECT state = 'finished' FROM phones_bulkrun WHERE id = %s"
    desk.wait_for(finished, run)
    sought.plant("PIN of a bulk run", desk.at_meta(desk.number("many"))["pin"])
    tess.get(f"/bulk/{run}/results.csv")
    mailed = desk.ask("SELECT id FROM phones_phonenumber WHERE verified_name = 'mailed'")
    tess.post("/bulk/plan/", kind="code-link", ids=[mailed])
    run = desk.ask("SELECT max(id) FROM phones_bulkrun")
    tess.post(f"/bulk/{run}/start/", 200, typed_count="1", send="mail")
    link = re.search(r"/signup/code/([\w-]{43})/", desk.mailed("/signup/code/"))
    assert link is not None
    sought.plant("link of a client", link[1])

    token = desk.installation.environment["METRICS_TOKEN"]
    assert [_metrics(desk, given) for given in (token, f"{token}x")] == [200, 401]
    ada.get("/operations/")
    for table in ("user", "credential", "signuplink", "accountmail", "passwordattempt"):
        ada.get(f"/admin/clients/{table}/")
    for table in ("pin", "pinreveal", "action", "event", "channel", "phonenumber", "dispatch", "codelink"):
        ada.get(f"/admin/phones/{table}/")
    for path in ("/admin/clients/credential/1/change/", "/admin/phones/channel/1/change/", "/audit/"):
        ada.get(path)
    for path in ("/audit/export.csv", "/events/export.csv", "/signup/export.csv", "/audit/export.xlsx"):
        ada.get(path)
    # Last: what it reads anew would make pages of confirmation stale that are open.
    tess.post("/syncs/start/", scope="everything")
    giver, taker = (desk.ask("SELECT id FROM clients_user WHERE username = %s", name) for name in ("alice", "paul"))
    shown = tess.get(f"/handover/?giver={giver}&taker={taker}")
    seen = re.search(r'name="seen" value="(\w+)"', shown)
    assert seen is not None
    tess.post("/handover/", 200, giver=giver, taker=taker, seen=seen[1], links="keep")
    assert desk.ask("SELECT count(*) FROM clients_client WHERE owner_id = %s", giver) == 0


def _deliver(desk: Desk, body: bytes, secret: str) -> int:
    meta = desk.visitor()
    signed = {"X-Hub-Signature-256": signature(body, secret)}
    return meta.session.post(f"{desk.address}/webhooks/meta/", body, headers=signed, timeout=20).status_code


def _metrics(desk: Desk, token: str) -> int:
    asked = {"Authorization": f"Bearer {token}"}
    return desk.visitor().session.get(f"{desk.address}/metrics", headers=asked, timeout=20).status_code
