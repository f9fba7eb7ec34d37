"""The API put together: an address for each resource, for each row, and for each thing that can be done.

Its addresses are named after the resources. No annotation is kept as text here: the library reads them at run time, and
some are made of the lists.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import Header, NinjaAPI, Path, Query

from phones.api import actions
from phones.api.access import TokenAuth, note_read
from phones.api.action_list import ActionList
from phones.api.problems import ProblemError, handle_errors, problem
from phones.api.resources import RESOURCES, Resource
from phones.api.setting_bodies import Body
from phones.choices import ActionKind
from phones.listing import values
from portal.web.keyset import PLACES
from portal.web.listing import DeclaredList

NAMESPACE = "api-v1"
BASE = "/api/v1"
_UNTIL = 30  # digits of an id of Graph's, at most

GraphId = Annotated[str, Path(pattern=f"^[0-9]{{1,{_UNTIL}}}$")]
RowKey = Annotated[str, Path(pattern="^[0-9]{1,18}$")]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Yours, and new for each thing that is to be done: with the same one it is done once.",
    ),
]

api = NinjaAPI(
    title="Numberdesk",
    version="1",
    description="The desk’s lists and actions for other programs.",
    urls_namespace=NAMESPACE,
    auth=TokenAuth(),
    docs_url=None,
    openapi_url=None,
)
handle_errors(api)


def _add_list(resource: Resource) -> None:
    def listed(request: HttpRequest, asked: Any) -> Any:  # noqa: ARG001 - it is checked by being declared
        person = actions.of(request).user
        found = resource.open(request.GET.copy(), person)
        _insist_on_sense(found)
        note_read(request, resource.name)
        path = f"{BASE}/{resource.name}"
        return {
            "data": values.page_of(found),
            "next": _link(found.next, path),
            "previous": _link(found.previous, path),
            "notes": found.notes,
        }

    listed.__annotations__["asked"] = Query[resource.query_model]  # type: ignore[misc, name-defined] # made of the list
    _add(f"/{resource.name}", listed, resource.name, resource.page_model, f"List {resource.name}", resource.about)


def _add_one(resource: Resource) -> None:
    is_of_graph = resource.lookup != "pk"

    def one(request: HttpRequest, id: Any) -> Any:  # noqa: A002 - as the address names it
        note_read(request, resource.name)
        found = resource.one(actions.of(request).user, id)
        if found is None:
            raise Http404
        return found

    one.__annotations__["id"] = GraphId if is_of_graph else RowKey
    what = f"One of the {resource.name}, by its {'Graph id' if is_of_graph else 'id'}."
    _add(
        f"/{resource.name}/{{id}}",
        one,
        f"{resource.name}-one",
        resource.row_model,
        f"Get one of {resource.name}",
        what,
    )


def _add(path: str, view: Callable[..., Any], name: str, model: Any, summary: str, about: str) -> None:
    api.get(path, response=model, operation_id=name, url_name=name, summary=summary, description=about)(view)


def _insist_on_sense(found: DeclaredList[Any]) -> None:
    """Raise ProblemError for a place of another list, by which a program would begin anew for ever.

    And for parameters that the list does not have: leaving out a filter finds too much.
    """
    wrong = [{"where": f"query.{name}", "message": "There is no such parameter."} for name in found.unknown_parameters]
    places = [name for name in PLACES if found.data.get(name)]
    is_counted = hasattr(found, "pages")
    if places and not is_counted and found.cursor is None:
        wrong.append({"where": f"query.{places[0]}", "message": "This is no place of this list with this sort."})
    if wrong:
        detail = "The query asks for what there is not."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, errors=wrong)


def _link(address: Any, path: str) -> str | None:
    """The address of another page, as the API has it; columns are for people."""
    return None if address is None else str(address.setting("columns").setting("based_on").at(path))


for _resource in RESOURCES.values():
    _add_list(_resource)
    if _resource.lookup:
        _add_one(_resource)


# --- What can be done -------------------------------------------------------------------------------------------------


def _add_action(kind: ActionKind, body_model: type[Body]) -> None:
    name = kind.value.replace("_", "-")

    def act(
        request: HttpRequest,
        id: GraphId,  # noqa: A002 - likewise
        idempotency_key: IdempotencyKey,
        body: Any,
    ) -> HttpResponse:
        return _outcome(actions.act_on_number(actions.of(request), id, kind, idempotency_key, body))

    act.__annotations__["body"] = body_model
    about = f"{kind.label}, once. {body_model.__doc__ or ''}".strip()
    _add_post(f"/numbers/{{id}}/{name}", act, f"numbers-{name}", str(kind.label), about)


def _add_post(path: str, view: Callable[..., Any], name: str, summary: str, about: str) -> None:
    done = {200: RESOURCES["actions"].row_model, 202: RESOURCES["actions"].row_model}
    api.post(path, response=done, operation_id=name, url_name=name, summary=summary, description=about)(view)


def _outcome(action: Any) -> HttpResponse:
    return JsonResponse(values.told(ActionList, action), status=actions.insist_on_outcome(action))


def add_number(
    request: HttpRequest,
    id: GraphId,  # noqa: A002 - likewise
    idempotency_key: IdempotencyKey,
    body: actions.AddNumber,
) -> HttpResponse:
    return _outcome(actions.add_number(actions.of(request), id, idempotency_key, body))


def refresh(request: HttpRequest, id: GraphId) -> HttpResponse:  # noqa: A002 - likewise
    return _outcome(actions.refresh(actions.of(request), id))


def start_run(request: HttpRequest, body: actions.StartRun) -> Any:
    run, person = actions.start_run(actions.of(request), body), actions.of(request).user
    return RESOURCES["runs"].one(person, str(run.pk))


for _kind, _body in actions.NUMBER_BODIES.items():
    _add_action(_kind, _body)
_add_post(
    "/wabas/{id}/numbers", add_number, "wabas-add-number", "Add a number", "Add a number to a WABA of a client, once."
)
_add_post(
    "/numbers/{id}/refresh",
    refresh,
    "numbers-refresh",
    "Read a number",
    "Read a number at Meta now, which settles it.",
)
api.post(
    "/runs",
    response=RESOURCES["runs"].row_model,
    operation_id="runs-start",
    url_name="runs-start",
    summary="Start a reading",
    description="Have WABAs read again: the open run that covers them, or a new one.",
)(start_run)


def nothing_here(_request: HttpRequest, path: str) -> HttpResponse:
    """Any other address below the API's."""
    return problem(HTTPStatus.NOT_FOUND, "not-found", f"There is no {BASE}/{path[:100]}.")
