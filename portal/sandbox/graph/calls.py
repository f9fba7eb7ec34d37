"""One Graph call on its way: who asks, in which version, with which parameters, and what it was charged to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from portal.sandbox.graph.tokens import Token
from portal.sandbox.graph.usage import Usage
from portal.sandbox.http.messages import Request, Values
from portal.sandbox.world.values import habit
from portal.sandbox.world.world import Node, Number, PreverifiedNumber, Waba, World


@dataclass(slots=True)
class Call:
    """What a handler gets. ``charged`` collects the WABAs whose quota this call counts against.

    Meta counts reads against it, and the actions on a number against limits of their own.
    """

    world: World
    usage: Usage
    request: Request
    version: int
    token: Token
    charged: list[Waba] = field(default_factory=list)

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the call, token included."""
        return self.request.parameters


Handler: TypeAlias = Callable[[Call, Node], object]


def success(number: Number | PreverifiedNumber) -> Values:
    """The reply to an action that is done. Some numbers answer with the text that older replies carried."""
    return {"success": "true" if habit(number, "old success", 12) == 0 else True}
