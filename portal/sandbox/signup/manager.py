"""The stand-in for WhatsApp Manager and Business settings: what a client does there, at our WABAs and at another's.

Two-step verification is turned off, a number is deleted, a partner's access is taken away: no API of Meta's does that.
Of deletion Meta says that no paid message may be younger than 30 days; here a registered number counts as one that
sends. The page says who it is, so that nobody takes it for Meta's.
"""

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from portal.sandbox.http.messages import Reply, Request
from portal.sandbox.world.sharing import withdraw
from portal.sandbox.world.values import MISSING, number_value, waba_value
from portal.sandbox.world.world import Number, Waba, World

PATH = "/dialog/manager"
NUMBERS_SHOWN = 60
_PAGE = Path(__file__).parent / "pages" / "manager.html"
_POLICY = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'"
_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", _POLICY),
]


def answer(world: World, request: Request) -> Reply | None:
    """The reply to a request for the page, or to one of its forms; None for any other."""
    if request.path != PATH:
        return None
    waba = world.wabas.get(request.parameters.get("waba", ""))
    if request.method == "POST":
        return _act(world, request, waba)
    return _page(world, waba) if request.method in {"GET", "HEAD"} else None


def _act(world: World, request: Request, waba: Waba | None) -> Reply:
    """Do what a form of the page asks for, and show the WABA with what came of it."""
    if request.headers.get("origin", "").partition("://")[2] != request.host:
        return Reply(403, {"error": "Only the page itself may do this"})
    number = world.number(request.parameters.get("number", ""))
    do = request.parameters.get("do", "")
    if waba is None:
        return Reply(404, {"error": "There is no such WABA"})
    if do == "remove_partner":
        return _page(world, waba, _remove_partner(world, waba))
    if do not in _DONE_TO_NUMBERS or number is None or number not in waba.numbers:
        return Reply(400, {"error": "There is nothing like that to do"})
    return _page(world, waba, _DONE_TO_NUMBERS[do](world, waba, number))


def _turn_two_step_off(world: World, _waba: Waba, number: Number) -> str:
    world.hidden_state(number).pin = None
    world.act(number, "pin_turned_off", {"is_pin_enabled": False})
    return f"Two-step verification of {_shown(number)} is off."


def _delete(world: World, waba: Waba, number: Number) -> str:
    if number_value(number, "platform_type") == "CLOUD_API":
        return f"{_shown(number)} has sent paid messages in the last 30 days and can’t be deleted: deregister it first."
    world.unlist(number, waba)
    world.record("number_removed", waba_id=waba.id, phone_number_id=number.id)
    return f"{_shown(number)} is deleted."


def _remove_partner(world: World, waba: Waba) -> str:
    if waba.relation != "client":
        return "This WABA is not shared with the practice partner."
    withdraw(world, waba)
    world.record("waba_unshared", waba_id=waba.id)
    return "The practice partner has no access any more."


_DONE_TO_NUMBERS: Mapping[str, Callable[[World, Waba, Number], str]] = {
    "two_step_off": _turn_two_step_off,
    "delete": _delete,
}


def _page(world: World, waba: Waba | None, said: str = "") -> Reply:
    values = {
        "said": f'<p role="status"><strong>{escape(said)}</strong></p>' if said else "",
        "title": "All WhatsApp accounts" if waba is None else escape(_name(waba)),
        "body": _list_of(world) if waba is None else _one(waba),
    }
    text = Template(_PAGE.read_text(encoding="utf-8")).substitute(values)
    return Reply(200, headers=[*_HEADERS], raw=text.encode(errors="replace"))


def _list_of(world: World) -> str:
    """Those of other partners first: what moves to us comes from there."""
    wabas = sorted(world.wabas.values(), key=lambda waba: waba.relation != "unshared")
    lines = (
        f'<li><a href="{PATH}?waba={quote(waba.id)}">{escape(_name(waba))}</a> ({waba.id}), '
        f"{len(waba.numbers)} numbers, {_WHOSE[waba.relation]}</li>"
        for waba in wabas
    )
    return f"<ul>{''.join(lines)}</ul>"


_WHOSE = {"unshared": "with another partner", "client": "shared with us", "owned": "our own"}


def _one(waba: Waba) -> str:
    rows = "".join(_row(waba, number) for number in waba.numbers[:NUMBERS_SHOWN])
    remove = _button(waba, "remove_partner", "Remove the practice partner") if waba.relation == "client" else ""
    return (
        f"<p>{waba.id}, {_WHOSE[waba.relation]}. {remove}</p>"
        f"<ul>{rows or '<li>No numbers.</li>'}</ul>"
        f'<p><a href="{PATH}">All WhatsApp accounts</a></p>'
    )


def _row(waba: Waba, number: Number) -> str:
    name, status = number_value(number, "verified_name"), number_value(number, "status")
    facts = [str(each) for each in (name, status) if each is not MISSING and each]
    has_pin = number_value(number, "is_pin_enabled") is True
    off = _button(waba, "two_step_off", "Turn two-step verification off", number) if has_pin else "two-step is off"
    delete = _button(waba, "delete", "Delete", number)
    about = escape(", ".join([_shown(number), *facts]))
    return f'<li id="number-{number.id}"><b>{about}</b> <small>{number.id}</small><br>{off} {delete}</li>'


def _button(waba: Waba, do: str, label: str, number: Number | None = None) -> str:
    chosen = f'<input type="hidden" name="number" value="{number.id}">' if number is not None else ""
    return (
        f'<form method="post" action="{PATH}"><input type="hidden" name="waba" value="{waba.id}">{chosen}'
        f'<button name="do" value="{do}">{escape(label)}</button></form>'
    )


def _name(waba: Waba) -> str:
    name = waba_value(waba, "name")
    return f"WABA {waba.id}" if name is MISSING or not name else str(name)


def _shown(number: Number) -> str:
    return str(number_value(number, "display_phone_number"))
