"""The OpenAPI description of the API: what the library says of it, with every problem that any address may answer."""

from functools import cache
from typing import Any

from phones.api.app import BASE, api
from phones.api.problems import CONTENT_TYPE, Problem

_WAIT = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
_OF_ALL = {
    "401": "No token, or none that works.",
    "403": "The token, its person or their role may not do this.",
    "404": "There is no such thing, or not for this person.",
    "422": "The request can’t be understood.",
    "400": "The request is too large, or its body is no JSON.",
    "429": "More requests than the token may make in a minute.",
    "500": "The desk failed.",
    "503": "The database did not answer in time.",
}
_OF_GETS = {"412": "What there is has another ETag than If-Match names."}
_OF_POSTS = {
    "409": "Nothing was sent: a guard refused it, or something else is under way.",
    "422": "The request can’t be understood, its key began something else, or Meta did not do it.",
}


@cache
def schema() -> dict[str, Any]:
    """The description; read, and never changed."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=f"{BASE.strip('/')}/"))
    found["components"]["schemas"] |= _problem_schemas()
    for methods in found["paths"].values():
        for method, operation in methods.items():
            operation["responses"] = {str(status): told for status, told in operation["responses"].items()}
            _add_problems(operation["responses"], _OF_ALL | (_OF_POSTS if method == "post" else {}))
            if method == "get":
                _add_problems(operation["responses"], _OF_GETS)
                _add_etag(operation)
    return found


def _problem_schemas() -> dict[str, Any]:
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    # Each answer names only what it has to say.
    made.pop("required", None)
    made["required"] = ["type", "title", "status"]
    return {**made.pop("$defs"), "Problem": made}


def _add_problems(responses: dict[str, Any], words: dict[str, str]) -> None:
    for status, text in words.items():
        content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses[status] = {"description": text, "content": content}
        if status in {"429", "503"}:
            responses[status]["headers"] = _WAIT


def _add_etag(operation: dict[str, Any]) -> None:
    told = {"ETag": {"description": "Of this answer.", "schema": {"type": "string"}}}
    operation["responses"]["200"]["headers"] = told
    operation["responses"]["304"] = {"description": "Nothing has changed since the answer with this ETag."}
    operation.setdefault("parameters", []).append(
        {
            "in": "header",
            "name": "If-None-Match",
            "required": False,
            "schema": {"type": "string"},
            "description": "The ETag of an earlier answer.",
        }
    )
