"""What people change about the channels of teams. Recorded in the same transaction, without address and secret."""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib.admin.models import ADDITION, DELETION
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from clients import audit
from clients.models import User
from phones.alert_choices import AlertKind, ChannelScope
from phones.models import Channel

_NAMES = {
    "name": "name",
    "scope": "whose clients",
    "alerts": "kinds of alert",
    "time_zone": "time zone",
    "quiet_from": "quiet hours",
    "quiet_until": "quiet hours",
}


@sensitive_variables("address", "secret")
@transaction.atomic
def save_channel(
    channel: Channel,
    *,
    members: Collection[User],
    address: str = "",
    secret: str = "",
    actor: User,
    **columns: Any,
) -> Channel:
    """Make a channel, or change it. Address and secret stay where none is given; an address comes with its `host`."""
    is_new = channel.pk is None
    changed = [_NAMES[name] for name, value in columns.items() if name in _NAMES and getattr(channel, name) != value]
    before = set() if is_new else set(channel.members.all())
    for name, value in columns.items():
        setattr(channel, name, value)
    channel.store(address=address, secret=secret)
    channel.save()
    channel.members.set(members)
    if is_new:
        audit.record(channel, f"Made: alerts of {about(channel)} are posted to {channel.host}.", actor, flag=ADDITION)
        return channel
    changed += ["people"] if before != set(members) else []
    changed += [f"address, now at {channel.host}"] if address else []
    changed += ["secret"] if secret else []
    if changed:
        audit.record(channel, f"Changed: {', '.join(dict.fromkeys(changed))}. About {about(channel)}.", actor)
    return channel


@transaction.atomic
def switch_channel(channel: Channel, *, on: bool, actor: User) -> None:
    Channel.objects.filter(pk=channel.pk).update(is_on=on)
    audit.record(channel, "Switched on." if on else "Switched off.", actor)


@transaction.atomic
def delete_channel(channel: Channel, *, actor: User) -> None:
    """Delete it, with what was posted to it."""
    audit.record(channel, f"Deleted: nothing is posted to {channel.host}.", actor, flag=DELETION)
    channel.delete()


def about(channel: Channel) -> str:
    """Whose clients a channel is about, in words."""
    if channel.scope == ChannelScope.ALL:
        return "all clients"
    people = ", ".join(sorted(str(person) for person in channel.members.all()))
    return f"the clients of {people}" if people else "nobody’s clients"


def kinds_in_words(kinds: Sequence[str]) -> str:
    """Which kinds of alert these are, in words."""
    if set(AlertKind.values) <= set(kinds):
        return "Everything that can’t wait"
    return ", ".join(str(kind.label) for kind in AlertKind if kind in kinds) or "No kind of alert"
