"""The ready message with which a client gets a link, in the client's language: for the clipboard, WhatsApp and mail."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from clients import links
from clients.models import Client, SignupLink, StatusLink
from phones.models import CodeLink
from phones.onboarding.client_times import moment
from portal.crypto import SecretUnreadableError

AnyLink = SignupLink | StatusLink | CodeLink
# The route that a link of each kind opens.
_ROUTES: dict[type[AnyLink], str] = {
    SignupLink: "signup:page",
    StatusLink: "signup:status",
    CodeLink: "signup:code",
}
_ISOLATED = "\u2066{}\u2069"  # left to right, whatever the sentence around it


@dataclass(frozen=True, slots=True)
class Invitation:
    """A message to the client. It holds the link's secret: for the page of who may send it, and nowhere else."""

    subject: str
    text: str
    language: str

    @property
    def language_name(self) -> str:
        return dict(settings.LANGUAGES)[self.language]

    @property
    def whatsapp(self) -> str:
        """An address that opens WhatsApp with the text, to be sent to a chat that the person chooses."""
        return f"https://wa.me/?{urlencode({'text': self.text}, quote_via=quote)}"

    @property
    def mail(self) -> str:
        """An address that opens the person's own mail program. Lines end as the standard for mailto: asks."""
        body = self.text.replace("\n", "\r\n")
        return f"mailto:?{urlencode({'subject': self.subject, 'body': body}, quote_via=quote)}"


def address_of(link: AnyLink) -> str:
    """The address to send to the client; empty when its secret can't be read any more."""
    try:
        token = links.token_of(link)
    except SecretUnreadableError:
        return ""
    return f"{settings.PUBLIC_URL}{reverse(_ROUTES[type(link)], args=[token])}"


def invitation_to(link: AnyLink, address: str) -> Invitation:
    """The message that brings `link`, whose whole address is `address`."""
    language = language_of(link)
    with translation.override(language):
        subject, sentence = _words(link)
        until = _("The link is meant for you alone and works until %(moment)s.") % {"moment": moment(link.expires_at)}
        help_ = _("If something is unclear, just answer this message.")
        text = "\n\n".join([_("Hello,"), f"{sentence}\n{address}", f"{until} {help_}", settings.PARTNER_NAME])
    return Invitation(subject, text, language)


def language_of(link: AnyLink) -> str:
    """What the client is written to in: the link's language, else the client's, else English."""
    return link.language or client_of(link).language or settings.LANGUAGE_CODE


def client_of(link: AnyLink) -> Client:
    return link.number.waba.client if isinstance(link, CodeLink) else link.client


def title_of(link: AnyLink) -> str:
    """What the link's page is called, in the language that is active."""
    if isinstance(link, SignupLink):
        return _("Connect your WhatsApp number")
    return _("Your WhatsApp numbers") if isinstance(link, StatusLink) else _("Confirm your WhatsApp number")


def _words(link: AnyLink) -> tuple[str, str]:
    if isinstance(link, SignupLink):
        sentence = _("With this link you connect the WhatsApp number of %(client)s. It takes about ten minutes:")
        return title_of(link), sentence % {"client": link.client}
    if isinstance(link, StatusLink):
        sentence = _("With this link you see at any time where your WhatsApp numbers stand, and what there is to do:")
        return title_of(link), sentence
    number = str(link.number)
    if translation.get_language_bidi():
        number = _ISOLATED.format(number)
    sentence = _("With this link you ask for the code that shows that the number %(number)s is yours, and type it:")
    return title_of(link), sentence % {"number": number}
