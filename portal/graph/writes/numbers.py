"""What can be done to a number at Meta: register, deregister, PIN, code, name, adding.

A value that is wrong on its face is refused here, because Meta allows a number few requests. PINs and codes are
secrets: they are in no representation and in no message.
"""

import re

from portal.graph.http.usage import Meter
from portal.graph.writes.sending import Sending, read_new_id, read_success

_SIX_DIGITS = re.compile(r"[0-9]{6}")
_REGION = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:_[A-Za-z]{2,4})?")
_CALLING_CODE = re.compile(r"[1-9][0-9]{0,3}")
_NATIONAL_NUMBER = re.compile(r"[0-9]{3,15}")
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class NumberActions(Sending):
    """The writer's methods about a number. The code's two work for a number of the pre-verified pool as well."""

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
        body = {"messaging_product": "whatsapp", "pin": _pin(pin)}
        if data_localization_region is not None:
            if not _REGION.fullmatch(data_localization_region):
                raise ValueError("A data localization region is two capital letters.")
            body["data_localization_region"] = data_localization_region
        self._send(phone_number_id, "register", read_success, token, meter, body=body, secrets=(pin,))

    def deregister(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> None:
        """Takes a number off Cloud API; it stays on its WABA and can be registered again. Limited as `register` is.

        Source: as of `register`.
        """
        self._send(phone_number_id, "deregister", read_success, token, meter)

    def set_pin(self, phone_number_id: str, *, token: str, pin: str, meter: Meter | None = None) -> None:
        """Gives a number a new PIN (six digits), without knowing the old one.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/two-step-verification
        """
        self._send(phone_number_id, "", read_success, token, meter, body={"pin": _pin(pin)}, secrets=(pin,))

    def request_code(
        self, phone_number_id: str, *, token: str, code_method: str, language: str, meter: Meter | None = None
    ) -> None:
        """Has Meta send a code to a number by `SMS` or `VOICE`, in a language such as `en_US`: `CodeRequestFailed`.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/registering-phone-numbers
        """
        if code_method not in ("SMS", "VOICE"):
            raise ValueError("A code comes by SMS or by VOICE.")
        if not _LANGUAGE.fullmatch(language):
            raise ValueError("A language looks like en_US or en.")
        body = {"code_method": code_method, "language": language}
        self._send(phone_number_id, "request_code", read_success, token, meter, body=body)

    def verify_code(self, phone_number_id: str, *, token: str, code: str, meter: Meter | None = None) -> None:
        """Proves ownership of a number by the code (six digits, no hyphen), which works once: `CodeRejected`.

        Source: as of `request_code`.
        """
        if not _SIX_DIGITS.fullmatch(code):
            raise ValueError("A code is six digits, without its hyphen.")
        secrets = (code, f"{code[:3]}-{code[3:]}")
        self._send(phone_number_id, "verify_code", read_success, token, meter, body={"code": code}, secrets=secrets)

    def request_display_name(
        self, phone_number_id: str, *, token: str, new_display_name: str, meter: Meter | None = None
    ) -> None:
        """Asks Meta for another display name; 10 times in 30 days at most. Granted, it takes effect by `register`.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/display-names
        """
        body = {"new_display_name": _name(new_display_name)}
        self._send(phone_number_id, "", read_success, token, meter, body=body)

    def add_phone_number(
        self,
        waba_id: str,
        *,
        token: str,
        cc: str,
        phone_number: str,
        verified_name: str = "",
        migrate_phone_number: bool = False,
        meter: Meter | None = None,
    ) -> str:
        """The id of a number newly added to a WABA; `NumberNotAdded` when the WABA takes none.

        `cc` is the calling code and `phone_number` what follows it, digits both. With `migrate_phone_number` it is one
        that another WABA has, and it keeps the display name that it has there: `verified_name` is empty then.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/whatsapp-business-account/phone-number-management-api
        """
        if not _CALLING_CODE.fullmatch(cc):
            raise ValueError("A calling code is one to four digits and does not begin with 0.")
        if not _NATIONAL_NUMBER.fullmatch(phone_number):
            raise ValueError("A phone number is digits only, without its calling code.")
        body: dict[str, str | bool] = {"cc": cc, "phone_number": phone_number}
        if migrate_phone_number:
            body["migrate_phone_number"] = True
        else:
            body["verified_name"] = _name(verified_name)
        return self._send(waba_id, "phone_numbers", read_new_id, token, meter, body=body)


def _pin(pin: str) -> str:
    if not _SIX_DIGITS.fullmatch(pin):
        raise ValueError("A PIN is six digits.")
    return pin


def _name(name: str) -> str:
    if not name.strip() or _NOT_IN_A_NAME.search(name):
        raise ValueError("A display name is one line of text and not empty.")
    return name
