"""The people of a demo, and who of them looks after which client. Only for data that the practice server made up.

Their names, roles and password are in the settings, where the login page finds them too.
"""

import time

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from clients.choices import CredentialState
from clients.models import Client, Credential, User


@transaction.atomic
def make_people() -> list[str]:
    """Make the demo logins that are missing and give all their names; existing ones are left as they are.

    Raises ImproperlyConfigured outside a demo: these logins have a password that everyone knows.
    """
    _insist_on_demo()
    for username, group in settings.DEMO_LOGINS.items():
        if User.objects.filter(username=username).exists():
            continue
        person = User.objects.create_user(
            username=username, password=settings.DEMO_PASSWORD, is_staff=username == "admin"
        )
        person.groups.add(Group.objects.get(name=group))
    return list(settings.DEMO_LOGINS)


@transaction.atomic
def share_out() -> int:
    """Give the demo's manager about half of the clients and show the viewer a few; how many clients were given away.

    Does nothing once the manager owns a client, so it is safe to call after every discovery and undoes nobody's work.
    Needs `make_people` first; raises ImproperlyConfigured outside a demo.
    """
    _insist_on_demo()
    manager, lead, viewer = (User.objects.get(username=name) for name in ("manager", "lead", "viewer"))
    if Client.objects.filter(owner=manager).exists():
        return 0
    unassigned = list(Client.objects.filter(owner=None, cover=None).order_by("pk").values_list("pk", flat=True))
    # Every second client; of those every third also has a cover, by turns the viewer and the team lead.
    given = unassigned[::2]
    covered = given[::3]
    Client.objects.filter(pk__in=given).update(owner=manager)
    Client.objects.filter(pk__in=covered[::2]).update(cover=viewer)
    Client.objects.filter(pk__in=covered[1::2]).update(cover=lead)
    return len(given)


def share_out_when_found() -> None:
    """Wait until the first discovery has found the practice clients, then share them out."""
    while not Credential.objects.filter(state=CredentialState.WORKING).exists():
        time.sleep(0.2)
    share_out()
    connection.close()


def _insist_on_demo() -> None:
    if not settings.DEMO:
        raise ImproperlyConfigured("Demo logins are made in demo mode only (DEMO=true).")
