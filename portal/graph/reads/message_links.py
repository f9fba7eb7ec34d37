"""Message links of a number: short links, also as QR codes, that open a chat with a message filled in."""

import re
from dataclasses import dataclass

from portal.graph.http.usage import Meter
from portal.graph.payloads import OddError, ShapeError, text
from portal.graph.reads.asking import Asking
from portal.graph.reads.fields import FieldSet

_LONGEST = 2_048
# As Meta's page has it, and as the desk's own addresses and the writer take it.
CODE = re.compile(r"[A-Za-z0-9]{1,64}")
MESSAGE_LINK = FieldSet("message_link", core={"code": text, "prefilled_message": text, "deep_link_url": text})


@dataclass(frozen=True, slots=True)
class MessageLinkReading:
    """One link; `code` is how Meta calls it, `address` what people open."""

    code: str
    message: str
    address: str


def read_message_link(raw: object, _asked: frozenset[str]) -> MessageLinkReading:
    """One link from Graph's object for it. Raises `ShapeError` where it has no code that can be worked with."""
    found = raw if isinstance(raw, dict) else {}
    try:
        told = [text(found.get(name) or "", _LONGEST) for name in MESSAGE_LINK.core]
    except OddError:
        raise ShapeError("a text was expected in a message link") from None
    if not CODE.fullmatch(told[0]):
        raise ShapeError("a message link came without a code of letters and digits")
    return MessageLinkReading(*told)


class MessageLinks(Asking):
    def message_links(
        self, phone_number_id: str, *, token: str, meter: Meter | None = None
    ) -> list[MessageLinkReading]:
        """All links of a number. Whole, or an error.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/qr-codes
        """
        pages = self._walk(phone_number_id, "message_qrdls", MESSAGE_LINK, read_message_link, token, meter)
        return self._whole(pages, lambda link: link.code)[0]
