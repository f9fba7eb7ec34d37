"""Nodes and edges of Graph as methods: what the rest of the portal calls.

Knows which path answers which question, which fields to ask for and which calls change something. What those carry is
in `changes`, HTTP is in `transport`.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from random import random as _any_share
from typing import TypeVar

from portal.graph import changes
from portal.graph.changes import Change, read_new_id, read_success
from portal.graph.config import GraphConfig
from portal.graph.errors import PermissionMissing, UnknownField
from portal.graph.fieldsets import PHONE_NUMBER, WABA, FieldSet, RefusedFields
from portal.graph.paging import Page, read_page, walk
from portal.graph.payloads import ShapeError
from portal.graph.readings import (
    NumberListing,
    NumberReading,
    TokenFacts,
    WabaReading,
    read_number,
    read_token,
    read_waba,
)
from portal.graph.transport import Transport
from portal.graph.usage import Meter
from portal.graph.verdicts import Call

Reading = TypeVar("Reading", NumberReading, WabaReading)
Result = TypeVar("Result")
ReadItem = Callable[[object, frozenset[str]], Reading]

_ID = re.compile(r"[0-9]{1,32}")
_ACCOUNT_MODE = re.compile(r"[A-Z_]{1,40}")


class GraphClient:
    """Reads from Graph and acts on numbers there. One per process, safe to share between threads.

    Every method takes the token to act with and raises a `GraphError` when there is no usable answer, `ValueError` when
    an id is not made of digits. A `Meter` counts what the calls cost and sets their deadline.

    A read may ask more than once. A call that changes something sends one request and never another: its error says by
    `effect_possible` whether it may have taken effect, and only reading the number settles that. `ValueError` from one
    means that a value is wrong on its face and nothing was sent; it never repeats the value.
    """

    def __init__(
        self,
        config: GraphConfig,
        *,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = _any_share,
    ) -> None:
        """Raises `ValueError` for a configuration that cannot work."""
        self._transport = Transport(config, sleep=sleep, random=random)
        self._config = config
        self._refused = RefusedFields(config.version)

    @property
    def answered_version(self) -> str | None:
        """The version that answered in place of the one asked for, as on expired versions; None when all is well."""
        return self._transport.answered_version

    @property
    def refused_fields(self) -> dict[tuple[str, str], frozenset[str]]:
        """By version and node type (`phone_number`, `waba`), the fields this server does not know."""
        return self._refused.snapshot()

    def phone_numbers(
        self, waba_id: str, *, token: str, meter: Meter | None = None, account_mode: str | None = None
    ) -> NumberListing:
        """All numbers of a WABA, or those in one account mode (`LIVE`, `SANDBOX`). Whole, or an error.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-phone-numbers
        """
        parameters = [("limit", str(self._config.page_limit))]
        if account_mode is not None:
            if not _ACCOUNT_MODE.fullmatch(account_mode):
                raise ValueError("An account mode is a word in capitals.")
            wanted = [{"field": "account_mode", "operator": "EQUAL", "value": account_mode}]
            parameters.append(("filtering", json.dumps(wanted, separators=(",", ":"))))
        numbers: dict[str, NumberReading] = {}
        pages = 0
        for pages, page in self._walk(waba_id, "phone_numbers", PHONE_NUMBER, read_number, token, meter, parameters):
            if pages == 1:
                numbers.clear()
            numbers.update((number.phone_number_id, number) for number in page.items)
        return NumberListing(list(numbers.values()), pages)

    def phone_number(self, phone_number_id: str, *, token: str, meter: Meter | None = None) -> NumberReading:
        """One number."""
        return self._node(phone_number_id, PHONE_NUMBER, read_number, token, meter)

    def waba(self, waba_id: str, *, token: str, meter: Meter | None = None) -> WabaReading:
        """One WhatsApp Business Account."""
        return self._node(waba_id, WABA, read_waba, token, meter)

    def client_wabas(self, business_id: str, *, token: str, meter: Meter | None = None) -> Iterator[list[WabaReading]]:
        """The WABAs that customers shared with a business, lazily, one list per page; a list may be empty.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-accounts
        """
        return self._wabas(business_id, "client_whatsapp_business_accounts", token, meter)

    def owned_wabas(self, business_id: str, *, token: str, meter: Meter | None = None) -> Iterator[list[WabaReading]]:
        """The WABAs a business owns itself; otherwise as `client_wabas`."""
        return self._wabas(business_id, "owned_whatsapp_business_accounts", token, meter)

    def debug_token(self, input_token: str, *, token: str, meter: Meter | None = None) -> TokenFacts:
        """What Graph knows about `input_token`; `token` is the app's own (`app id|app secret`) or a system user's."""
        path = f"/{self._config.version}/debug_token"
        call = Call(path, parameters=(("input_token", input_token),), secrets=(input_token,))
        return self._transport.get(call, token=token, meter=meter or Meter(), read=read_token)

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

    def close(self) -> None:
        """Closes the pooled connections."""
        self._transport.close()

    def _change(
        self, node_id: str, change: Change, read: Callable[[object], Result], token: str, meter: Meter | None
    ) -> Result:
        path = f"/{self._config.version}/{_checked(node_id)}"
        if change.edge:
            path = f"{path}/{change.edge}"
        call = Call(path, object_id=node_id, method="POST", body=change.body, secrets=change.secrets)
        return self._transport.post(call, token=token, meter=meter or Meter(), read=read)

    def _node(
        self, node_id: str, fields: FieldSet, read_item: ReadItem[Reading], token: str, meter: Meter | None
    ) -> Reading:
        path = f"/{self._config.version}/{_checked(node_id)}"
        meter = meter or Meter()

        def ask(asked: tuple[str, ...]) -> Reading:
            requested = frozenset(asked)

            def read(body: object) -> Reading:
                reading = read_item(body, requested)
                if reading.values.get("id") != node_id:
                    raise ShapeError("the answer is about another object")
                return reading

            call = Call(path, object_id=node_id, fields=asked)
            return self._transport.get(call, token=token, meter=meter, read=read)

        return self._with_known_fields(fields, ask)

    def _wabas(self, business_id: str, edge: str, token: str, meter: Meter | None) -> Iterator[list[WabaReading]]:
        parameters = [("limit", str(self._config.page_limit))]
        pages = self._walk(business_id, edge, WABA, read_waba, token, meter, parameters)

        def unseen() -> Iterator[list[WabaReading]]:
            seen: set[str] = set()
            for _number, page in pages:
                fresh = {waba.waba_id: waba for waba in page.items if waba.waba_id not in seen}
                seen.update(fresh)
                yield list(fresh.values())

        return unseen()

    def _walk(
        self,
        node_id: str,
        edge: str,
        fields: FieldSet,
        read_item: ReadItem[Reading],
        token: str,
        meter: Meter | None,
        parameters: list[tuple[str, str]],
    ) -> Iterator[tuple[int, Page[Reading]]]:
        path = f"/{self._config.version}/{_checked(node_id)}/{edge}"
        meter = meter or Meter()

        def fetch(after: str | None) -> Page[Reading]:
            def ask(asked: tuple[str, ...]) -> Page[Reading]:
                requested = frozenset(asked)
                call = Call(path, object_id=node_id, fields=asked, after=after, parameters=tuple(parameters))
                return self._transport.get(
                    call,
                    token=token,
                    meter=meter,
                    read=lambda body: read_page(body, lambda item: read_item(item, requested)),
                )

            return self._with_known_fields(fields, ask)

        return walk(fetch, max_pages=self._config.max_pages, path=path)

    def _with_known_fields(self, fields: FieldSet, ask: Callable[[tuple[str, ...]], Result]) -> Result:
        """The result of asking for all fields this server knows and this token may see.

        A field the server does not know is not asked for again by anyone; one that the token may not see, though Meta
        names it, is left out of this call only.
        """
        hidden: set[str] = set()
        while True:
            asked = tuple(name for name in self._refused.remaining(fields) if name not in hidden)
            try:
                return ask(asked)
            except UnknownField as trouble:
                if not self._refused.refuse(fields, asked, trouble.field_name):
                    raise
            except PermissionMissing as trouble:
                if trouble.code != 10 or trouble.field_name not in fields.extra:
                    raise
                hidden.add(trouble.field_name)


def _checked(node_id: str) -> str:
    if not _ID.fullmatch(node_id):
        raise ValueError("A Graph id is made of digits.")
    return node_id
