"""What can be done to a number at Meta: register, deregister, PIN, code, name, adding. Changes only."""

from portal.graph.http.usage import Meter
from portal.graph.reads.asking import Calls
from portal.graph.writes import changes
from portal.graph.writes.changes import read_new_id, read_success


class NumberActions(Calls):
    """The client's methods that change a number. The code's two work for a number of the pre-verified pool as well."""

    def register(
        self,
        phone_number_id: str,
        *,
        token: str,
        pin: str,
        data_localization_region: str | None = None,
        meter: Meter | None = None,
    ) -> None:
        """Registers a number for Cloud API, which also makes an approved display name take effect.

        `pin` (six digits) becomes the number's PIN, or has to be it when two-step verification is on: `PinMismatch`.
        Meta allows 10 requests per number in 72 hours, failed ones included: `RegistrationLimit`. The region is a
        country code; to change it a number is deregistered first. Not for numbers of the WhatsApp Business app.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration
        """
        change = changes.register(pin, data_localization_region)
        self._change(phone_number_id, change, read_success, token, meter)

    def deregister(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> None:
        """Takes a number off Cloud API; it stays on its WABA and can be registered again. Limited as `register` is.

        Source: as of `register`.
        """
        self._change(phone_number_id, changes.DEREGISTER, read_success, token, meter)

    def set_pin(self, phone_number_id: str, *, token: str, pin: str, meter: Meter | None = None) -> None:
        """Gives a number a new PIN (six digits), without knowing the old one.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/two-step-verification
        """
        self._change(phone_number_id, changes.set_pin(pin), read_success, token, meter)

    def request_code(
        self, phone_number_id: str, *, token: str, code_method: str, language: str, meter: Meter | None = None
    ) -> None:
        """Has Meta send a code to a number by `SMS` or `VOICE`, in a language such as `en_US`: `CodeRequestFailed`.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/registering-phone-numbers
        """
        self._change(phone_number_id, changes.request_code(code_method, language), read_success, token, meter)

    def verify_code(self, phone_number_id: str, *, token: str, code: str, meter: Meter | None = None) -> None:
        """Proves ownership of a number by the code (six digits, no hyphen), which works once: `CodeRejected`.

        Source: as of `request_code`.
        """
        self._change(phone_number_id, changes.verify_code(code), read_success, token, meter)

    def request_display_name(
        self, phone_number_id: str, *, token: str, new_display_name: str, meter: Meter | None = None
    ) -> None:
        """Asks Meta for another display name; 10 times in 30 days at most. Granted, it takes effect by `register`.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/display-names
        """
        self._change(phone_number_id, changes.display_name(new_display_name), read_success, token, meter)

    def add_phone_number(
        self,
        waba_id: str,
        *,
        token: str,
        cc: str,
        phone_number: str,
        verified_name: str,
        migrate_phone_number: bool = False,
        preverified_id: str | None = None,
        meter: Meter | None = None,
    ) -> str:
        """The id of a number newly added to a WABA; `NumberNotAdded` when the WABA takes none.

        `cc` is the calling code and `phone_number` what follows it, digits both. `migrate_phone_number` moves a number
        over from another WABA; `preverified_id` names one of the pre-verified pool.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/whatsapp-business-account/phone-number-management-api
        """
        change = changes.add_number(
            cc,
            phone_number,
            verified_name,
            migrate_phone_number=migrate_phone_number,
            preverified_id=preverified_id,
        )
        return self._change(waba_id, change, read_new_id, token, meter)
