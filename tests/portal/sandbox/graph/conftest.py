"""A practice world without a server, and every webhook event of it."""

import re

import pytest

from portal.sandbox.controls import requested_changes
from portal.sandbox.graph import webhook_events
from portal.sandbox.graph.webhook_events import Event
from portal.sandbox.http.messages import Values
from portal.sandbox.world import book
from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import World

STARTED = 1_790_000_000.0
READY = {"status": "CONNECTED", "platform_type": "CLOUD_API", "quality_rating": "GREEN", "is_on_biz_app": False}


class Heard:
    """A world of one's own, and every event of it."""

    def __init__(self) -> None:
        self.world = World(7, STARTED)
        book.stock(self.world, wabas=12, numbers=40)
        self.waba = next(each for each in self.world.related("client") if each.numbers and not each.trouble)
        self.number = next(each for each in self.waba.numbers if len(each.wabas) == 1)
        self.world.change_number(self.number, READY, ("new_display_name", "new_name_status"))
        self.events: list[Event] = []
        self.world.heard = lambda entry: self.events.extend(webhook_events.of(self.world, entry))

    @property
    def digits(self) -> str:
        return re.sub(r"\D", "", str(number_value(self.number, "display_phone_number")))

    def values(self, field: str) -> list[Values]:
        """The values of the events so far, all of which must have this field."""
        assert {each.field for each in self.events} <= {field}
        return [each.value for each in self.events]

    def make(self, kind: str, **wish: object) -> Values:
        return requested_changes.make(self.world, {"kind": kind, **wish})

    def to_number(self, kind: str, **wish: object) -> Values:
        return self.make(kind, phone_number_id=self.number.id, **wish)

    def to_waba(self, kind: str, **wish: object) -> Values:
        return self.make(kind, waba_id=self.waba.id, **wish)


@pytest.fixture
def heard() -> Heard:
    return Heard()
