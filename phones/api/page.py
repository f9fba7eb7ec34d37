"""The page on the API for people, and its OpenAPI description as a file for their programs. Both ask for a login."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients import roles
from phones.api.app import BASE
from phones.api.schema import schema
from phones.views.request import DeskRequest

_CURL = """\
curl -H "Authorization: Bearer $TOKEN" \\
  "{address}/numbers?queue=deadline&per_page=200"
"""
_PYTHON = """\
import pathlib, uuid, requests

desk = requests.Session()
desk.headers["Authorization"] = "Bearer " + pathlib.Path("token").read_text().strip()

page = "{base}/numbers?status=CONNECTED"
while page:
    found = desk.get("{desk}" + page).json()
    for number in found["data"]:
        print(number["display_phone_number"], number["quality_rating"])
    page = found["next"]

answer = desk.post(
    "{address}/numbers/106540352242922/register",
    json={{}},
    headers={{"Idempotency-Key": str(uuid.uuid4())}},
)
print(answer.status_code, answer.json())
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the API does, as the page tells it."""

    method: str
    path: str
    summary: str
    about: str
    parameters: list[tuple[str, str]]
    fields: list[tuple[str, str]]


@require_safe
def docs(request: DeskRequest) -> HttpResponse:
    """What the API has, with examples."""
    if roles.role_of(request.user) is None:
        raise PermissionDenied
    described = schema()
    operations = [
        _operation(described, method, path, told)
        for path, methods in described["paths"].items()
        for method, told in methods.items()
    ]
    reads = [one for one in operations if one.method == "GET"]
    places = {"desk": settings.PUBLIC_URL, "base": BASE, "address": f"{settings.PUBLIC_URL}{BASE}"}
    context = {
        "curl": _CURL.format(**places),
        "python": _PYTHON.format(**places),
        "reads": reads,
        "acts": [one for one in operations if one.method != "GET"],
        "most": settings.API_REQUESTS_A_MINUTE,
    }
    return render(request, "api/page.html", context)


@require_safe
def openapi(request: DeskRequest) -> HttpResponse:
    """The description, for tools that make clients of it."""
    if roles.role_of(request.user) is None:
        raise PermissionDenied
    return JsonResponse(schema() | {"servers": [{"url": settings.PUBLIC_URL}]})


def _operation(described: dict[str, Any], method: str, path: str, told: dict[str, Any]) -> Operation:
    parameters = [(one["name"], one.get("description", "")) for one in told.get("parameters", ())]
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = body.get("$ref", "").rpartition("/")[2]
    form = described["components"]["schemas"].get(name, body)
    fields = [(each, _words_of(one)) for each, one in form.get("properties", {}).items()]
    return Operation(method.upper(), path, told["summary"], told.get("description", ""), parameters, fields)


def _words_of(field: dict[str, Any]) -> str:
    """What may stand in one field of a body."""
    told = next((one for one in field.get("anyOf", ()) if one.get("type") != "null"), field)
    values = told.get("enum") or ([told["const"]] if "const" in told else [])
    return ", ".join(map(str, values)) or field.get("description", "") or told.get("pattern", "")
