"""One Graph call on its way: who asks, in which version, with which parameters, and what it was charged to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from portal.sandbox.messages import Request
from portal.sandbox.tokens import Token
from portal.sandbox.usage import Usage
from portal.sandbox.world import Node, Waba, World


@dataclass(slots=True)
class Call:
    """What a handler gets. ``charged`` collects the WABAs whose quota this call counts against."""

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
