"""Watching a client or a number: a person's own list of what to keep an eye on."""

from clients.models import Client, ClientWatch, User
from phones.models import NumberWatch, PhoneNumber


def watch(row: Client | PhoneNumber, person: User, *, on: bool) -> None:
    """Have `person` watch `row`, or no longer; safe to repeat."""
    if isinstance(row, Client):
        if on:
            ClientWatch.objects.get_or_create(client=row, person=person)
        else:
            ClientWatch.objects.filter(client=row, person=person).delete()
    elif on:
        NumberWatch.objects.get_or_create(number=row, person=person)
    else:
        NumberWatch.objects.filter(number=row, person=person).delete()
