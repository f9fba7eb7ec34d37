"""Changing how a number takes calls, where its messages are kept, and whether its customers' identity is checked.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/whatsapp-business-phone-number/settings-api
"""

import re
from collections.abc import Mapping

from portal.graph.http.usage import Meter
from portal.graph.writes.sending import Sending, read_success

_CALLING = frozenset({"status", "call_icon_visibility", "callback_permission_status", "call_hours"})
_AUTOMATION = {"enable_welcome_message", "prompts", "commands"}
_REGION = re.compile(r"[A-Z]{2}")


class SettingsActions(Sending):
    """The writer's methods about settings. Each names one of them, and Meta leaves the others as they are."""

    def change_call_settings(
        self, phone_number_id: str, *, token: str, changes: Mapping[str, object], meter: Meter | None = None
    ) -> None:
        """Changes what is named in `changes`. Call hours take the place of those that there were, as a whole.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/calling/call-settings
        """
        if not changes or not changes.keys() <= _CALLING:
            raise ValueError("Call settings have no such field to change.")
        if not all(isinstance(value, Mapping) == (name == "call_hours") for name, value in changes.items()):
            raise ValueError("Call hours are an object, every other call setting is a word.")
        self._set(phone_number_id, {"calling": dict(changes)}, token, meter)

    def set_storage(self, phone_number_id: str, *, token: str, region: str, meter: Meter | None = None) -> None:
        """Has Meta keep messages in a country, by its code; "" where it keeps them by default.

        For numbers that are not registered only.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/local-storage
        """
        storage = {"status": "IN_COUNTRY_STORAGE_DISABLED"}
        if region:
            if not _REGION.fullmatch(region):
                raise ValueError("A data localization region is two capital letters.")
            storage = {"status": "IN_COUNTRY_STORAGE_ENABLED", "data_localization_region": region}
        self._set(phone_number_id, {"storage_configuration": storage}, token, meter)

    def set_identity_check(self, phone_number_id: str, *, token: str, is_on: bool, meter: Meter | None = None) -> None:
        """Has Meta hold back messages with a hash of the customer's identity that is no longer theirs.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        """
        body = {"user_identity_change": {"enable_identity_key_check": is_on}}
        self._set(phone_number_id, body, token, meter)

    def change_automation(
        self, phone_number_id: str, *, token: str, automation: Mapping[str, object], meter: Meter | None = None
    ) -> None:
        """Has WhatsApp offer these ice breakers (`prompts`) and `commands`, and greet or not, in place of what was.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/conversational-components
        """
        if automation.keys() != _AUTOMATION:
            raise ValueError("Automation is a welcome message, prompts and commands, all of them.")
        self._send(phone_number_id, "conversational_automation", read_success, token, meter, body=dict(automation))

    def _set(self, phone_number_id: str, body: Mapping[str, object], token: str, meter: Meter | None) -> None:
        self._send(phone_number_id, "settings", read_success, token, meter, body=body)
