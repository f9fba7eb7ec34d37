"""A real SMTP server on loopback that keeps what it takes, and the steps from a happening to a mail."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from django.utils import timezone

from phones.alerts import announce, digest, find, send
from phones.choices import ChangeKind
from phones.models import PhoneNumber
from tests.factories import make_change
from tests.servers import free_port

MINUTE = datetime.timedelta(minutes=1)


class Mailbox:
    """What came in. `answer`, if set, is what the server says to the body of a mail, after it was kept."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to: list[list[str]] = []
        self.answer: str | Callable[[], str] = "250 OK"
        self.refuses: str = ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - likewise
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.to.append(list(envelope.rcpt_tos))
        if self.answer == "hang up":
            server.transport.close()
            return "421 bye"
        return self.answer if isinstance(self.answer, str) else self.answer()

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]).strip() for mail in self.mails]


@contextmanager
def running_mail_server(**options: Any) -> Iterator[tuple[Mailbox, int]]:
    """A mailbox and its port; `options` are those of the SMTP server."""
    mailbox = Mailbox()
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body(preferencelist=(kind,))
    assert part is not None
    return str(part.get_content())


def turn(number: PhoneNumber, **facts: str) -> None:
    """Have the number turn so just now, as a reading writes it: the facts and their lines of history."""
    for field, value in facts.items():
        make_change(
            number,
            waba=number.waba,
            kind=ChangeKind.FIELD,
            field=field,
            old=getattr(number, field),
            new=value,
            at=timezone.now(),
        )
        setattr(number, field, value)
    number.save()


def watch(now: datetime.datetime | None = None) -> datetime.datetime:
    """Begin to look for alerts, as a portal does at its first start; gives when."""
    now = now or timezone.now()
    find.find(now)
    return now


def send_alerts(now: datetime.datetime | None = None) -> datetime.datetime:
    """What the worker does in the minutes after something happened; gives when it ended."""
    now = now or timezone.now()
    find.find(now)
    later = now + 2 * MINUTE
    announce.announce(later)
    send.send_due(later)
    return later


def send_digests(now: datetime.datetime) -> None:
    digest.make_digests(now)
    send.send_due(now)
