"""Mails about people's own logins. A page writes down that one is wanted; a worker makes its link and sends it, once.

So the page answers as fast for an address that nobody has, and no link stands in a task or a table.
"""

from datetime import timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from clients.choices import AccountMailKind, AccountMailState
from clients.models import AccountMail, User
from clients.signing_in import links
from portal.mail_server import MailRefusedError, MailServer, NotTakenError
from portal.outgoing import AnswerLostError
from portal.waking import hint

log = structlog.get_logger(__name__)

KEEP_FOR = timedelta(days=90)
# A link that comes later than this would surprise more than help.
GIVE_UP_AFTER = timedelta(hours=1)
_NOT_YOU = (
    "If it was you, there is nothing to do. If it was not, tell an administrator at once, and look at where you are "
    "signed in: {desk}/account/"
)
# Subject, what is said before the link, and after it.
_WORDS = {
    AccountMailKind.RESET: (
        "Choose a new password",
        "Somebody asked for a new password for {name}. If it was you, choose it here within an hour. It works once:",
        "If it was not you, do nothing: your password stays as it is.",
    ),
    AccountMailKind.INVITATION: (
        "Your login",
        "You have a login at Numberdesk: {name}. Choose your password here, within seven days; the link works once:",
        "Then sign in at {desk}/login/",
    ),
    AccountMailKind.PASSWORD_CHANGED: ("Your password was changed", "The password of {name} was changed.", _NOT_YOU),
    AccountMailKind.FACTOR_ADDED: ("A second factor was added", "{name} has one more second factor.", _NOT_YOU),
    AccountMailKind.FACTOR_REMOVED: ("A second factor was removed", "{name} has a second factor less.", _NOT_YOU),
    AccountMailKind.RECOVERY_CODES: (
        "New recovery codes were made",
        "{name} has new recovery codes. Those from before are no good any more.",
        _NOT_YOU,
    ),
}


def want(kind: AccountMailKind, person: User | None) -> None:
    """Have a mail sent to `person`; None writes as much and sends nothing."""
    AccountMail.objects.create(kind=kind, person=person)
    hint("phones.tasks.account_mails")


def send_waiting() -> int:
    """Send what waits; gives how many mails were handed over. One that may have been taken is not sent again."""
    sent, server = 0, MailServer()
    try:
        for mail in AccountMail.objects.filter(state=AccountMailState.WAITING).select_related("person")[:100]:
            claimed = AccountMail.objects.filter(pk=mail.pk, state=AccountMailState.WAITING)
            if claimed.update(state=AccountMailState.SENDING):
                sent += _send(mail, server)
    finally:
        server.close()
    return sent


def prune() -> None:
    """Delete what is older than the record goes back."""
    AccountMail.objects.filter(created_at__lt=timezone.now() - KEEP_FOR).delete()


def _send(mail: AccountMail, server: MailServer) -> bool:
    person = mail.person
    if person is None or not person.is_active or not person.email or not settings.SENDS_MAIL:
        return _close(mail, AccountMailState.FAILED, "There is nobody to send it to, or no mail server.")
    if mail.created_at < timezone.now() - GIVE_UP_AFTER:
        return _close(mail, AccountMailState.FAILED, "The mail server took none for an hour.")
    try:
        server.send(_written(mail, person))
    except NotTakenError:
        AccountMail.objects.filter(pk=mail.pk).update(state=AccountMailState.WAITING)
        return False
    except (MailRefusedError, AnswerLostError) as error:
        return _close(mail, AccountMailState.FAILED, str(error))
    return _close(mail, AccountMailState.SENT, "")


def _close(mail: AccountMail, state: AccountMailState, outcome: str) -> bool:
    AccountMail.objects.filter(pk=mail.pk).update(state=state, outcome=outcome[:200])
    if outcome and mail.person is not None:
        log.warning("Not sent.", account_mail=mail.pk, kind=mail.kind, why=outcome)
    return state == AccountMailState.SENT


def _written(mail: AccountMail, person: User) -> EmailMessage:
    kind = AccountMailKind(mail.kind)
    subject, said, then = _WORDS[kind]
    names = {"name": person.username, "desk": settings.PUBLIC_URL}
    context = {
        "said": said.format(**names),
        "link": links.address_for(person, kind) if kind in links.LIFETIMES else "",
        "then": then.format(**names),
    }
    return EmailMessage(
        f"Numberdesk: {subject}",
        render_to_string("account/mail.txt", context),
        to=[person.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
