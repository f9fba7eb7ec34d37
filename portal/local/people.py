"""The people of a demo, and who of them looks after which client. Only for data that the practice server made up.

Knows the apps' tables by name only.
"""

import time
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

# One login per role: username → the group that gives the role.
PEOPLE = {
    "admin": "Administrators",
    "lead": "Team leads",
    "manager": "Account managers",
    "viewer": "Viewers",
}


def password() -> str:
    """The password of every demo login."""
    return getattr(settings, "DEMO_PASSWORD", "") or "numberdesk-demo"


@transaction.atomic
def make_people() -> list[str]:
    """Make the demo logins that are missing and give all their names; existing ones are left as they are.

    Raises ImproperlyConfigured outside a demo: these logins have a password that everyone knows.
    """
    _insist_on_demo()
    people = get_user_model()._default_manager
    for username, group in PEOPLE.items():
        if people.filter(username=username).exists():
            continue
        person = people.create_user(username=username, password=password(), is_staff=username == "admin")
        person.groups.add(Group.objects.get(name=group))
    return list(PEOPLE)


@transaction.atomic
def share_out() -> int:
    """Give the demo's manager about half of the clients and show the viewer a few; how many clients were given away.

    Does nothing once the manager owns a client, so it is safe to call after every discovery and undoes nobody's work.
    Needs `make_people` first; raises ImproperlyConfigured outside a demo.
    """
    _insist_on_demo()
    manager, lead, viewer = (
        get_user_model()._default_manager.get(username=name) for name in ("manager", "lead", "viewer")
    )
    clients: Any = apps.get_model("clients", "Client")._default_manager
    if clients.filter(owner=manager).exists():
        return 0
    unassigned = list(clients.filter(owner=None, cover=None).order_by("pk").values_list("pk", flat=True))
    # Every second client; of those every third also has a cover, by turns the viewer and the team lead.
    given = unassigned[::2]
    covered = given[::3]
    clients.filter(pk__in=given).update(owner=manager)
    clients.filter(pk__in=covered[::2]).update(cover=viewer)
    clients.filter(pk__in=covered[1::2]).update(cover=lead)
    return len(given)


def share_out_when_found() -> None:
    """Wait until the first discovery has found the practice clients, then share them out."""
    credentials: Any = apps.get_model("clients", "Credential")._default_manager
    while not credentials.filter(state="working").exists():
        time.sleep(0.2)
    share_out()
    connection.close()


def _insist_on_demo() -> None:
    if not settings.DEMO:
        raise ImproperlyConfigured("Demo logins are made in demo mode only (DEMO=true).")
