"""What one line of the table of routes can say: who the people are, and who gets what of a route."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.access.world import ALICE, VERA

SIGNED_OUT = frozenset({"nobody", "dora"})
SIGNED_IN = frozenset({"vera", "alice", "tess", "iris", "ada", "root", "steve", "sam"})
LOOKING = SIGNED_IN - {"steve", "sam"}
WORKING = LOOKING - {"vera", "iris"}
SEEING_ALL = LOOKING - {"vera", "alice"}
LEADING = WORKING & SEEING_ALL
AUDITING = SEEING_ALL - {"tess"}
EVERYBODY = SIGNED_OUT | SIGNED_IN
STAFF = frozenset({"ada", "root", "steve"})
"""For whom Django's admin has a page at all."""

OWN = {"alice": ALICE, "vera": VERA}
"""Where the ids of what is theirs begin, of those who have anything of their own."""
# What is its person's and nobody else's, whatever they may see.
OF_PERSONS = {"mail", "session", "passkey", "view"}
# What is its person's, and theirs who manage that person.
OF_MANAGED = {"api_token": LEADING}
# What is the partner's, in one copy, and who sees it.
OF_DESK = {"pool": LOOKING, "channel": LEADING, "person": LEADING, "webhook": LEADING}

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


@dataclass(frozen=True, kw_only=True)
class Route:
    """One line of the table. `thing` is what the address names; `args` its parts, with the things' ids.

    `gets` and `posts` are what those get who may; `others`, what they get by methods that views of Django take besides.
    """

    get: frozenset[str] | None = None
    post: frozenset[str] | None = None
    thing: str = ""
    args: str = ""
    form: str = ""
    gets: int = 200
    posts: int = 302
    others: Mapping[str, int] = field(default_factory=dict)
    is_open: bool = False
    """Asks for no login."""
    away: int = 0
    """What who is signed in gets, of pages that are for others alone."""
    role_first: bool = False
    """Refuses by role before it looks for the thing, which is no client's."""

    def status(self, who: str, method: str, *, is_seen: bool = True) -> int:
        """What `who` gets by `method`; `is_seen`: if what the address names is there for them."""
        if who in SIGNED_OUT and not self.is_open:
            return 302
        if who in SIGNED_IN and self.away:
            return self.away
        looks = method in {"get", "head"}
        may = self.get if looks else self.post if method == "post" else None
        if method == "options" and method in self.others:
            return self.others[method]
        if method in self.others:
            may = self.get or self.post
        if may is None:
            return 302 if looks and not self.is_open else 405
        if self.role_first and who not in may:
            return 403
        if not is_seen:
            return 404
        if who not in may:
            return 403
        return self.others.get(method, self.gets if looks else self.posts)

    def sees(self, who: str, *, is_own: bool) -> bool:
        """Whether who is signed in sees what the address names, where it is there."""
        if self.thing in OF_DESK:
            return who in OF_DESK[self.thing]
        if self.thing in OF_MANAGED:
            return is_own or who in OF_MANAGED[self.thing]
        return not self.thing or is_own or (who in SEEING_ALL and self.thing not in OF_PERSONS)


def shows(thing: str, args: str = "", **more: Any) -> Route:
    """A page about one thing, for whoever sees it."""
    return Route(get=LOOKING, thing=thing, args=args or f"{{{thing}}}", **more)


def does(thing: str, args: str = "", **more: Any) -> Route:
    """A form about one thing that stands on another page, for whoever works on it."""
    return Route(**{"post": WORKING, "thing": thing, "args": args or f"{{{thing}}}", **more})


def asks(thing: str, args: str = "", **more: Any) -> Route:
    """A page with a form about one thing, for whoever works on it."""
    return Route(**{"get": WORKING, "post": WORKING, "thing": thing, "args": args or f"{{{thing}}}", **more})


def files_of(route: str, people: frozenset[str]) -> dict[str, Route]:
    """The files of a list: of all its rows, and of those that are ticked, of which none are."""
    files = {f"{route}-{form}": Route(get=people) for form in ("export", "export-excel")}
    return {**files, f"{route}-chosen": Route(post=people)}
