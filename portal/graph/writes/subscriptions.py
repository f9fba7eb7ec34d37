"""Who gets webhooks: the app's subscription to a WABA and to fields, callbacks of a number's or a WABA's own."""

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

    def subscribe_app(
        self,
        waba_id: str,
        *,
        token: str,
        override_callback_uri: str | None = None,
        verify_token: str | None = None,
        meter: Meter | None = None,
    ) -> None:
        """Has the app that `token` belongs to get a WABA's webhooks.

        With an address (200 characters at most) and a verify token, messages and a few related fields go there; without
        them, an earlier such address is taken away. Meta asks the address for a handshake before it answers.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override
        """
        if override_callback_uri is None and verify_token is None:
            self._send(waba_id, "subscribed_apps", read_success, token, meter)
            return
        if override_callback_uri is None or verify_token is None:
            raise ValueError("A callback of its own needs an address and a verify token, both.")
        body, secrets = _override(override_callback_uri, verify_token), (verify_token,)
        self._send(waba_id, "subscribed_apps", read_success, token, meter, body=body, secrets=secrets)

    def unsubscribe_app(self, waba_id: str, *, token: str, meter: Meter | None = None) -> None:
        """Ends the subscription of the app that `token` belongs to.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-webhooks.
        """
        self._send(waba_id, "subscribed_apps", read_success, token, meter, method="DELETE")

    def set_number_callback(
        self,
        phone_number_id: str,
        *,
        token: str,
        override_callback_uri: str,
        verify_token: str,
        meter: Meter | None = None,
    ) -> None:
        """Has a number's messages go to an address of its own; an empty one takes an earlier one away.

        Source: as of `subscribe_app`.
        """
        configuration = {"override_callback_uri": ""}
        if override_callback_uri:
            configuration = _override(override_callback_uri, verify_token)
        body, secrets = {"webhook_configuration": configuration}, (verify_token,)
        self._send(phone_number_id, "", read_success, token, meter, body=body, secrets=secrets)

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
            "callback_url": _address(callback_url, _LONGEST_ADDRESS),
            "verify_token": _verify_token(verify_token),
            "fields": ",".join(fields),
        }
        self._send(app_id, "subscriptions", read_success, token, meter, body=body, secrets=(verify_token,))


def _override(override_callback_uri: str, verify_token: str) -> dict[str, str]:
    return {
        "override_callback_uri": _address(override_callback_uri, _LONGEST_OVERRIDE),
        "verify_token": _verify_token(verify_token),
    }


def _address(address: str, longest: int) -> str:
    if len(address) > longest or not _ADDRESS.fullmatch(address):
        raise ValueError(f"A callback is a plain http or https address of {longest} characters at most.")
    return address


def _verify_token(verify_token: str) -> str:
    if not verify_token.strip() or not verify_token.isprintable() or len(verify_token) > _LONGEST_VERIFY_TOKEN:
        raise ValueError("A verify token is one line of text and not empty.")
    return verify_token
