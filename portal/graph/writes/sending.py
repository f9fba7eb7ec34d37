"""How every write is sent: once, with its secrets named, and done only when the answer says so."""

from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

from portal.graph.calls import Body, Call, Parameters
from portal.graph.http.transport import Transport
from portal.graph.http.usage import Meter
from portal.graph.payloads import ShapeError, identity

Result = TypeVar("Result")

_NOTHING: Mapping[str, str] = {}


class Sending:
    """What the subjects of the writer share: one transport, and the way to send over it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _send(
        self,
        node_id: str,
        edge: str,
        read: Callable[[object], Result],
        token: str,
        meter: Meter | None,
        *,
        body: Body = _NOTHING,
        parameters: Parameters = (),
        secrets: tuple[str, ...] = (),
        method: Literal["POST", "DELETE"] = "POST",
    ) -> Result:
        """What `read` makes of the answer to one change of a node; an empty `edge` is the node itself."""
        call = Call(
            self._transport.path_to(node_id, edge),
            object_id=node_id,
            method=method,
            parameters=parameters,
            body=body,
            secrets=secrets,
        )
        return self._transport.send_once(call, token=token, meter=meter or Meter(), read=read)


def read_success(body: object) -> None:
    """Nothing when the answer says that it is done; `ShapeError` otherwise.

    Source: the guides show `{"success": true}`; older answers and samples carry the text "true".
    """
    said = body.get("success") if isinstance(body, dict) else body
    if said is not True and said != "true":
        raise ShapeError("the answer does not say that it is done")


def read_new_id(body: object) -> str:
    """The id of what was made. Raises `ShapeError`."""
    return identity(body.get("id") if isinstance(body, dict) else None)
