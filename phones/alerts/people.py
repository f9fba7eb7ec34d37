"""Who wants which mails, and whose numbers they are about."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from clients import roles
from clients.models import User, Waba
from clients.querysets import looked_after_by, looked_after_by_any
from phones.alert_choices import ChannelScope, MailScope
from phones.alerts.clock import is_quiet, zone_of
from phones.models import Alert, Channel, MailSettings


def everybody() -> Iterator[User]:
    """Everyone who may sign in, with what they want. Who has no role sees nothing, and so gets nothing."""
    yield from User.objects.filter(is_active=True).select_related("mail_settings").order_by("pk")


def settings_of(person: User) -> MailSettings:
    """What `person` wants: the row, or an unsaved one with the usual values."""
    try:
        return person.mail_settings
    except MailSettings.DoesNotExist:
        return MailSettings(person=person)


def zone_for(recipient: User | Channel) -> ZoneInfo:
    return zone_of(recipient.time_zone or settings.TIME_ZONE)


def are_quiet_hours(recipient: User | Channel, wants: MailSettings | Channel, now: datetime) -> bool:
    return is_quiet(now=now, zone=zone_for(recipient), begins=wants.quiet_from, ends=wants.quiet_until)


def scope_of(person: User, wants: MailSettings) -> MailScope:
    """Whose numbers; leads and administrators look at all of them unless they say otherwise."""
    if wants.scope:
        return MailScope(wants.scope)
    return MailScope.ALL if roles.sees_everything(person) else MailScope.MINE


def is_narrowed(person: User, wants: MailSettings) -> bool:
    """Whether the mails are about fewer clients than `person` may see."""
    return roles.sees_everything(person) and scope_of(person, wants) == MailScope.MINE


def wabas_for(person: User, wants: MailSettings) -> QuerySet[Waba]:
    """The WABAs that the mails of `person` are about: never one that they may not see now."""
    wabas = Waba.objects.visible_to(person)
    return wabas.filter(looked_after_by(person, "client")) if is_narrowed(person, wants) else wabas


def alerts_for(person: User, wants: MailSettings) -> QuerySet[Alert]:
    """The alerts that the mails of `person` are about, and that they may see now."""
    alerts = Alert.objects.visible_to(person).filter(kind__in=wants.alerts)
    return alerts.about(wabas_for(person, wants)) if is_narrowed(person, wants) else alerts


def alerts_for_channel(channel: Channel) -> QuerySet[Alert]:
    """The alerts that a channel is about, of the kinds that it gets."""
    alerts = Alert.objects.filter(kind__in=channel.alerts)
    wabas = wabas_for_channel(channel)
    return alerts if wabas is None else alerts.about(wabas)


def wabas_for_channel(channel: Channel) -> QuerySet[Waba] | None:
    """The WABAs of the clients that the channel's members look after; None where it is about all clients."""
    if channel.scope == ChannelScope.ALL:
        return None
    members = list(channel.members.values_list("pk", flat=True))
    return Waba.objects.filter(looked_after_by_any(members, "client"))
