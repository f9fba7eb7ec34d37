"""Hands mails to the mail server, and tells what was certainly not taken from what may have been.

Whoever sends a mail once writes down that they do before they call this, and does not call it again where the answer
was lost.
"""

import smtplib

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from portal.outgoing import AnswerLostError


class NotTakenError(Exception):
    """The server took nothing, and may later; the text says why."""


class MailRefusedError(Exception):
    """The server refused it for good; the text says what."""


class MailServer:
    """One connection for many mails. Opening it is told apart from sending: before that nothing has left."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self._refused = ""

    def send(self, mail: EmailMessage) -> None:
        """Raises NotTakenError, MailRefusedError, and AnswerLostError where it may have been taken."""
        mail.connection = self._open()
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            self.close()
            said = next(iter(error.recipients.values()), (0, b""))
            raise _refusal("address", said[0]) from error
        except smtplib.SMTPResponseException as error:
            self.close()
            raise _refusal("mail", error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise AnswerLostError("The connection to the mail server broke.") from error

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> BaseEmailBackend:
        if self._refused:
            raise NotTakenError(self._refused)
        if self._connection is None:
            connection = get_connection()
            try:
                connection.open()
            except (smtplib.SMTPException, OSError) as error:
                # The others of this run would only wait for the same.
                self._refused = f"The mail server can’t be reached ({type(error).__name__})."
                raise NotTakenError(self._refused) from error
            self._connection = connection
        return self._connection


def _refusal(what: str, code: int) -> Exception:
    """A refusal for good (500 and above), or one that may pass."""
    text = f"The mail server refused the {what} ({code})."
    return MailRefusedError(text) if code >= 500 else NotTakenError(text)
