"""One call as it is put to Graph: what reads and writes build, the transport sends, and an error is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Body = Mapping[str, object]
Parameters = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, without its token."""

    path: str
    """With the version, without the query."""
    object_id: str = ""
    fields: tuple[str, ...] = ()
    after: str | None = None
    parameters: Parameters = field(default=(), repr=False)
    """For the query. A DELETE has all it says there: a body means nothing in one (RFC 9110, 9.3.5)."""
    method: str = "GET"
    body: Body = field(default_factory=dict, repr=False)
    """Sent as JSON; nothing is sent when it is empty."""
    file: bytes = field(default=b"", repr=False)
    """A whole file, sent in place of a body, as Meta's uploads want it: from the first byte on, with their headers."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What the call carries besides its token that no text may show, should Meta quote it."""
    shown_as: str = ""
    """What texts say in place of the path, where that holds a secret."""
    prepares: bool = False
    """A POST after which nothing is different that anybody sees, so that a lost answer leaves nothing in doubt."""
    uses_up_code: bool = False
    """A GET that uses up the code it carries and is answered by a token: nothing of its answer is ever shown."""

    @property
    def shown_path(self) -> str:
        """The path as texts may show it."""
        return self.shown_as or self.path

    @property
    def changes(self) -> bool:
        return (self.method != "GET" and not self.prepares) or self.uses_up_code
