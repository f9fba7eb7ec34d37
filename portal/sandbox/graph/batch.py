"""``POST /`` with ``batch``: up to fifty calls in one, each answered as if it had come alone.

From Meta's guide on batch requests (developers.facebook.com/docs/graph-api/batch-requests). A call without a token of
its own has the one, and the proof, that came with the batch. Calls that build on each other (``depends_on``,
``{result=…}``) and files are not built, and are refused; so is setting the app's callback in a batch, because its
handshake is made before a request is answered.
"""

import json
import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote, urlencode

from portal.sandbox.graph import errors
from portal.sandbox.http.messages import Reply, Request, Values

MOST = 50
_KNOWN = frozenset({"method", "relative_url", "body", "headers", "name", "omit_response_on_success"})
_VERSION = re.compile(r"v\d{1,2}\.\d(/|$)")
_NO_HANDSHAKE = "Callback verification failed: it is not made for a call in a batch"


def is_batch(request: Request, segments: Sequence[str]) -> bool:
    """Whether this request is a batch."""
    return request.method == "POST" and list(segments) in ([], ["me"]) and "batch" in request.parameters


def answers(request: Request, version: int, token: str, answer: Callable[[Request], Reply]) -> list[Values | None]:
    """The answers to the calls of a batch, in their order. Raises GraphError for what is no batch as a whole."""
    operations = _operations(request)
    with_headers = request.parameters.get("include_headers", "true").lower() not in {"false", "0"}
    found: list[Values | None] = []
    for operation in operations:
        reply = answer(_request(request, operation, version, token))
        if operation.get("omit_response_on_success") is True and reply.status == 200:
            found.append(None)
        else:
            found.append(_shown(reply, with_headers=with_headers))
    return found


def _operations(request: Request) -> list[Values]:
    try:
        found = json.loads(request.parameters["batch"])
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not found or not all(isinstance(each, dict) for each in found):
        raise errors.bad_batch("The batch parameter must be a JSON array of requests")
    if len(found) > MOST:
        raise errors.bad_batch(f"Too many requests in batch message. Maximum batch size is {MOST}")
    for place, each in enumerate(found):
        if not each.keys() <= _KNOWN or "{result=" in json.dumps(each):
            raise errors.bad_batch(f"Request {place} has something that this server does not take in a batch")
        texts = (each.get("relative_url"), each.get("body", ""))
        if each.get("method") not in ("GET", "POST", "DELETE") or not all(isinstance(text, str) for text in texts):
            raise errors.bad_batch(f"Request {place} needs a method and a relative_url, and its body is a text")
    return found


def _request(batch: Request, operation: Values, version: int, token: str) -> Request:
    """One call as it would have come alone."""
    path, _, query = str(operation["relative_url"]).lstrip("/").partition("?")
    path = "/" + unquote(path if _VERSION.match(path) else f"v{version}.0/{path}")
    method, body = str(operation["method"]), str(operation.get("body", "")).encode()
    headers = _headers(operation) | {"host": batch.host}
    if "access_token" not in Request(method, path, query, headers, body).parameters:
        headers["authorization"] = f"Bearer {token}"
        if "appsecret_proof" in batch.parameters:
            query = f"{urlencode({'appsecret_proof': batch.parameters['appsecret_proof']})}&{query}"
    return Request(method, path, query, headers, body, batch.peer, handshake_failure=_NO_HANDSHAKE)


def _headers(operation: Values) -> dict[str, str]:
    given = operation.get("headers", [])
    if not isinstance(given, list):
        return {}
    pairs = [each for each in given if isinstance(each, dict) and each.keys() == {"name", "value"}]
    return {str(each["name"]).lower(): str(each["value"]) for each in pairs}


def _shown(reply: Reply, *, with_headers: bool) -> Values:
    shown: Values = {"code": reply.status}
    if with_headers:
        fields = reply.header_fields(len(reply.encoded()))
        shown["headers"] = [
            {"name": name.decode("latin-1"), "value": value.decode("latin-1")} for name, value in fields
        ]
    return shown | {"body": reply.encoded().decode()}
