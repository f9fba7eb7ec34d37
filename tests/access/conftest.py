"""All kinds of people with their browsers and things, and a Meta that refuses everything."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from clients.models import User
from phones.models import PhoneNumber
from tests.access.world import Browsers, World, make_things
from tests.conftest import SignIn
from tests.factories import make_person
from tests.scripted_graph import ScriptedGraph, graph_error


@pytest.fixture
def world(
    administrator: User,
    team_lead: User,
    account_manager: User,
    covering_manager: User,
    other_manager: User,
    viewer: User,
    auditor: User,
    stranger: User,
    sign_in: SignIn,
) -> World:
    people = [administrator, team_lead, account_manager, covering_manager, other_manager, viewer, auditor, stranger]
    people.append(make_person("steve", is_staff=True))
    things = {
        "alice": make_things(710_000_001, "Alpha Bakery", owner=account_manager, cover=covering_manager),
        "vera": make_things(720_000_001, "Delta Optics", owner=account_manager, cover=viewer),
        "otto": make_things(730_000_001, "Zeta Garage", owner=other_manager, cover=None),
        "nobody": {
            "number": "9990000000001",
            "waba": "8880000000001",
            "client": "740000001",
            "portfolio": "740000501",
            "run": "740000002",
            "action": "740000003",
            "signup_link": "740000004",
            "attempt": "740000005",
            "onboarding": "740000006",
            "note": "740000007",
            "approval": "740000008",
        },
    }
    number = PhoneNumber.objects.get(phone_number_id=things["otto"]["number"])
    otto = ["Zeta Garage", "otto", "of Zeta", *things["otto"].values(), number.digits, str(number.display_phone_number)]
    return World(Browsers({person.username: person for person in people}, sign_in), things, otto)


@pytest.fixture(autouse=True)
def _meta_refuses(settings: Settings) -> Iterator[None]:
    with ScriptedGraph() as graph:
        graph.always(graph_error(190))
        settings.GRAPH_API_URL = graph.url
        yield
