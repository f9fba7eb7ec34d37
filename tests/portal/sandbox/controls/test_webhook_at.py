"""A callback whose name leads somewhere else than where it is reached from the practice server."""

from tests.portal.sandbox.conftest import Partner
from tests.portal.sandbox.graph.test_tokens import app_token
from tests.portal.sandbox.receiver import receiving

NAME = "https://desk.example/webhooks/meta/"


def test_a_callback_keeps_its_name_and_is_called_where_it_is_reached(start: Partner) -> None:
    with receiving() as receiver:
        partner = start(webhook=NAME, webhook_at=receiver.url)
        edge = f"{partner.known.app_id}/subscriptions"
        partner.control("POST", "webhooks/send", {"field": "security", "value": {"event": "PIN_CHANGED"}})
        assert receiver.updates()[0]["field"] == "security"
        again = {"object": "whatsapp_business_account", "callback_url": NAME, "verify_token": receiver.verify_token}
        assert partner.do(edge, again, token=app_token(partner)) == {"success": True}
        assert receiver.handshakes
        (shown,) = partner.read(edge, token=app_token(partner))["data"]
        assert shown["callback_url"] == NAME
        (configuration,) = partner.values(partner.number(), "webhook_configuration")
        assert configuration["application"] == NAME
