"""Making, changing and deleting the message links of a number.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/qr-codes
"""

from portal.graph.http.usage import Meter
from portal.graph.reads.message_links import CODE
from portal.graph.writes.sending import Sending, read_success

EDGE = "message_qrdls"
LONGEST_MESSAGE = 140


class MessageLinkActions(Sending):
    """The writer's methods about message links. How long a message may be is Meta's page's word."""

    def make_message_link(
        self, phone_number_id: str, *, token: str, prefilled_message: str, meter: Meter | None = None
    ) -> None:
        """Makes a link. The picture that Meta draws of it is asked for, as its page does, and not used."""
        body = {"prefilled_message": _message(prefilled_message), "generate_qr_image": "SVG"}
        self._send(phone_number_id, EDGE, _read_made, token, meter, body=body)

    def change_message_link(
        self, phone_number_id: str, *, token: str, code: str, prefilled_message: str, meter: Meter | None = None
    ) -> None:
        """Gives the link of that code another message."""
        body = {"prefilled_message": _message(prefilled_message), "code": _checked(code)}
        self._send(phone_number_id, EDGE, _read_made, token, meter, body=body)

    def delete_message_link(self, phone_number_id: str, *, token: str, code: str, meter: Meter | None = None) -> None:
        self._send(phone_number_id, f"{EDGE}/{_checked(code)}", read_success, token, meter, method="DELETE")


def _read_made(body: object) -> None:
    """Nothing when the answer has the link, or says that it is done; `ShapeError` otherwise."""
    if isinstance(body, dict) and isinstance(body.get("code"), str) and body["code"]:
        return
    read_success(body)


def _checked(code: str) -> str:
    if not CODE.fullmatch(code):
        raise ValueError("The code of a message link is letters and digits.")
    return code


def _message(message: str) -> str:
    if not message.strip() or len(message) > LONGEST_MESSAGE:
        raise ValueError(f"A message of a link has 1 to {LONGEST_MESSAGE} characters.")
    return message
