"""Whether a delivery comes from Meta: the HMAC over its bytes, and the answer to the handshake. Pure.

Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

import hashlib
import hmac
import re

_SIGNATURE = re.compile(rb"sha256=[0-9a-f]{64}")


def signature_in(header: str) -> bytes | None:
    """What stands in an `X-Hub-Signature-256` header, or None when that can't be a signature.

    WSGI hands headers over as Latin-1 text, so any byte that was sent comes back here as it was.
    """
    try:
        given = header.encode("latin-1")
    except UnicodeEncodeError:
        return None
    return given if _SIGNATURE.fullmatch(given) else None


def is_signed(body: bytes, given: bytes, *, app_secret: str) -> bool:
    """Whether `given` is the signature of exactly these bytes. False without a secret, whatever is given."""
    expected = b"sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest().encode()
    return hmac.compare_digest(expected, given) and bool(app_secret)


def is_verify_token(given: str, *, expected: str) -> bool:
    """Whether a handshake names our verify token. False when we have none."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode()) and bool(expected)
