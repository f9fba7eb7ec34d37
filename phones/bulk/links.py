"""Makes the link of an item, and mails it to the client's contact where the run is to: each once.

The item keeps its link and, before the mail is handed over, the address: whoever takes the item up after a worker died
makes no second link and sends no second mail.
"""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from clients import links
from clients.choices import LinkState
from clients.models import Client, SignupLink, User
from phones.bulk import words
from phones.bulk.outcome import DONE, NOT_YOURS, Outcome
from phones.bulk_choices import ItemState
from phones.listing.rows import rows_of
from phones.models import BulkItem, BulkRun, CodeLink, PhoneNumber
from phones.onboarding.codes import code_link_for, needs_code
from phones.onboarding.invitations import AnyLink, address_of, invitation_to
from portal.mail_server import MailRefusedError, MailServer, NotTakenError
from portal.outgoing import AnswerLostError


def make_signup_link(run: BulkRun, item: BulkItem) -> Outcome:
    with transaction.atomic():
        clients = Client.objects.workable_by(run.requested_by).select_for_update(of=("self",))
        client = clients.filter(pk=item.client_id or 0).first()
        if client is None:
            return NOT_YOURS
        link = SignupLink.objects.filter(pk=item.signup_link_id or 0).first()
        if link is None:
            if SignupLink.objects.open().filter(client=client).exists():
                return Outcome(ItemState.SKIPPED, words.OPEN_SIGNUP_LINK)
            link = links.make_signup_link(client=client, actor=run.requested_by, language=client.language)
            _keep(item, signup_link=link)
    return _sent(run, item, link, client)


def make_code_link(run: BulkRun, item: BulkItem, number: PhoneNumber) -> Outcome:
    # The number may be under another client's WABA, and be theirs to work on by a second one that lists it.
    rows = rows_of([number], run.requested_by)
    if not rows:
        return NOT_YOURS
    link = CodeLink.objects.filter(pk=item.code_link_id or 0).first()
    if link is None:
        if not needs_code(number):
            return Outcome(ItemState.SKIPPED, words.NO_CODE_WANTED)
        link = code_link_for(number=number, actor=run.requested_by)
        _keep(item, code_link=link)
    return _sent(run, item, link, rows[0].waba.client)


def _keep(item: BulkItem, **link: AnyLink) -> None:
    BulkItem.objects.filter(pk=item.pk).update(**link)
    for name, row in link.items():
        setattr(item, name, row)


@sensitive_variables()
def _sent(run: BulkRun, item: BulkItem, link: AnyLink, client: Client) -> Outcome:
    """What came of mailing `link`, which is made, to the contact of `client`."""
    email = client.contact_email
    if run.details.get("send") != words.BY_MAIL:
        return DONE
    if not email or not settings.SENDS_MAIL:
        return Outcome(ItemState.DONE, words.NO_MAIL_SERVER if email else words.NO_CONTACT)
    address = address_of(link) if link.state == LinkState.OPEN else ""
    if not address:
        return Outcome(ItemState.FAILED, words.LINK_CLOSED)
    if not BulkItem.objects.filter(pk=item.pk, mail_to="").update(mail_to=email):
        return Outcome(ItemState.UNKNOWN, words.MAYBE_MAILED)
    mail, server = _mail(link, address, email, run.requested_by), MailServer()
    try:
        server.send(mail)
    except (NotTakenError, MailRefusedError) as error:
        BulkItem.objects.filter(pk=item.pk).update(mail_to="")
        return Outcome(ItemState.FAILED, words.NOT_MAILED.format(error))
    except AnswerLostError:
        return Outcome(ItemState.UNKNOWN, words.MAYBE_MAILED)
    finally:
        server.close()
    return DONE


@sensitive_variables()
def _mail(link: AnyLink, address: str, to: str, sender: User) -> EmailMessage:
    """The invitation, which asks for an answer where something is unclear: that goes to the person of the run."""
    invitation = invitation_to(link, address)
    answers = [sender.email] if sender.email else []
    return EmailMessage(" ".join(invitation.subject.split()), invitation.text, to=[to], reply_to=answers)
