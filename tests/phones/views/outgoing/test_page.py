"""The page of our webhooks: making one, and what can be done with it."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from clients.models import User
from phones.models import PhoneNumber, Webhook, WebhookDelivery
from phones.tasks import webhooks as turn
from phones.webhook_choices import DeliveryState
from tests.conftest import SignIn
from tests.factories import make_change
from tests.scripted_graph import ScriptedGraph, answer

pytestmark = pytest.mark.django_db
SECRET = "a-secret-of-the-program"
NEW = {"name": "ERP", "secret": SECRET, "kinds": ["field", "missing"], "numbers": "/phones/?quality_rating=RED"}


@pytest.fixture
def program(settings: Settings) -> Iterator[ScriptedGraph]:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    with ScriptedGraph() as server:
        server.always(answer({}, status=500))
        yield server


def test_a_lead_makes_one_tries_it_posts_again_switches_it_off_and_deletes_it(
    program: ScriptedGraph, team_lead: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    PhoneNumber.objects.update(quality_rating="RED")
    tess, address = sign_in(team_lead), f"{program.url}/Secret1"
    assert tess.post("/outgoing/", {**NEW, "address": address}).status_code == 302
    again = tess.post("/outgoing/", {**NEW, "address": address})
    assert (again.status_code, "webhook of that name" in again.content.decode()) == (422, True)
    webhook = Webhook.objects.get()
    make_change(alices_number, kind="field")
    turn()
    WebhookDelivery.objects.update(state=DeliveryState.DEAD)

    page = tess.get("/outgoing/").content.decode()

    assert "127.0.0.1 answered with status 500." in page
    assert "numbers with Quality Low" in page
    assert "1 were given up after a day." in page
    assert "Secret1" not in page
    assert SECRET not in page
    program.always(answer({}))
    for act in ("replay", "trial"):
        tess.post(f"/outgoing/{webhook.pk}/{act}/")
    turn()
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    tess.post(f"/outgoing/{webhook.pk}/delete/")
    assert Webhook.objects.exists()
    for act in ("switch", "delete"):
        tess.post(f"/outgoing/{webhook.pk}/{act}/")
    assert not Webhook.objects.exists()


def test_a_webhook_whose_person_has_left_says_that_nothing_is_posted(
    program: ScriptedGraph, team_lead: User, administrator: User, sign_in: SignIn
) -> None:
    sign_in(team_lead).post("/outgoing/", {**NEW, "address": f"{program.url}/hook"})
    ada = sign_in(administrator)
    assert "Nothing posted yet" in ada.get("/outgoing/").content.decode()
    team_lead.groups.clear()

    assert "Nothing is posted" in ada.get("/outgoing/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "http://erp.example/"},
        {"address": "https://127.0.0.1:1@erp.example/"},
        {"secret": "short"},
        {"kinds": []},
        {"kinds": ["none"]},
        {"numbers": "/phones/?colour=red"},
        {"name": ""},
    ],
)
def test_a_form_that_is_wrong_makes_none(team_lead: User, sign_in: SignIn, wrong: dict[str, object]) -> None:
    answer = sign_in(team_lead).post("/outgoing/", {**NEW, "address": "https://erp.example/hook", **wrong})

    assert answer.status_code == 422
    assert not Webhook.objects.exists()


def test_many_webhooks_take_no_more_statements_than_one(
    program: ScriptedGraph, team_lead: User, sign_in: SignIn
) -> None:
    tess = sign_in(team_lead)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert tess.get("/outgoing/").status_code == 200
        return len(asked)

    make = {**NEW, "address": f"{program.url}/hook", "numbers": ""}
    tess.post("/outgoing/", make)
    statements()
    few = statements()
    for at in range(3):
        tess.post("/outgoing/", {**make, "name": f"ERP {at}"})
    assert statements() == few <= 12
