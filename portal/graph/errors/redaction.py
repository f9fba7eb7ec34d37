"""Text from outside, made fit for logs and pages: secrets out, control characters out, cut to a length.

Knows what secrets look like; which ones were used in a call the caller says.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MARK = "[redacted]"

_NAMES = "access_token|input_token|appsecret_proof|client_secret|app_secret|fb_exchange_token|verify_token"
# name=value and name%3Dvalue in addresses and forms, "name": "value" in JSON (also in JSON inside a JSON string).
_NAMED = re.compile(rf"((?:{_NAMES})(?:\\*[\"'])?\s*(?:[=:]|%3D)\s*(?:\\*[\"'])?)[^\s&\"'\\,;}}<>]+", re.IGNORECASE)
_BEARER = re.compile(r"\b(Bearer|OAuth)\s+[^\s\"',;<>]{8,}", re.IGNORECASE)
# Meta's user, system user and business tokens begin with EAA; an app token is the app id, a bar and the app secret.
_META_TOKEN = re.compile(r"EAA[0-9A-Za-z]{10,}|\b[0-9]{5,20}(?:\||%7C)[0-9A-Za-z_-]{16,}", re.IGNORECASE)
_URL_QUERY = re.compile(r"(https?:(?:\\?/){2}[^\s?\"'<>]{1,2048})\?[^\s\"'<>]*", re.IGNORECASE)
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_LOOKED_AT = 16_384  # characters the patterns are tried on: far more than is ever shown


class Redactor:
    """Cleans text that came back from a call made with these secrets."""

    __slots__ = ("_secrets",)

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = frozenset(secrets) - {""}

    def clean(self, value: object, limit: int) -> str:
        """The text on one line, without secrets, at most `limit` characters; empty for anything that is not text."""
        if not isinstance(value, str):
            return ""
        text = _UNSHOWABLE.sub(" ", value)
        spelled = {spelling for secret in self._secrets for spelling in _spellings(secret)}
        # The longest first, so that no secret survives as the rest of another one that contains it.
        for secret in sorted(spelled, key=len, reverse=True):
            text = text.replace(secret, MARK)
        text = _URL_QUERY.sub(rf"\1?{MARK}", text[:_LOOKED_AT])
        text = _NAMED.sub(rf"\1{MARK}", text)
        text = _BEARER.sub(rf"\1 {MARK}", text)
        return _META_TOKEN.sub(MARK, text)[:limit].strip()


def _spellings(secret: str) -> Iterator[str]:
    """A secret as it is, and as it stands in addresses, on pages and in JSON (PHP puts a backslash before a slash)."""
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret, safe=",")
    yield html.escape(secret)
    for ascii_only in (True, False):
        in_json = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield in_json
        yield in_json.replace("/", r"\/")
