"""What can be done to our app at Meta: setting where it sends the events of all WABAs."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from phones.actions.send_once import ActionRequest
from phones.choices import ActionKind
from phones.models import AppCallback
from portal.graph import Meter
from portal.graph.writes import GraphWriter


@dataclass(kw_only=True, eq=False)
class CallbackRequest(ActionRequest):
    """The app's callback is to be `callback_url`, for `fields`. Meta takes the list of fields for the whole of it."""

    kind: ActionKind = ActionKind.SET_CALLBACK
    app_id: str
    callback_url: str
    fields: list[str]
    verify_token: str = field(repr=False)
    before: str
    """Where the events went until now, for the record."""

    under_way: ClassVar[str] = (
        "The callback is being set already: ask Meta where it sends the events, which settles it."
    )

    def lock(self) -> None:
        AppCallback.objects.select_for_update().get(app_id=self.app_id)

    def columns(self) -> dict[str, Any]:
        details = {"callback_url": self.callback_url, "fields": self.fields, "callback_url_before": self.before}
        return {"details": {**self.details, **details}}

    def call(self, writer: GraphWriter, meter: Meter) -> None:
        """Sets the callback. Meta calls the address for a handshake before it agrees."""
        writer.subscribe_webhooks(
            self.app_id,
            token=self.token,
            callback_url=self.callback_url,
            verify_token=self.verify_token,
            fields=self.fields,
            meter=meter,
        )
