"""A running portal with what is around it, and how people act on it: each page that asks is opened and confirmed."""

from __future__ import annotations

import html
import re
import secrets
from typing import Any

from phones.actions.send_once import STALE
from tests.clients.signing_in.provider import Provider
from tests.phones.alerts.mailbox import Mailbox, text_of
from tests.processes.installation import Installation, wait_until
from tests.processes.overheard import Answered, Receiver, Visitor
from tests.processes.sentinels import Sentinels


class Desk:
    """A running portal, what is around it, and what is sought in all that they say."""

    def __init__(
        self, installation: Installation, sought: Sentinels, mailbox: Mailbox, receiver: Receiver, provider: Provider
    ) -> None:
        self.installation, self.sought = installation, sought
        self.mailbox, self.receiver, self.provider = mailbox, receiver, provider
        self.address = installation.environment["PUBLIC_URL"]
        self.answered: list[Answered] = []
        self.client_paths: list[str] = []

    def visitor(self) -> Visitor:
        return Visitor(self.address, self.answered)

    def signed_in(self, name: str, password: str, **code: str) -> Visitor:
        """A new browser in which this person has signed in; `code` where they have a second factor."""
        visitor = self.visitor()
        visitor.get("/login/")
        visitor.post("/login/", username=name, password=password)
        if code:
            visitor.post("/account/code/", **code)
        visitor.get("/account/")
        self.sought.plant("session", str(visitor.session.cookies["session"]))
        return visitor

    def number(self, kind: str) -> str:
        """The id of a number that was added to be used like this."""
        return str(self.ask("SELECT phone_number_id FROM phones_phonenumber WHERE verified_name = %s", kind))

    def ask(self, question: str, *values: object) -> object:
        return self.installation.ask(question, *values)

    def at_meta(self, number: str) -> Any:
        """The number as Meta has it, once nothing is under way with it any more."""
        self.wait_for(
            "SELECT count(*) = 0 FROM phones_action JOIN phones_phonenumber ON phones_phonenumber.id = number_id"
            " WHERE closed_at IS NULL AND phone_number_id = %s",
            number,
        )
        return self.installation.practice("GET", f"numbers/{number}")

    def wait_for(self, question: str, *values: object) -> None:
        """Wait until this statement of SQL gives true."""
        wait_until(lambda: self.ask(question, *values) is True, lambda: f"{question}\n{self.installation.log()}")

    def wait_for_mails_and_syncs(self) -> None:
        """Wait until none is under way that was asked for: what is broken next meets none of them."""
        self.wait_for(
            "SELECT count(*) = 0 FROM phones_dispatch WHERE kind = 'trial' AND state IN ('waiting', 'sending')"
        )
        self.wait_for("SELECT count(*) = 0 FROM clients_accountmail WHERE state IN ('waiting', 'sending')")
        self.wait_for("SELECT count(*) = 0 FROM clients_syncrun WHERE state IN ('waiting', 'running')")

    def plant_pins_at_meta(self) -> None:
        """Look for the PINs, too, that the desk made by itself: behind a code link and after a signup."""
        world = self.installation.graph.world
        states = list(world.hidden_states.values())
        made = {state.pin for state in states if state.pin_is_known and state.pin} - self.sought.planted.keys()
        assert made, "the desk registered nothing by itself"
        for pin in made:
            self.sought.plant("PIN of the desk’s own", pin)

    def mailed(self, words: str) -> str:
        """The text of the mail to somebody in which these words stand, once it is there."""

        def found() -> list[str]:
            return [text for mail in self.mailbox.mails if words in (text := f"{mail['Subject']}\n{text_of(mail)}")]

        wait_until(lambda: bool(found()), self.installation.log)
        return found()[-1]


def confirmed(visitor: Visitor, page: str, act: str, **form: Any) -> str:
    """Open a page that asks, and confirm it; what that leads to. Again where a reading made the page out of date."""
    for _ in range(20):
        token = re.search(r'name="confirmation" value="([^"]+)"', visitor.get(page))
        assert token is not None, page
        answer = visitor.post(act, confirmation=token[1], **form)
        if STALE not in html.unescape(answer):
            return answer
    raise AssertionError(f"{page} is out of date whenever it is sent")


def do(visitor: Visitor, number: str, kind: str, **form: Any) -> str:
    """Something done to a number at Meta."""
    return confirmed(visitor, f"/phones/{number}/confirm/{kind}/", f"/phones/{number}/{kind}/", **form)


def planted_digits(sought: Sentinels, what: str) -> str:
    return sought.plant(what, f"{secrets.randbelow(900_000) + 100_000}")
