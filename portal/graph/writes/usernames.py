"""The business username of a number: asking for one, changing it, giving it up."""

import re

from portal.graph.http.usage import Meter
from portal.graph.writes.sending import Sending, read_success

_USERNAME = re.compile(r"[A-Za-z0-9._]{1,64}")


class UsernameActions(Sending):
    def set_username(self, phone_number_id: str, *, token: str, username: str, meter: Meter | None = None) -> None:
        """Asks for a username in place of the one that the number has. Meta decides whether and when people see it.

        Source: what providers pass on of it, as docs/graph.md says.
        """
        if not _USERNAME.fullmatch(username):
            raise ValueError("A username is made of letters, digits, periods and underscores.")
        self._send(phone_number_id, "username", _read_accepted, token, meter, body={"username": username})

    def delete_username(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> None:
        """Gives the username up: somebody else may get it.

        Source: as of `set_username`.
        """
        self._send(phone_number_id, "username", read_success, token, meter, method="DELETE")


def _read_accepted(body: object) -> None:
    """Nothing when the answer says that it is done, or names the state of the username; `ShapeError` otherwise."""
    if isinstance(body, dict) and isinstance(body.get("status"), str):
        return
    read_success(body)
