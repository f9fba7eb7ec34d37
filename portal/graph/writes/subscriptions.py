"""Who gets webhooks: the app's subscription to a WABA and to fields."""

import re
from collections.abc import Sequence

from portal.graph.http.usage import Meter
from portal.graph.writes.sending import Sending, read_success

_WEBHOOK_FIELD = re.compile(r"[a-z][a-z0-9_]{0,99}")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9\[][\x21-\x7e]*")
_LONGEST_ADDRESS = 2048
_LONGEST_OVERRIDE = 200
_LONGEST_VERIFY_TOKEN = 1024


class SubscriptionActions(Sending):
    """The writer's methods about webhooks. A verify token is a secret, and in no error and no log."""

    def subscribe_app(self, waba_id: str, *, token: str, meter: Meter | None = None) -> None:
        """Has the app that `token` belongs to get a WABA's webhooks; an address of the WABA's own is taken away.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override
        """
        self._send(waba_id, "subscribed_apps", read_success, token, meter)

    def override_of_waba(
        self, waba_id: str, *, token: str, callback_url: str, verify_token: str, meter: Meter | None = None
    ) -> None:
        """Has a WABA's messages sent to an address of its own. `subscribe_app` takes it away.

        Source: as of `subscribe_app`.
        """
        body = _override(callback_url, verify_token)
        self._send(waba_id, "subscribed_apps", read_success, token, meter, body=body, secrets=(verify_token,))

    def override_of_number(
        self, phone_number_id: str, *, token: str, callback_url: str, verify_token: str = "", meter: Meter | None = None
    ) -> None:
        """Has a number's messages sent to an address of its own; "" takes the one that it has away.

        Source: as of `subscribe_app`.
        """
        override = _override(callback_url, verify_token) if callback_url else {"override_callback_uri": ""}
        secrets = (verify_token,) if callback_url else ()
        body = {"webhook_configuration": override}
        self._send(phone_number_id, "", read_success, token, meter, body=body, secrets=secrets)

    def unsubscribe_app(self, waba_id: str, *, token: str, meter: Meter | None = None) -> None:
        """Has the app that `token` belongs to get a WABA's webhooks no more.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-webhooks
        """
        self._send(waba_id, "subscribed_apps", read_success, token, meter, method="DELETE")

    def subscribe_webhooks(
        self,
        app_id: str,
        *,
        token: str,
        callback_url: str,
        verify_token: str,
        fields: Sequence[str],
        meter: Meter | None = None,
    ) -> None:
        """Has Meta send these fields of all subscribed WABAs to an address; `token` is the app's own.

        Meta asks the address for a handshake before it answers.

        Source: https://developers.facebook.com/docs/graph-api/webhooks/subscriptions-edge.
        """
        if isinstance(fields, str) or not fields or not all(_WEBHOOK_FIELD.fullmatch(name) for name in fields):
            raise ValueError("Webhook fields are a list of words in small letters, and not empty.")
        body = {
            "object": "whatsapp_business_account",
            "callback_url": _address(callback_url),
            "verify_token": _verify_token(verify_token),
            "fields": ",".join(fields),
        }
        self._send(app_id, "subscriptions", read_success, token, meter, body=body, secrets=(verify_token,))


def _override(callback_url: str, verify_token: str) -> dict[str, str]:
    if len(callback_url) > _LONGEST_OVERRIDE:
        raise ValueError(f"A callback in place of the app's has {_LONGEST_OVERRIDE} characters at most.")
    return {"override_callback_uri": _address(callback_url), "verify_token": _verify_token(verify_token)}


def _address(address: str) -> str:
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise ValueError(f"A callback is a plain http or https address of {_LONGEST_ADDRESS} characters at most.")
    return address


def _verify_token(verify_token: str) -> str:
    if not verify_token.strip() or not verify_token.isprintable() or len(verify_token) > _LONGEST_VERIFY_TOKEN:
        raise ValueError("A verify token is one line of text and not empty.")
    return verify_token
