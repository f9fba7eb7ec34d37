"""`python -m tests.icons` draws the icons of pages anew: all into one file, and a style sheet of where each stands."""

from pathlib import Path

import heroicons

from portal.web.icons import NAMES, TONES

FOLDER = Path("static")
SIZE = 16
_DOT = '<circle cx="8" cy="8" r="2.5"/>'


def made() -> dict[Path, str]:
    """What the two files hold."""
    drawings = {name: _drawing(name) for name in NAMES}
    drawings |= {tone: _drawing(name) if name else _DOT for tone, name in TONES.items()}
    return {FOLDER / "icons.svg": _sprite(drawings), FOLDER / "css" / "icons.css": _sheet(drawings)}


def _drawing(name: str) -> str:
    """What lies inside the library's `svg` element."""
    svg = heroicons._render_icon("micro", name, None, {})
    return " ".join(svg[svg.index(">") + 1 : svg.rindex("</svg>")].split())


def _sprite(drawings: dict[str, str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE * len(drawings)}">'
    groups = [
        f'  <g id="{name}" transform="translate(0 {SIZE * place})">{drawing}</g>'
        for place, (name, drawing) in enumerate(drawings.items())
    ]
    return "\n".join([head, *groups, "</svg>", ""])


def _sheet(drawings: dict[str, str]) -> str:
    head = (
        "/* --- Where each icon stands in icons.svg, by python -m tests.icons; what an icon is, page.css says --- */\n"
    )
    rules = [_rule(name, place) for place, name in enumerate(drawings)]
    return head + "\n".join(rules)


def _rule(name: str, place: int) -> str:
    # A cell of a list is its tone's icon and the words: it has no element for the icon.
    selector = f".icon-{name},\ntd.{name}" if name in TONES else f".icon-{name}"
    return f"{selector} {{\n  --icon: {place};\n}}\n"


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text)
