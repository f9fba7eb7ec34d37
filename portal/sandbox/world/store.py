"""The practice world on disk: a JSON file of what has changed since the book was written.

So ids and changes outlive a restart. The book itself is written anew from its seed and size. The file is replaced
atomically.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from portal.sandbox.http.messages import Values
from portal.sandbox.world import book
from portal.sandbox.world.grants import Grant, Subscription
from portal.sandbox.world.hidden_state import HiddenState
from portal.sandbox.world.world import Business, Callback, Number, PreverifiedNumber, Waba, World

_FORMAT = "numberdesk practice world"


class NotAWorldError(Exception):
    """The file holds something that is no practice world, and must not be overwritten."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a book is written from. A kept world of another seed or size is not taken up again."""

    seed: int
    wabas: int
    numbers: int
    healthy: bool


def load(path: Path | None, size: Size, now: float) -> tuple[World, bool]:
    """The world kept in the file, else a new one that starts ``now`` (Unix seconds); and whether it was kept.

    A world of another seed, size or revision, or one that cannot be made sense of, gives way to a new one. Raises
    :class:`NotAWorldError` when the file is no practice world at all, OSError when it cannot be read.
    """
    kept = _read(path) if path is not None and path.exists() else {}
    if kept.get("size") != asdict(size) or kept.get("revision") != book.REVISION:
        return _new(size, now), False
    try:
        world = _new(size, float(kept["started"]))
        _apply(world, kept)
    except (ValueError, KeyError, TypeError, AttributeError):
        return _new(size, now), False
    world.unsaved = False
    return world, True


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or kept.get("format") != _FORMAT:
        raise NotAWorldError(f"{path} is no practice world: move it away, or name another file")
    return kept


def save(world: World, path: Path, size: Size) -> None:
    """Keep the world in the file. Raises OSError when that fails; the file is then as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8") as file:
        json.dump(_as_json(world, size), file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    world.unsaved = False


def _new(size: Size, started: float) -> World:
    world = World(size.seed, started)
    book.stock(world, wabas=size.wabas, numbers=size.numbers, healthy=size.healthy)
    return world


def _as_json(world: World, size: Size) -> Values:
    numbers = [node for node in world.touched.values() if isinstance(node, Number)]
    wabas = [node for node in world.touched.values() if isinstance(node, Waba)]
    businesses = {waba.owner.id: waba.owner for waba in wabas}
    businesses |= {partner.id: partner for entry in world.pool.values() for partner in entry.partners}
    return {
        "format": _FORMAT,
        "revision": book.REVISION,
        "size": asdict(size),
        "started": world.started,
        "clock_offset": world.clock_offset,
        "newcomers": world.newcomers,
        "drifted": world.drifted,
        "given_numbers": world.numbering.given,
        "given_count": world.numbering.count,
        "token_states": world.token_states,
        "changes": list(world.changes),
        "standings": {number_id: asdict(hidden) for number_id, hidden in world.hidden_states.items()},
        "reviews": world.reviews,
        "approvals": world.approvals,
        "appointments": world.appointments,
        "callback": world.callback and asdict(world.callback),
        "grants": [asdict(grant) for grant in world.grants.values()],
        "subscriptions": {waba_id: each and asdict(each) for waba_id, each in world.subscriptions.items()},
        "businesses": [_business(each) for each in businesses.values()],
        "numbers": [{"id": each.id, "own": each.own, "gone": sorted(each.gone)} for each in numbers],
        "wabas": [_waba(waba) for waba in wabas],
        "pool": [_preverified(entry) for entry in world.pool.values()],
    }


def _business(business: Business) -> Values:
    return {
        "id": business.id,
        "name": business.name,
        "country": business.country,
        "limit": business.limit,
        "verification": business.verification,
    }


def _waba(waba: Waba) -> Values:
    return {
        "id": waba.id,
        "owner": waba.owner.id,
        "created": waba.created,
        "own": waba.own,
        "relation": waba.relation,
        "trouble": waba.trouble,
        "numbers": [number.id for number in waba.numbers],
    }


def _preverified(entry: PreverifiedNumber) -> Values:
    return {
        "id": entry.id,
        "phone_number": entry.phone_number,
        "created": entry.created,
        "code_verification_status": entry.code_verification_status,
        "verified": entry.verified,
        "expires": entry.expires,
        "partners": [partner.id for partner in entry.partners],
    }


def _apply(world: World, kept: dict[str, Any]) -> None:
    world.clock_offset = kept["clock_offset"]
    world.newcomers = kept["newcomers"]
    world.drifted = kept["drifted"]
    world.numbering.given |= kept["given_numbers"]
    world.numbering.count = kept["given_count"]
    world.token_states |= kept["token_states"]
    world.changes.extend(kept["changes"])
    world.hidden_states |= {number_id: HiddenState(**each) for number_id, each in kept["standings"].items()}
    world.reviews |= kept["reviews"]
    world.approvals |= kept["approvals"]
    world.appointments = kept["appointments"]
    if kept["callback"] is not None:
        world.callback = Callback(**kept["callback"] | {"fields": tuple(kept["callback"]["fields"])})
    for each in kept["grants"]:
        world.put_grant(Grant(**each))
    world.subscriptions |= {waba_id: each and Subscription(**each) for waba_id, each in kept["subscriptions"].items()}
    for each in kept["businesses"]:
        known = world.nodes.setdefault(each["id"], Business(**each))
        if isinstance(known, Business):
            known.limit = each["limit"]
    for each in kept["numbers"]:
        number = world.number(each["id"]) or Number(each["id"], {}, {}, ())
        number.own, number.gone = each["own"], frozenset(each["gone"])
        world.nodes[number.id] = world.touched[number.id] = number
    for each in kept["wabas"]:
        _apply_waba(world, each)
    world.pool.clear()
    for each in kept["pool"]:
        _apply_preverified(world, each)


def _apply_preverified(world: World, kept: dict[str, Any]) -> None:
    partners = [world.nodes[each] for each in kept["partners"]]
    entry = PreverifiedNumber(owner=world.partner, **kept | {"partners": partners})
    world.pool[entry.id] = entry


def _apply_waba(world: World, kept: dict[str, Any]) -> None:
    waba = world.wabas.get(kept["id"])
    if waba is None:
        owner = world.nodes[kept["owner"]]
        if not isinstance(owner, Business):
            raise TypeError(kept["owner"])
        waba = Waba(kept["id"], owner, kept["created"], kept["own"], kept["relation"])
        world.put_waba(waba)
    waba.own, waba.relation, waba.trouble = kept["own"], kept["relation"], kept["trouble"]
    world.touched[waba.id] = waba
    for number in list(waba.numbers):
        world.unlist(number, waba)
    for number_id in kept["numbers"]:
        listed = world.number(number_id)
        if listed is None:
            raise ValueError(number_id)
        world.list_on(listed, waba)
