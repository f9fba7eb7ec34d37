"""Reading what a control request asks for out of its JSON body, and the error of one that cannot be carried out."""

from portal.sandbox.http.messages import Values


class BadRequestError(Exception):
    """A control request that cannot be carried out; says why, with the HTTP status to answer."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def text_in(body: Values, name: str, default: str) -> str:
    """A text, or the default when the body has none. Raises BadRequestError for anything else."""
    value = body.get(name, default)
    if not isinstance(value, str):
        raise BadRequestError(f"{name} is a text")
    return value


def word_in(body: Values, name: str, words: tuple[str, ...]) -> str:
    """One of these words, the first when the body has none. Raises BadRequestError for any other."""
    value = text_in(body, name, words[0])
    if value not in words:
        raise BadRequestError(f"{name} is one of {', '.join(words)}")
    return value


def seconds_in(body: Values, default: float) -> float:
    """``seconds``, or the default when the body has none. Raises BadRequestError when it is no number."""
    value = body.get("seconds", default)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise BadRequestError("seconds is a number")
    return float(value)
