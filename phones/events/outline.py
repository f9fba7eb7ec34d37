"""What is kept of a delivery that the desk does not know: names and sizes, nothing that anybody wrote. Pure.

Meta adds fields, and some carry conversations of our clients' customers.
"""

_MOST_NAMES = 30
_LONGEST_NAME = 60
_DEEPEST = 6


def outline_of(value: object, *, depth: int = 0) -> object:
    """The shape of `value`: an object's names with what stands under each, a list's length and first element."""
    if value is None:
        return None
    if isinstance(value, str):
        return f"text of {len(value)}"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "number"
    if depth == _DEEPEST:
        return "more"
    if isinstance(value, dict):
        shown = list(value.items())[:_MOST_NAMES]
        outline = {str(name)[:_LONGEST_NAME]: outline_of(inner, depth=depth + 1) for name, inner in shown}
        return outline | ({"…": f"{len(value) - len(shown)} more"} if len(value) > len(shown) else {})
    if isinstance(value, list):
        return {"list of": len(value), "first": outline_of(value[0], depth=depth + 1) if value else None}
    return type(value).__name__
