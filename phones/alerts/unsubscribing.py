"""The signed link that ends one kind of a person's mails, without a login. It does nothing else."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from clients.models import User
from phones.alert_choices import DigestDays, DispatchKind
from phones.models import MailSettings

_SALT = "phones.mail.unsubscribe"


def address_for(person: User, kind: str) -> str:
    """The address that unsubscribes `person` from mails of this kind."""
    token = signing.dumps([person.pk, kind], salt=_SALT)
    return f"{settings.PUBLIC_URL}{reverse('phones:unsubscribe', args=[token])}"


def read(token: str) -> tuple[User, DispatchKind] | None:
    """Whose mails of which kind a link is about; None unless the link is ours and the person is still there."""
    try:
        pk, kind = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = User.objects.filter(pk=pk).first()
    return (person, DispatchKind(kind)) if person is not None and kind in DispatchKind.values else None


def unsubscribe(person: User, kind: DispatchKind) -> None:
    """Send `person` no more mails of this kind. Safe to do twice."""
    wants, _ = MailSettings.objects.get_or_create(person=person)
    if kind == DispatchKind.DIGEST:
        wants.digest_days = DigestDays.NEVER
        wants.save(update_fields=["digest_days"])
    elif kind == DispatchKind.APPROVAL:
        wants.approvals = False
        wants.save(update_fields=["approvals"])
    else:
        wants.alerts = []
        wants.save(update_fields=["alerts"])


def is_subscribed(wants: MailSettings, kind: str) -> bool:
    if kind == DispatchKind.DIGEST:
        return wants.digest_days != DigestDays.NEVER
    if kind == DispatchKind.APPROVAL:
        return wants.approvals
    return bool(wants.alerts) or kind == DispatchKind.TRIAL
