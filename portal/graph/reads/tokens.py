"""Tokens: the one that a signup's code is exchanged for, and what Graph knows about any.

Whether a token is good enough is not decided here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.graph.calls import Call
from portal.graph.errors.redaction import Redactor
from portal.graph.http.usage import Meter
from portal.graph.payloads import OddError, ShapeError, checked_id, is_id, moment, text_or_nothing
from portal.graph.reads.asking import Asking

MANAGEMENT = "whatsapp_business_management"

_WORD = re.compile(r"[\x21-\x7e]{1,4096}")
"""A token that fits in a header, or the code of a signup."""
_APP_SECRET = re.compile(r"[\x21-\x7e]{1,256}")
_LONGEST_LIFE = timedelta(days=3650)
_LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class BusinessToken:
    """A customer's business token, fresh from the exchange. Inspect it by `debug_token` before trusting it.

    Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/access-tokens
    """

    token: str = field(repr=False)
    expires_in: timedelta | None
    """None: never, or not returned, which is usual; `debug_token` knows."""


def read_business_token(body: object) -> BusinessToken:
    """The token from the answer to the exchange of a code. Raises `ShapeError`.

    An `expires_in` that makes no sense counts as not returned: the token is good all the same, and the code is used up.
    """
    found = body if isinstance(body, dict) else {}
    token = found.get("access_token")
    if not isinstance(token, str) or not _WORD.fullmatch(token):
        raise ShapeError("the answer holds no usable token")
    return BusinessToken(token, _life(found.get("expires_in")))


def _life(raw: object) -> timedelta | None:
    seconds = int(raw) if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) < 12 else raw
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        return None
    return timedelta(seconds=seconds) if 0 < seconds <= _LONGEST_LIFE.total_seconds() else None


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What Graph says about a token.

    Source: https://developers.facebook.com/docs/graph-api/reference/debug_token/
    """

    is_valid: bool
    app_id: str
    """Check that it is ours before trusting anything else; empty when not returned."""
    application: str
    type: str
    """`USER`, `SYSTEM_USER`, …"""
    user_id: str
    issued_at: datetime | None
    expires_at: datetime | None
    """None: never, or not returned."""
    data_access_expires_at: datetime | None
    scopes: tuple[str, ...]
    granular_scopes: Mapping[str, tuple[str, ...] | None]
    """As `target_ids`, by scope."""
    error_code: int | None
    error_subcode: int | None
    error_message: str
    """Why the token is not valid, in Meta's words and without secrets; empty when it is."""

    def target_ids(self, scope: str) -> tuple[str, ...] | None:
        """The ids that a scope is narrowed to, newest first; None when no narrowing is returned.

        Empty when there is one that cannot be read, so that nobody takes it for none. None says nothing about whether
        the scope was granted: see `scopes`.
        """
        return self.granular_scopes.get(scope)

    @property
    def waba_ids(self) -> tuple[str, ...]:
        """The WABAs granted, newest first; empty means that Graph names none and they have to be listed."""
        return self.target_ids(MANAGEMENT) or ()


def read_token(body: object, redactor: Redactor) -> TokenFacts:
    """The facts about a token from the answer of `debug_token`. Raises `ShapeError`."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("is_valid"), bool):
        raise ShapeError("the answer does not say whether the token is valid")
    trouble = data.get("error")
    trouble = trouble if isinstance(trouble, dict) else {}
    return TokenFacts(
        is_valid=data["is_valid"],
        app_id=text_or_nothing(data.get("app_id")),
        application=text_or_nothing(data.get("application")),
        type=text_or_nothing(data.get("type")),
        user_id=text_or_nothing(data.get("user_id")),
        issued_at=_moment(data.get("issued_at")),
        expires_at=_end(data.get("expires_at")),
        data_access_expires_at=_moment(data.get("data_access_expires_at")),
        scopes=tuple(dict.fromkeys(filter(None, map(text_or_nothing, _items(data.get("scopes")))))),
        granular_scopes=_granular(data.get("granular_scopes")),
        error_code=_number(trouble.get("code")),
        error_subcode=_number(trouble.get("subcode")),
        error_message=redactor.clean(trouble.get("message"), _LONGEST_MESSAGE),
    )


def _granular(raw: object) -> dict[str, tuple[str, ...] | None]:
    """Here nothing is passed over: a narrowing that cannot be read must not look like none."""
    granted: dict[str, tuple[str, ...] | None] = {}
    if raw is not None and not isinstance(raw, list):
        raise ShapeError("the answer does not say what the token is narrowed to")
    for entry in raw or ():
        scope = text_or_nothing(entry.get("scope")) if isinstance(entry, dict) else ""
        if not scope:
            raise ShapeError("the answer does not say what the token is narrowed to")
        given, before = entry.get("target_ids"), granted.get(scope)
        if given is None or given == []:
            granted[scope] = before
        else:
            targets = tuple(filter(is_id, map(text_or_nothing, _items(given))))
            granted[scope] = tuple(dict.fromkeys((before or ()) + targets))
    return granted


def _end(raw: object) -> datetime | None:
    """When a token ends: a time that cannot be read is no "never"."""
    if raw is None or (raw in (0, "0") and raw is not False):
        return None
    try:
        return moment(raw)
    except OddError:
        raise ShapeError("the answer does not say when the token ends") from None


def _items(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else []


def _number(raw: object) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 2**31 else None


def _moment(raw: object) -> datetime | None:
    try:
        return None if raw is None else moment(raw)
    except OddError:
        return None


class Tokens(Asking):
    def exchange_code(self, *, app_id: str, app_secret: str, code: str, meter: Meter | None = None) -> BusinessToken:
        """The customer's business token for the code that the signup's dialog handed over.

        The code lives 30 seconds and works once, so this is sent once: `CodeExpired`, `CodeUsed`, `CodeNotForUs`. After
        an error with `effect_possible` the code may be used up and its token lost, and nothing can bring it back: the
        customer goes through the signup again. `ValueError` when one of the three cannot be what it should be.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-solution-partner
        """
        if not _APP_SECRET.fullmatch(app_secret):
            raise ValueError("An app secret is a word of ASCII characters.")
        if not _WORD.fullmatch(code):
            raise ValueError("A signup's code is a word of ASCII characters.")
        call = Call(
            f"/{self._config.version}/oauth/access_token",
            # The code after another parameter: "&code=" is what cleaners of logs know it by.
            parameters=(("client_id", checked_id(app_id)), ("client_secret", app_secret), ("code", code)),
            secrets=(app_secret, code),
            uses_up_code=True,
        )
        return self.transport.send_once(call, token=None, meter=meter or Meter(), read=read_business_token)

    def debug_token(self, input_token: str, *, token: str, meter: Meter | None = None) -> TokenFacts:
        """What Graph knows about `input_token`; `token` is the app's own (`app id|app secret`) or a system user's."""
        if not _WORD.fullmatch(input_token):
            raise ValueError("A token is a word of ASCII characters.")
        redactor = Redactor((input_token, token, self._config.app_secret))
        call = Call(
            f"/{self._config.version}/debug_token", parameters=(("input_token", input_token),), secrets=(input_token,)
        )
        return self.transport.get(
            call, token=token, meter=meter or Meter(), read=lambda body: read_token(body, redactor)
        )
