"""A picture for a business profile: whether Meta takes it, as the head of the file tells. Pure.

Nothing is decoded here: the head has the kind and the size, and what strangers upload meets no decoder of ours.
"""

from dataclasses import dataclass, field

# Source: https://developers.facebook.com/docs/whatsapp/api/settings/profile/photo
# Meta takes 5 MB; the desk's web processes take a whole request of 5 MiB.
MOST_BYTES = 4 * 1024 * 1024
SHORTEST_SIDE = 192
# Longer than any camera's: a small file may claim to be huge.
LONGEST_SIDE = 10_000

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Segments of a JPEG file that say how large it is, and those that consist of their marker alone.
_HAVE_SIZE = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ARE_BARE = frozenset({0x01, *range(0xD0, 0xDA)})
_SCAN = 0xDA


class NotUsableError(ValueError):
    """It can't be a profile picture; the text says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be sent. `content` is the file; it is kept nowhere."""

    media_type: str
    side: int
    content: bytes = field(repr=False)

    @property
    def in_words(self) -> str:
        return f"{self.media_type.removeprefix('image/').upper()}, {self.side} × {self.side}"


def checked(content: bytes) -> Picture:
    """The picture in a file. Raises NotUsableError."""
    if len(content) > MOST_BYTES:
        raise NotUsableError("The file is larger than 4 MB.")
    media_type, size = _head_of(content)
    if size is None:
        raise NotUsableError("This is no PNG or JPEG file that the desk can read.")
    width, height = size
    if width != height:
        raise NotUsableError(f"It is {width} × {height}: cut it to a square, else WhatsApp cuts it as it likes.")
    if not SHORTEST_SIDE <= width <= LONGEST_SIDE:
        raise NotUsableError(f"It is {width} × {height}: {SHORTEST_SIDE} to {LONGEST_SIDE:,} pixels a side are needed.")
    return Picture(media_type, width, content)


def _head_of(content: bytes) -> tuple[str, tuple[int, int] | None]:
    if content.startswith(_PNG):
        return "image/png", _png_size(content)
    return "image/jpeg", _jpeg_size(content) if content.startswith(_JPEG) else None


def _png_size(content: bytes) -> tuple[int, int] | None:
    """The first chunk of a PNG file begins with width and height."""
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    return _number(content, 16, 4), _number(content, 20, 4)


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Goes from segment to segment to the one with the size, which stands before the picture itself."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in _HAVE_SIZE:
            return _number(content, place + 7, 2), _number(content, place + 5, 2)
        if marker == _SCAN:
            return None
        if marker == 0xFF:  # a byte that fills up
            place += 1
        else:
            place += 2 if marker in _ARE_BARE else 2 + _number(content, place + 2, 2)
    return None


def _number(content: bytes, place: int, length: int) -> int:
    return int.from_bytes(content[place : place + length])
