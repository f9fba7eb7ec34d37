"""Writes a letter as a mail: text, HTML, and the headers by which a reader unsubscribes with one click (RFC 8058)."""

from email.utils import make_msgid

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from phones.alert_choices import DispatchKind
from phones.alerts import people, unsubscribing
from phones.alerts.letters import Letter
from phones.models import Dispatch


def mail_of(dispatch: Dispatch, letter: Letter) -> EmailMultiAlternatives:
    """The mail to the person of `dispatch`, in their time zone."""
    person = dispatch.person
    if person is None:
        raise ValueError("Only a person gets a mail.")
    kind = DispatchKind.ALERT if dispatch.kind == DispatchKind.TRIAL else dispatch.kind
    end_address = unsubscribing.address_for(person, kind)
    context = {
        "letter": letter,
        "kind": dispatch.kind,
        "page": page_of(dispatch),
        "settings_page": settings.PUBLIC_URL + reverse("phones:mail-settings"),
        "changes_page": settings.PUBLIC_URL + letter.more_path,
        "unsubscribe": end_address,
    }
    with timezone.override(people.zone_for(person)):
        text = render_to_string("mails/mail.txt", context)
        html = render_to_string("mails/mail.html", context)
    mail = EmailMultiAlternatives(
        " ".join(letter.subject.split())[:200],
        text,
        to=[person.email],
        headers={
            "Message-ID": make_msgid(str(dispatch.public_id), domain=settings.PUBLIC_HOST or "localhost"),
            "List-Unsubscribe": f"<{end_address}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def page_of(dispatch: Dispatch) -> str:
    """The whole address of the page that shows `dispatch` to its person."""
    return f"{settings.PUBLIC_URL}{reverse('phones:mail', args=[dispatch.public_id])}"
