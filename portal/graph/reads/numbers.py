"""Business phone numbers: which fields are asked for, what comes back, and the two ways to ask."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.graph.calls import Parameters
from portal.graph.http.usage import Meter
from portal.graph.payloads import level, moment, text, texts, truth
from portal.graph.reads.asking import Asking
from portal.graph.reads.fields import FieldSet

PHONE_NUMBER = FieldSet(
    "phone_number",
    core={
        "id": text,
        "display_phone_number": text,
        "verified_name": text,
        "code_verification_status": text,
        "quality_rating": text,
        "platform_type": text,
        "throughput": level,
        "status": text,
        "name_status": text,
        "new_name_status": text,
        "last_onboarded_time": moment,
        "webhook_configuration": texts,
    },
    extra={
        "account_mode": text,
        "is_official_business_account": truth,
        "is_pin_enabled": truth,
        "is_on_biz_app": truth,
        "is_preverified_number": truth,
        "new_display_name": text,
        "whatsapp_business_manager_messaging_limit": text,
    },
    graph_type=r"WhatsApp(?!BusinessAccount$|BusinessPreVerified)\w+",
)

_ACCOUNT_MODE = re.compile(r"[A-Z_]{1,40}")


@dataclass(frozen=True, slots=True)
class NumberReading:
    """One business phone number as Graph showed it at one moment."""

    phone_number_id: str
    values: Mapping[str, object]
    """By Graph's field name, only what came with a value: text, bool, aware UTC datetime (`last_onboarded_time`), the
    level as text (`throughput`), a dict of texts (`webhook_configuration`)."""
    requested: frozenset[str]
    """The fields asked for. One that is here and not in `values` was not returned by Graph."""
    odd: Mapping[str, str] = field(default_factory=dict)
    """Fields that came with a value of a wrong type: a representation of it, at most 200 characters."""


@dataclass(frozen=True, slots=True)
class NumberListing:
    """All numbers of a WABA. There is no such thing as a part of a listing."""

    numbers: list[NumberReading]
    """In Graph's order, each id once; of a number that came twice, the later reading."""
    pages: int


def read_number(raw: object, asked: frozenset[str]) -> NumberReading:
    """One number from Graph's object for it. Raises `ShapeError`."""
    phone_number_id, values, odd = PHONE_NUMBER.read(raw)
    return NumberReading(phone_number_id, values, asked, odd)


class Numbers(Asking):
    def phone_numbers(
        self,
        waba_id: str,
        *,
        token: str,
        meter: Meter | None = None,
        account_mode: str | None = None,
        page_limit: int | None = None,
    ) -> NumberListing:
        """All numbers of a WABA, or those in one account mode (`LIVE`, `SANDBOX`). Whole, or an error.

        `page_limit` is what Graph was willing to give at once the last time, where that was less than usual.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-phone-numbers
        """
        parameters: Parameters = ()
        if account_mode is not None:
            if not _ACCOUNT_MODE.fullmatch(account_mode):
                raise ValueError("An account mode is a word in capitals.")
            wanted = [{"field": "account_mode", "operator": "EQUAL", "value": account_mode}]
            parameters = (("filtering", json.dumps(wanted, separators=(",", ":"))),)
        pages = self._walk(waba_id, "phone_numbers", PHONE_NUMBER, read_number, token, meter, parameters, page_limit)
        numbers, count = self._whole(pages, lambda number: number.phone_number_id)
        return NumberListing(numbers, count)

    def phone_number(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> NumberReading:
        return self._node(phone_number_id, PHONE_NUMBER, read_number, token, meter)
