"""The login dialog in a browser: the stand-ins for Meta's JavaScript SDK and for the window of Embedded Signup.

Which page is served for which address, who is turned away from it, and what it shows. What a customer's choices come to
is ``signups``. The pages are in ``pages``; how the dialog tells the SDK that it has ended is theirs alone. The dialog
says who it is, so that nobody takes it for Meta's.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from portal.sandbox.http.messages import Reply, Request, Values
from portal.sandbox.signup import signups
from portal.sandbox.world import pool
from portal.sandbox.world.values import MISSING, waba_value
from portal.sandbox.world.world import PreverifiedNumber, Waba, World

_PAGES = Path(__file__).parent / "pages"
_FILES = {"/dialog/dialog.js": "dialog.js", "/dialog/dialog.css": "dialog.css"}
_SDK = re.compile("/[a-z]{2}_[A-Z]{2}/sdk[.]js")
_ORIGIN = re.compile("https?://[^/?#@ ]+")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "application/javascript; charset=utf-8",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", _POLICY)]
# Meta's own snippet loads the SDK with crossorigin="anonymous".
_FOR_OTHER_PAGES = [("Access-Control-Allow-Origin", "*"), ("Cross-Origin-Resource-Policy", "cross-origin")]
# Where a customer begins when the page asked for one of the special flows.
_FEATURES = {"whatsapp_business_app_onboarding": "coexistence", "only_waba_sharing": "only_waba"}


class TurnedAwayError(Exception):
    """The dialog does not open; says why."""


@dataclass(frozen=True, slots=True)
class _Prefill:
    """What the page that opened the dialog has filled in for the customer; empty and None where it has not."""

    business_id: str = ""
    business_name: str = ""
    waba_id: str = ""
    display_name: str = ""
    entry: PreverifiedNumber | None = None
    outcome: str = "finish"


def answer(world: World, request: Request) -> Reply | None:
    """The reply to a request for one of the pages; None for one that is none of theirs."""
    if request.path == "/dialog/finish" and request.method == "POST":
        return _finish(world, request)
    if request.method not in {"GET", "HEAD"}:
        return None
    if request.path == "/dialog/oauth":
        return _open(world, request.parameters)
    name = "sdk.js" if _SDK.fullmatch(request.path) else _FILES.get(request.path)
    if name is None:
        return None
    reply = _page(name, (_PAGES / name).read_text(encoding="utf-8"))
    if name == "sdk.js":
        reply.headers += _FOR_OTHER_PAGES
    return reply


def _open(world: World, query: Mapping[str, str]) -> Reply:
    try:
        extras = _checked_extras(world, query)
    except TurnedAwayError as error:
        return _page("refused.html", _filled("refused.html", {"reason": escape(str(error))}), status=400)
    prefill = _prefill(world, extras)
    values = _choices(world, prefill) | _prefilled(prefill) | {"origin": escape(query.get("origin", ""))}
    return _page("dialog.html", _filled("dialog.html", values))


def _finish(world: World, request: Request) -> Reply:
    """Carry out what was chosen on the dialog's own page, and tell that page what to say to whom."""
    if request.headers.get("origin", "").partition("://")[2] != request.host:
        return Reply(403, {"error": "Only the dialog itself may finish a signup"})
    try:
        ending = signups.carry_out(world, signups.Choices.read(request.json()))
    except ValueError as error:
        return Reply(400, {"error": str(error)})
    told: Values = {"message": ending.message, "code": ending.code, "calls_back": ending.calls_back}
    return Reply(200, told, [("Cache-Control", "no-store")])


def _checked_extras(world: World, query: Mapping[str, str]) -> Values:
    """The ``extras`` of a dialog that may open. Raises TurnedAwayError with a sentence."""
    known = world.credentials
    if query.get("app_id") != known.app_id:
        raise TurnedAwayError("There is no app with this app_id.")
    if query.get("config_id") != known.login_config_id:
        raise TurnedAwayError("The app has no login configuration with this config_id.")
    if query.get("response_type") != "code" or query.get("override_default_response_type") != "true":
        raise TurnedAwayError('The dialog needs response_type "code" and override_default_response_type true.')
    if not _ORIGIN.fullmatch(query.get("origin", "http://anybody")):
        raise TurnedAwayError("The dialog does not understand where it was opened from.")
    try:
        extras = json.loads(query.get("extras", "{}"))
    except (ValueError, RecursionError):
        extras = None
    if not isinstance(extras, dict):
        raise TurnedAwayError("The extras are no JSON object.")
    return extras


def _prefill(world: World, extras: Values) -> _Prefill:
    """What ``extras`` fills in. A business or a WABA that no customer has is passed over."""
    waba = world.wabas.get(_first(extras, "setup", "whatsAppBusinessAccount", "ids"))
    business_id = _text(extras, "setup", "business", "id") or ("" if waba is None else waba.owner.id)
    return _Prefill(
        business_id if any(each.id == business_id for each in signups.customers(world)) else "",
        _text(extras, "setup", "business", "name"),
        waba.id if waba is not None and waba.owner.id == business_id else "",
        _text(extras, "setup", "phone", "displayName"),
        pool.find(world, _first(extras, "setup", "preVerifiedPhone", "ids")),
        _FEATURES.get(_text(extras, "featureType"), "finish"),
    )


def _found(extras: object, path: tuple[str, ...]) -> object:
    for name in path:
        extras = extras.get(name) if isinstance(extras, dict) else None
    return extras


def _text(extras: Values, *path: str) -> str:
    found = _found(extras, path)
    return found if isinstance(found, str) else ""


def _first(extras: Values, *path: str) -> str:
    """The first text of a list; Meta's dialog looks at no other."""
    found = _found(extras, path)
    return found[0] if isinstance(found, list) and found and isinstance(found[0], str) else ""


def _choices(world: World, prefill: _Prefill) -> dict[str, str]:
    """What there is to choose from, and what is chosen at the start, as HTML."""
    businesses = [(each.id, f"{each.name} ({each.id})", "") for each in signups.customers(world)]
    wabas = [
        (each.id, _waba_label(each), f' data-business="{each.owner.id}"')
        for each in world.wabas.values()
        if each.owner is not world.partner
    ]
    chosen = "preverified" if prefill.entry is not None else "verified"
    checked = {f"{each}_checked": " checked" if each == chosen else "" for each in ("verified", "preverified")}
    return checked | {
        "businesses": _options(businesses, prefill.business_id),
        "wabas": _options(wabas, prefill.waba_id),
        "steps": _options([(step, step, "") for step in signups.STEPS], ""),
        "preverified_disabled": "" if prefill.entry is not None else " disabled",
        "preverified_id": "" if prefill.entry is None else prefill.entry.id,
        "outcome": prefill.outcome,
    }


def _prefilled(prefill: _Prefill) -> dict[str, str]:
    """What was filled in, as HTML."""
    entry = prefill.entry
    offered = "" if entry is None else f"+{entry.phone_number}"
    if entry is not None and entry.code_verification_status != "VERIFIED":
        offered += " (not verified, or no longer: needs a code)"
    return {
        "business_name": escape(prefill.business_name),
        "display_name": escape(prefill.display_name),
        "shown_business_name": escape(prefill.business_name) or "nothing",
        "shown_display_name": escape(prefill.display_name) or "nothing",
        "shown_preverified": escape(offered) or "nothing",
    }


def _waba_label(waba: Waba) -> str:
    name = waba_value(waba, "name")
    shared = "" if waba.relation == "client" else ", not shared with the partner"
    return f"{'WABA' if name is MISSING else name} ({waba.id}{shared})"


def _options(found: list[tuple[str, str, str]], chosen: str) -> str:
    """Options of a select, from the value, the label, and attributes that are HTML already."""
    return "".join(
        f'<option value="{escape(value)}"{more}{" selected" if value == chosen else ""}>{escape(label)}</option>'
        for value, label, more in found
    )


def _filled(name: str, values: Mapping[str, str]) -> str:
    return Template((_PAGES / name).read_text(encoding="utf-8")).substitute(values)


def _page(name: str, text: str, *, status: int = 200) -> Reply:
    headers = [("Content-Type", _TYPES[Path(name).suffix]), *_HEADERS]
    return Reply(status, headers=headers, raw=text.encode(errors="replace"))
