"""Who gets webhooks: the apps of a WABA, and what an app asked for."""

from dataclasses import dataclass

from portal.graph.http.usage import Meter
from portal.graph.payloads import OddError, ShapeError, identity, text, text_or_nothing, truth
from portal.graph.reads.asking import Asking
from portal.graph.reads.fields import FieldSet

# Edges that give all they have, and whose fields no page of Meta's names as ones to ask for.
SUBSCRIBED_APP = FieldSet("subscribed_app")
APP_SUBSCRIPTION = FieldSet("app_subscription")

_LONGEST_ADDRESS = 2048


@dataclass(frozen=True, slots=True)
class SubscribedApp:
    """An app that gets the webhooks of a WABA."""

    app_id: str
    name: str
    link: str
    override_callback_uri: str | None
    """Where messages and a few related fields go in place of the app's own callback; None when they go there."""


@dataclass(frozen=True, slots=True)
class AppSubscription:
    """An app's own subscription to one kind of object."""

    object: str
    """`whatsapp_business_account`, `page`, …"""
    callback_url: str
    fields: tuple[str, ...]
    active: bool


def read_subscribed_app(raw: object, _asked: frozenset[str]) -> SubscribedApp:
    """One app from an entry of `subscribed_apps`. Raises `ShapeError`."""
    entry = raw if isinstance(raw, dict) else {}
    app = entry.get("whatsapp_business_api_data")
    if not isinstance(app, dict):
        raise ShapeError("a subscribed app came without its data")
    return SubscribedApp(
        app_id=identity(app.get("id")),
        name=text_or_nothing(app.get("name")),
        link=text_or_nothing(app.get("link")),
        override_callback_uri=_told_text(entry.get("override_callback_uri")) or None,
    )


def read_app_subscription(raw: object, _asked: frozenset[str]) -> AppSubscription:
    """One subscription from an entry of an app's `subscriptions`. Raises `ShapeError`.

    Each field comes as an object with a name and a version, in old samples as the bare name.
    Source: https://developers.facebook.com/docs/graph-api/webhooks/subscriptions-edge
    """
    entry = raw if isinstance(raw, dict) else {}
    kind, fields = _told_text(entry.get("object")), entry.get("fields", [])
    if not kind or not isinstance(fields, list):
        raise ShapeError("a subscription came without its object or with unreadable fields")
    names = [_told_text(each.get("name") if isinstance(each, dict) else each) for each in fields]
    if not all(names):
        raise ShapeError("a subscription came with a field without a name")
    try:
        active = truth(entry.get("active"))
    except OddError:
        raise ShapeError("a subscription does not say whether it is active") from None
    return AppSubscription(kind, _told_text(entry.get("callback_url")), tuple(dict.fromkeys(names)), active)


def _told_text(raw: object) -> str:
    """Text that something hangs on: empty when there is none, and never a guess."""
    try:
        return "" if raw is None else text(raw, _LONGEST_ADDRESS)
    except OddError:
        raise ShapeError("a text was expected in a subscription") from None


class Subscriptions(Asking):
    def subscribed_apps(self, waba_id: str, *, token: str, meter: Meter | None = None) -> list[SubscribedApp]:
        """The apps that get a WABA's webhooks. Whole, or an error.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-webhooks
        """
        pages = self._walk(waba_id, "subscribed_apps", SUBSCRIBED_APP, read_subscribed_app, token, meter)
        return self._whole(pages, lambda app: app.app_id)[0]

    def app_subscriptions(self, app_id: str, *, token: str, meter: Meter | None = None) -> list[AppSubscription]:
        """What an app is subscribed to, one entry a kind of object; `token` is the app's own (`app id|app secret`).

        Source: https://developers.facebook.com/docs/graph-api/webhooks/subscriptions-edge
        """
        pages = self._walk(app_id, "subscriptions", APP_SUBSCRIPTION, read_app_subscription, token, meter)
        return self._whole(pages, lambda subscription: subscription.object)[0]
