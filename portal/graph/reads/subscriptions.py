"""Who gets webhooks: the apps of a WABA, callbacks of a number's or a WABA's own, and what the app asked for."""

from collections.abc import Sequence

from portal.graph.http.usage import Meter
from portal.graph.reads.asking import Calls
from portal.graph.reads.fields import APP_SUBSCRIPTION, SUBSCRIBED_APP
from portal.graph.reads.readings import AppSubscription, SubscribedApp, read_app_subscription, read_subscribed_app
from portal.graph.writes import changes
from portal.graph.writes.changes import read_success


class Subscriptions(Calls):
    """The client's methods about webhooks. A verify token is a secret, and in no error and no log."""

    def subscribed_apps(self, waba_id: str, *, token: str, meter: Meter | None = None) -> list[SubscribedApp]:
        """The apps that get a WABA's webhooks. Whole, or an error.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-webhooks
        """
        pages = self._walk(waba_id, "subscribed_apps", SUBSCRIBED_APP, read_subscribed_app, token, meter)
        return self._whole(pages, lambda app: app.app_id)[0]

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
        change = changes.subscribe_app(override_callback_uri, verify_token)
        self._change(waba_id, change, read_success, token, meter)

    def unsubscribe_app(self, waba_id: str, *, token: str, meter: Meter | None = None) -> None:
        """Ends the subscription of the app that `token` belongs to.

        Source: as of `subscribed_apps`.
        """
        self._change(waba_id, changes.UNSUBSCRIBE_APP, read_success, token, meter)

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
        change = changes.number_callback(override_callback_uri, verify_token)
        self._change(phone_number_id, change, read_success, token, meter)

    def app_subscriptions(self, app_id: str, *, token: str, meter: Meter | None = None) -> list[AppSubscription]:
        """What an app is subscribed to, one entry a kind of object; `token` is the app's own (`app id|app secret`).

        Source: https://developers.facebook.com/docs/graph-api/webhooks/subscriptions-edge
        """
        pages = self._walk(app_id, "subscriptions", APP_SUBSCRIPTION, read_app_subscription, token, meter)
        return self._whole(pages, lambda subscription: subscription.object)[0]

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

        Source: as of `app_subscriptions`.
        """
        change = changes.webhooks(callback_url, verify_token, fields)
        self._change(app_id, change, read_success, token, meter)
