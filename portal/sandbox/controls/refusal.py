"""What a control under ``/_practice/`` raises when it cannot do what is asked. The controls are elsewhere."""


class WrongUseError(Exception):
    """A control request that cannot be carried out; says why, with the HTTP status to answer."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status
